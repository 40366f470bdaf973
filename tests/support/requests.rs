//! The system as its callers see it: HTTP requests.

use local::samples;
use serde_json::Value;

use crate::{ApiDescription, Response, SentRequest, System, planted::AUTHORIZATION};

impl System {
    /// Posts a body as it is.
    pub async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        self.send(self.http.post(self.url(path)).body(body)).await
    }

    /// Posts a body with an `Idempotency-Key`.
    pub async fn post_with_key(&self, path: &str, body: &Value, key: &str) -> Response {
        self.post_with_keys(path, body, &[key]).await
    }

    /// Posts a body with several headers `Idempotency-Key`.
    pub async fn post_with_keys(&self, path: &str, body: &Value, keys: &[&str]) -> Response {
        let request = self.http.post(self.url(path));
        let request = keys.iter().fold(request, |request, key| request.header("idempotency-key", *key));
        self.send(request.body(body.to_string())).await
    }

    /// Posts a body with these headers, whose values may be any bytes.
    pub async fn post_with_headers(
        &self,
        path: &str,
        headers: &[(&str, &[u8])],
        body: impl Into<reqwest::Body>,
    ) -> Response {
        let request = self.http.post(self.url(path));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request.body(body)).await
    }

    /// Posts a body of this content type.
    pub async fn post_as(&self, content_type: &str, path: &str, body: impl Into<reqwest::Body>) -> Response {
        self.post_with_headers(path, &[("content-type", content_type.as_bytes())], body).await
    }

    /// Posts bytes under a content type that reaches the function as base64.
    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Response {
        let request = self.http.post(self.url(path));
        self.send(request.header("content-type", "application/octet-stream").body(body)).await
    }

    /// Sends a DELETE.
    pub async fn delete(&self, path: &str) -> Response {
        self.send(self.http.delete(self.url(path))).await
    }

    /// Sends a PATCH with a body.
    pub async fn patch(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        self.send(self.http.patch(self.url(path)).body(body)).await
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Response {
        self.send(self.http.get(self.url(path))).await
    }

    /// Sends a HEAD.
    pub async fn head(&self, path: &str) -> Response {
        self.send(self.http.head(self.url(path))).await
    }

    /// Sends a GET with a header.
    pub async fn get_with_header(&self, path: &str, name: &str, value: &str) -> Response {
        self.send(self.http.get(self.url(path)).header(name, value)).await
    }

    /// The metrics for Prometheus.
    pub async fn metrics(&self) -> String {
        self.http.get(self.url("/metrics")).send().await.unwrap().text().await.unwrap()
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Response {
        // An API with an authorizer would refuse it.
        let planted = self.stack.tokens.is_none().then_some(AUTHORIZATION);
        let request =
            planted.into_iter().fold(request, |request, value| request.header("authorization", value));
        let request = request.build().unwrap();
        let sent = SentRequest::from(&request);
        let response = Response::read(self.http.execute(request).await.unwrap()).await;
        ApiDescription::of_the_repository().check(&sent, &response);
        response
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stack.api_url)
    }

    /// Posts a body that must be accepted, and returns the new id.
    pub async fn create(&self, path: &str, body: &Value) -> String {
        let response = self.post(path, body.to_string()).await;
        assert_eq!(response.status, 200, "{response}");
        response.id()
    }

    /// Creates the sample receiver.
    pub async fn create_receiver(&self) -> String {
        self.create("/api/v1/event-receivers", &samples::receiver()).await
    }

    /// Creates receivers that differ from the sample in their versions, which are `0`, `1` and so on.
    pub async fn create_receivers(&self, count: usize) -> Vec<String> {
        let mut ids = Vec::with_capacity(count);
        for version in 0..count {
            let mut body = samples::receiver();
            body["version"] = version.to_string().into();
            ids.push(self.create("/api/v1/event-receivers", &body).await);
        }
        ids
    }

    /// Sends a GET that must succeed, and returns the body.
    pub async fn read(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status, 200, "{path}: {response}");
        response.body
    }

    /// Creates sample events of a receiver.
    pub async fn create_events(&self, receiver: &str, count: usize) -> Vec<String> {
        let mut ids = Vec::with_capacity(count);
        for _ in 0..count {
            ids.push(self.create("/api/v1/events", &samples::event(receiver)).await);
        }
        ids
    }
}

//! The description of the API and the state of the service.

use chrono::{DateTime, Utc};
use xzepr_http::{Api, Bare, IfNoneMatch, NoInput, routes};

use crate::{
    document::Document,
    health::{self, EprStatus, Status, XzeprHealth},
    table_state::{CheckTable, TableState},
};

pub(crate) struct DescribeApi<T> {
    document: Document,
    table: TableState<T>,
    started: DateTime<Utc>,
}

impl<T: CheckTable> DescribeApi<T> {
    pub(crate) fn new(table: T) -> Self {
        Self { document: Document::new(), table: TableState::new(table), started: Utc::now() }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api::new()
            .endpoint(routes::GET_DESCRIPTION, async |known: IfNoneMatch| {
                Ok(self.document.unless_known(&known))
            })
            .endpoint(routes::GET_STATUS, async |_: NoInput| Ok(self.status().await))
            .endpoint(routes::GET_HEALTH, async |_: NoInput| Ok(self.health().await))
            .endpoint(routes::GET_LIVENESS, async |_: NoInput| Ok(Bare::state(true, &health::ALIVE)))
            .endpoint(routes::GET_READINESS, async |_: NoInput| Ok(self.readiness().await))
            .endpoint(routes::GET_SERVICE, async |_: NoInput| Ok(self.service().await))
    }

    async fn status(&self) -> Bare {
        let is_reachable = self.table.is_reachable().await;
        Bare::state(is_reachable, &Status::of(is_reachable))
    }

    async fn health(&self) -> Bare {
        let is_reachable = self.table.is_reachable().await;
        Bare::state(is_reachable, &XzeprHealth::of(is_reachable))
    }

    async fn readiness(&self) -> Bare {
        let is_reachable = self.table.is_reachable().await;
        Bare::state(is_reachable, &health::readiness(is_reachable))
    }

    async fn service(&self) -> Bare {
        let is_reachable = self.table.is_reachable().await;
        Bare::state(is_reachable, &EprStatus::of(is_reachable, self.started, Utc::now()))
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use xzepr_http::testing::{request, respond};
    use xzepr_store::StoreError;
    use xzepr_telemetry::{COMMIT, VERSION};

    use super::*;

    /// Whether the table responds.
    struct Table(bool);

    impl CheckTable for Table {
        async fn check(&self) -> Result<(), StoreError> {
            if self.0 { Ok(()) } else { Err(StoreError::Failed("arn:aws:iam::1:role/secret".to_owned())) }
        }
    }

    /// The response to a GET, without the values that differ from build to build and from run to run.
    async fn get(is_reachable: bool, path: &str) -> String {
        let mut describe_api = DescribeApi::new(Table(is_reachable));
        describe_api.started = "2024-01-15T10:30:00Z".parse().unwrap();
        let response = respond(&describe_api.api(), request("GET", path, "")).await;
        let response = response.replace(VERSION, "VERSION").replace(COMMIT, "COMMIT");
        match response.split_once(r#""uptime":""#) {
            Some((before, after)) => {
                let (seconds, after) = after.split_once("s\"").unwrap();
                assert!(seconds.parse::<u64>().unwrap() > 0);
                format!(r#"{before}"uptime":"SECONDSs"{after}"#)
            }
            None => response,
        }
    }

    #[tokio::test]
    async fn the_status_of_a_service_whose_table_responds() {
        assert_snapshot!(get(true, "/api/v1/status").await, @r#"
        200 OK
        content-type: application/json
        cache-control: no-store
        x-request-id: REQUEST

        {"status":"operational","api_version":"v1","service":"xzepr","version":"VERSION","commit":"COMMIT","components":{"table":"healthy"}}
        "#);
        assert_snapshot!(get(true, "/health").await, @r#"
        200 OK
        content-type: application/json
        cache-control: no-store
        x-request-id: REQUEST

        {"status":"healthy","service":"xzepr","version":"VERSION","components":{"database":"healthy"}}
        "#);
        assert_snapshot!(get(true, "/healthz/liveness").await, @r#"
        200 OK
        content-type: application/json
        cache-control: no-store
        x-request-id: REQUEST

        "{\"alive\":true}"
        "#);
        assert_snapshot!(get(true, "/healthz/readiness").await, @r#"
        200 OK
        content-type: application/json
        cache-control: no-store
        x-request-id: REQUEST

        "{\"ready\":true}"
        "#);
        assert_snapshot!(get(true, "/healthz/status").await, @r#"
        200 OK
        content-type: application/json
        cache-control: no-store
        x-request-id: REQUEST

        {"service":{"name":"xzepr","version":"VERSION","release":"COMMIT"},"uptime":"SECONDSs","debug":false,"health":{"readiness":"{\"ready\":true}","liveness":"{\"alive\":true}"},"start_time":"2024-01-15T10:30:00.000Z","host":"","port":"","metadata":{"verbose":false,"resources":""}}
        "#);
    }

    #[tokio::test]
    async fn a_service_whose_table_does_not_respond_is_alive_and_not_ready() {
        assert_snapshot!(get(false, "/api/v1/status").await, @r#"
        503 Service Unavailable
        content-type: application/json
        cache-control: no-store
        retry-after: 1
        x-request-id: REQUEST

        {"status":"unavailable","api_version":"v1","service":"xzepr","version":"VERSION","commit":"COMMIT","components":{"table":"unhealthy"}}
        "#);
        assert_snapshot!(get(false, "/health").await, @r#"
        503 Service Unavailable
        content-type: application/json
        cache-control: no-store
        retry-after: 1
        x-request-id: REQUEST

        {"status":"unhealthy","service":"xzepr","version":"VERSION","components":{"database":"unhealthy"}}
        "#);
        assert_snapshot!(get(false, "/healthz/liveness").await, @r#"
        200 OK
        content-type: application/json
        cache-control: no-store
        x-request-id: REQUEST

        "{\"alive\":true}"
        "#);
        assert_snapshot!(get(false, "/healthz/readiness").await, @r#"
        503 Service Unavailable
        content-type: application/json
        cache-control: no-store
        retry-after: 1
        x-request-id: REQUEST

        "{\"ready\":false}"
        "#);
        assert_snapshot!(get(false, "/healthz/status").await, @r#"
        503 Service Unavailable
        content-type: application/json
        cache-control: no-store
        retry-after: 1
        x-request-id: REQUEST

        {"service":{"name":"xzepr","version":"VERSION","release":"COMMIT"},"uptime":"SECONDSs","debug":false,"health":{"readiness":"{\"ready\":false}","liveness":"{\"alive\":true}"},"start_time":"2024-01-15T10:30:00.000Z","host":"","port":"","metadata":{"verbose":false,"resources":""}}
        "#);
    }

    #[tokio::test]
    async fn no_response_has_the_text_of_an_error() {
        for path in ["/api/v1/status", "/health", "/healthz/readiness", "/healthz/status"] {
            assert!(!get(false, path).await.contains("arn:"), "{path}");
        }
    }

    #[tokio::test]
    async fn the_document_is_sent_whole_and_not_again_to_a_caller_that_has_it() {
        let describe_api = DescribeApi::new(Table(true));
        let api = describe_api.api();
        let response = respond(&api, request("GET", "/api/v1/openapi.json", "")).await;
        let (head, body) = response.split_once("\n\n").unwrap();
        assert_eq!(body, include_str!("../../../docs/openapi.json"));
        assert!(
            head.starts_with("200 OK\ncontent-type: application/json\ncache-control: max-age=300\netag: \"")
        );
        let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();

        let mut again = request("GET", "/api/v1/openapi.json", "");
        again.headers_mut().insert("if-none-match", tag.parse().unwrap());
        assert_snapshot!(respond(&api, again).await.replace(tag, "TAG"), @r#"
        304 Not Modified
        cache-control: max-age=300
        etag: TAG
        x-request-id: REQUEST
        "#);

        let head = respond(&api, request("HEAD", "/api/v1/openapi.json", "")).await;
        assert_snapshot!(head.replace(tag, "TAG"), @r#"
        200 OK
        content-type: application/json
        cache-control: max-age=300
        etag: TAG
        x-request-id: REQUEST
        "#);
    }

    #[tokio::test]
    async fn a_health_check_takes_no_other_method() {
        let describe_api = DescribeApi::new(Table(true));
        assert_snapshot!(respond(&describe_api.api(), request("POST", "/health", "{}")).await, @r#"
        405 Method Not Allowed
        content-type: application/json
        allow: GET, HEAD
        x-request-id: REQUEST

        {"error":"method_not_allowed","message":"This path takes GET, HEAD requests only.","errors":["This path takes GET, HEAD requests only."]}
        "#);
    }
}

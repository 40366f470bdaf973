//! Whether a request and its response are as the OpenAPI document says.

use reqwest::{Request, header::HeaderMap};
use serde_json::Value;

use super::{ApiDescription, Operation, escaped};
use crate::Response;

/// The headers of a function's responses that the document names where they may be.
const DOCUMENTED: [&str; 5] = ["allow", "cache-control", "etag", "retry-after", "x-request-id"];

/// The headers that tell a CloudEvent in the binary content mode from a plain body.
const OF_A_CLOUDEVENT: [&str; 4] = ["ce-specversion", "ce-id", "ce-source", "ce-type"];

/// A request as it was sent.
#[derive(Debug)]
pub struct SentRequest {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query string's parameters.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl From<&Request> for SentRequest {
    fn from(request: &Request) -> Self {
        let url = request.url();
        Self {
            method: request.method().to_string(),
            path: url.path().to_owned(),
            query: url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            headers: request.headers().clone(),
            body: request.body().and_then(|body| body.as_bytes()).unwrap_or_default().to_vec(),
        }
    }
}

impl SentRequest {
    /// The media type under which the document has the body.
    fn media_type(&self) -> &'static str {
        let content_type = self.headers.get("content-type").map_or(&b""[..], |value| value.as_bytes());
        let content_type = String::from_utf8_lossy(content_type).to_ascii_lowercase();
        match content_type.split(';').next().unwrap_or_default().trim() {
            "application/cloudevents+json" => "application/cloudevents+json",
            "application/cloudevents-batch+json" => "application/cloudevents-batch+json",
            _ if OF_A_CLOUDEVENT.iter().any(|name| self.headers.contains_key(*name)) => "application/*+json",
            _ => "application/json",
        }
    }
}

impl ApiDescription {
    /// Checks that the document allows a request, which the API has accepted.
    pub fn check_request(&self, request: &SentRequest) -> Result<(), String> {
        let operation = self.operation(&request.method, &request.path);
        let operation =
            operation.ok_or_else(|| format!("no operation {} {}", request.method, request.path))?;
        if let Some(schema) = operation.body_schema(request.media_type()) {
            let body = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
            self.validate(&schema, &body)?;
        } else if operation.value().get("requestBody").is_some() {
            return Err(format!("no body {} of {}", request.media_type(), operation.id()));
        }
        for (parameter, pointer) in operation.parameters() {
            let name = parameter["name"].as_str().unwrap();
            let values: Vec<_> = match parameter["in"].as_str() {
                Some("header") => {
                    let values = request.headers.get_all(name).iter();
                    values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
                }
                Some("query") => {
                    let values = request.query.iter().filter(|(own, _)| own == name);
                    // The API reads a space as the plus sign of an offset.
                    let is_time = |name| ["start", "end", "from", "to"].contains(&name);
                    values
                        .map(|(_, value)| if is_time(name) { value.replace(' ', "+") } else { value.clone() })
                        .collect()
                }
                _ => continue,
            };
            if values.is_empty() && parameter["required"] == true {
                return Err(format!("{} has no {name}", operation.id()));
            }
            for value in values {
                self.validate(&format!("{pointer}/schema"), &typed(value, &parameter["schema"]))?;
            }
        }
        Ok(())
    }

    /// Checks that the document has the response to a request. A request that was accepted is checked too.
    ///
    /// # Panics
    ///
    /// If it has not.
    pub fn check(&self, request: &SentRequest, response: &Response) {
        let checked = match self.operation(&request.method, &request.path) {
            Some(operation) => self.check_of_operation(&operation, request, response),
            None if self.has_path(&request.path) && response.status == 405 => {
                self.check_response("/components/responses/MethodNotAllowed", "", response)
            }
            // The authorizer of a route that has all methods comes before the function that knows them.
            None if self.has_path(&request.path) && response.status == 403 => {
                self.check_response("/components/responses/Forbidden", "", response)
            }
            None if response.status == 404 => {
                self.check_response("/components/responses/NotFound", "", response)
            }
            None => Err("the document has no such operation".to_owned()),
        };
        if let Err(fault) = checked {
            panic!("{} {}: {fault}\n{response}", request.method, request.path);
        }
    }

    fn check_of_operation(
        &self,
        operation: &Operation<'_>,
        request: &SentRequest,
        response: &Response,
    ) -> Result<(), String> {
        if [200, 202].contains(&response.status) {
            self.check_request(request)?;
        }
        let pointer = operation.responses().into_iter().find(|(status, ..)| *status == response.status);
        let (.., pointer) = pointer.ok_or_else(|| format!("{} has no such status", operation.id()))?;
        self.check_response(&pointer, &request.method, response)
    }

    fn check_response(&self, pointer: &str, method: &str, response: &Response) -> Result<(), String> {
        let (documented, _) = self.resolve(pointer);
        let headers = documented["headers"].as_object();
        for name in headers.into_iter().flat_map(|headers| headers.keys()) {
            let (header, at) = self.resolve(&format!("{pointer}/headers/{name}"));
            match response.headers.get(&name.to_ascii_lowercase()) {
                Some(value) => self.validate(&format!("{at}/schema"), &Value::from(value.as_str()))?,
                None if header["required"] == true => return Err(format!("the header {name} is missing")),
                None => {}
            }
        }
        let is_documented = |name: &str| {
            headers.is_some_and(|headers| headers.keys().any(|own| own.eq_ignore_ascii_case(name)))
        };
        if let Some(name) =
            DOCUMENTED.into_iter().find(|name| response.headers.contains_key(*name) && !is_documented(name))
        {
            return Err(format!("{pointer} has no header {name}"));
        }
        if documented.get("content").is_none() || method == "HEAD" {
            return if response.is_empty() { Ok(()) } else { Err("there is a body".to_owned()) };
        }
        let content_type = response.headers.get("content-type").map_or("", String::as_str);
        if documented["content"].get(content_type).is_none() {
            return Err(format!("the content type is {content_type:?}"));
        }
        self.validate(&format!("{pointer}/content/{}/schema", escaped(content_type)), &response.body)
    }
}

/// The value of a parameter, as a value of its type if it is one.
fn typed(value: String, schema: &Value) -> Value {
    match schema["type"].as_str() {
        Some("integer") => value.parse::<u64>().map(Value::from).ok(),
        Some("boolean") => value.parse::<bool>().map(Value::from).ok(),
        _ => None,
    }
    .unwrap_or(Value::String(value))
}

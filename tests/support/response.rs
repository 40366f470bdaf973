//! An HTTP response, and its text for snapshots.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

/// Headers that snapshots leave out: those of the connection, and the one that API Gateway adds.
const NOT_OF_THE_FUNCTION: [&str; 4] = ["apigw-requestid", "content-length", "date", "transfer-encoding"];

/// An HTTP response.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body, or null if there is none.
    pub body: Value,
    text: String,
}

impl Response {
    /// Reads the whole response, which must be JSON or empty.
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let text = response.text().await.unwrap();
        let body = match &*text {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}")),
        };
        Self { status, headers, body, text }
    }

    /// The body as it was sent.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is no body.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The id in the response to a request that created or started something.
    ///
    /// # Panics
    ///
    /// If the response has none.
    pub fn id(&self) -> String {
        self.body["data"].as_str().unwrap_or_else(|| panic!("no id: {self}")).to_owned()
    }
}

/// The response as the function wrote it, for snapshots. The request's id is replaced, since it differs from run to run.
impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "HTTP {}", self.status)?;
        for (name, value) in &self.headers {
            match name.as_str() {
                "x-request-id" if !value.is_empty() => writeln!(f, "{name}: [request id]")?,
                name if NOT_OF_THE_FUNCTION.contains(&name) => {}
                _ => writeln!(f, "{name}: {value}")?,
            }
        }
        write!(f, "\n{}", self.text)
    }
}

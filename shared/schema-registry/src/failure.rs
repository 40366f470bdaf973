//! From a failed request to its error.

use std::error::Error;

use schema_registry_converter::{error::SRCError, schema_registry_common::RawError};
use xzepr_telemetry::chain;

use crate::SchemaError;

const CONNECTION: &str =
    "XZEPR_SCHEMA_REGISTRY_URL, XZEPR_SCHEMA_REGISTRY_CA_LOCATION, XZEPR_SCHEMA_REGISTRY_CA_PEM";
const URL: &str = "XZEPR_SCHEMA_REGISTRY_URL";
const CREDENTIALS: &str =
    "XZEPR_SCHEMA_REGISTRY_USERNAME, XZEPR_SCHEMA_REGISTRY_PASSWORD, XZEPR_SCHEMA_REGISTRY_SECRET_ARN";
const MODE: &str = "the registry's mode";

/// The code of Confluent's registry for a write in read-only mode.
const READ_ONLY: u32 = 42205;

/// The crate's words for an error whose body is not a registry's.
const UNPARSED: &str = "couldn't parse schema registry error json";

/// The most characters of the registry's words in an error.
const LONGEST_MESSAGE: usize = 1_000;

/// A failed request.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The response's status, if there was a response.
    status: Option<u16>,
    code: u32,
    /// The registry's words, or the reason why there is no response.
    words: String,
}

impl Failure {
    /// There was no response.
    pub(crate) fn unreachable(reason: &str) -> Self {
        Self { status: None, code: 0, words: reason.to_owned() }
    }

    /// The response to a request that succeeded is not one of a schema registry.
    pub(crate) fn strange_response() -> Self {
        Self { status: Some(200), code: 0, words: "its text is not one of a schema registry".to_owned() }
    }

    /// The registry has no such subject, or the subject has no such schema.
    pub(crate) fn is_absence(&self) -> bool {
        self.status == Some(404)
    }

    pub(crate) fn is_refusal_of_credentials(&self) -> bool {
        self.status == Some(401)
    }

    /// The user may not do this. The user may still do something else.
    pub(crate) fn is_forbidden(&self) -> bool {
        self.status == Some(403)
    }

    /// Whether requests about other subjects would fail as well. A status that may come from the schema alone is not
    /// one of them: it would keep all others waiting.
    pub(crate) fn concerns_every_subject(&self) -> bool {
        matches!(self.status, None | Some(401 | 408 | 429 | 502..=504))
    }

    /// Apicurio Registry has no code for it, and the status 409 of an incompatible schema.
    fn is_read_only(&self) -> bool {
        self.code == READ_ONLY || (self.code == 0 && self.words.contains("read-only mode"))
    }

    pub(crate) fn into_error(self, subject: &str) -> SchemaError {
        let concerns_every_subject = self.concerns_every_subject();
        let words = printable(&self.words);
        let Some(status) = self.status else {
            let fault = format!("cannot be reached: {words}");
            return SchemaError::Unavailable { fault, settings: CONNECTION, concerns_every_subject: true };
        };
        let (fault, settings) = match status {
            _ if self.is_read_only() => ("is in read-only mode".to_owned(), MODE),
            401 => (format!("refuses the credentials: {status}: {words}"), CREDENTIALS),
            403 => (format!("does not permit the subject {subject}: {status}: {words}"), CREDENTIALS),
            ..=399 | 404 | 405 | 408 | 429 | 500.. => (format!("responded with {status}: {words}"), URL),
            _ => return SchemaError::Refused { subject: subject.to_owned(), message: words },
        };
        SchemaError::Unavailable { fault, settings, concerns_every_subject }
    }
}

impl From<SRCError> for Failure {
    fn from(error: SRCError) -> Self {
        let source = error.source();
        if let Some(response) = source.and_then(|source| source.downcast_ref::<RawError>()) {
            let words = if response.message == UNPARSED { "no reason" } else { &response.message };
            return Self { status: status(&error), code: response.error_code, words: words.to_owned() };
        }
        match source.and_then(|source| source.downcast_ref::<reqwest::Error>()) {
            Some(error) if error.is_timeout() => Self::unreachable("no response in time"),
            // The text of a fault in the body could contain a part of the body.
            Some(error) if error.is_decode() => Self::strange_response(),
            // The text of the error itself is only the URL.
            Some(error) => {
                Self::unreachable(&error.source().map_or_else(|| "no connection".to_owned(), chain))
            }
            None => Self::unreachable("no reason"),
        }
    }
}

/// The status, which the crate has only in the text of its error.
fn status(error: &SRCError) -> Option<u16> {
    let (_, status) = error.error.rsplit_once("failed with status ")?;
    status.get(..3)?.parse().ok()
}

/// The text without control characters, which could forge lines of a log, and not longer than [`LONGEST_MESSAGE`].
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_MESSAGE).collect()
}

//! The text of every refusal: the code and the message that a caller reads. The code decides the status.
//!
//! The problems of single fields are worded where they are found: those of a body in `shared/domain`, those of a
//! query string beside the function that reads it.

use serde::Serialize;
use xzepr_domain::{Fault, FaultKind, Rejected};
use xzepr_store::StoreError;

use crate::{ErrorCode, HttpError, MAX_BODY_BYTES, MAX_EVENTS, error_limits::ErrorLimits};

/// The part of a request that a refusal is about.
#[derive(Debug, Clone, Copy)]
struct Subject {
    name: &'static str,
    /// The advice if the registry is not available.
    retry: &'static str,
    limits: ErrorLimits,
}

const BODY: Subject =
    Subject { name: "The body", retry: "send the request again", limits: ErrorLimits::RESPONSE };
const EVENT: Subject =
    Subject { name: "The event", retry: "send this event again", limits: ErrorLimits::ENTRY };

/// The body of a refusal.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorText {
    #[serde(rename = "error")]
    pub(crate) code: ErrorCode,
    message: String,
    /// The first field or parameter with an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    errors: Vec<String>,
    /// The id of the replay that conflicts with the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

impl From<&HttpError> for ErrorText {
    /// The refusal of a request.
    fn from(error: &HttpError) -> Self {
        Self::of(error, BODY)
    }
}

impl ErrorText {
    /// The refusal of one event of a batch.
    pub(crate) fn of_entry(error: &HttpError) -> Self {
        Self::of(error, EVENT)
    }

    fn of(error: &HttpError, subject: Subject) -> Self {
        match error {
            HttpError::NotFound => Self::new(ErrorCode::NotFound, "There is nothing at this path."),
            HttpError::UnknownId(noun) => {
                Self::new(ErrorCode::NotFound, format!("There is no {} with this id.", noun.name()))
            }
            HttpError::MethodNotAllowed { allow } => {
                Self::new(ErrorCode::MethodNotAllowed, format!("This path takes {allow} requests only."))
            }
            HttpError::InvalidParameter { name, rule } | HttpError::UnknownParameter { name, rule } => {
                Self::of_parameter(ErrorCode::InvalidParameter, name, rule)
            }
            HttpError::InvalidCursor { rule } => Self::of_parameter(ErrorCode::InvalidCursor, "cursor", rule),
            HttpError::TooManyReplays => Self::new(
                ErrorCode::TooManyReplays,
                "As many replays run as may run at once: wait for one, or cancel one.",
            ),
            HttpError::ReplayIsRunning(id) => Self::new(
                ErrorCode::ReplayRunning,
                format!("Replay {id} of a part of this range is running: wait for it, or cancel it."),
            )
            .with_data(id),
            HttpError::ReplayHasEnded(id) => {
                Self::new(ErrorCode::ReplayEnded, format!("Replay {id} has ended.")).with_data(id)
            }
            HttpError::BodyTooLarge => Self::new(
                ErrorCode::TooLarge,
                format!("The body must have at most {} KiB.", MAX_BODY_BYTES / 1024),
            ),
            HttpError::TooManyEvents => {
                Self::new(ErrorCode::TooLarge, format!("A batch must have at most {MAX_EVENTS} events."))
            }
            HttpError::UnsupportedMediaType => Self::new(
                ErrorCode::UnsupportedMediaType,
                "A CloudEvent is sent as application/cloudevents+json, and a batch of them as \
                 application/cloudevents-batch+json, both in UTF-8.",
            ),
            HttpError::TooManySchemas => Self::new(
                ErrorCode::Unavailable,
                "The batch has events of too many receivers whose schemas are not in memory yet; send the event again.",
            ),
            HttpError::NotUtf8 => Self::new(ErrorCode::InvalidJson, "The body is not UTF-8."),
            HttpError::InvalidJson(invalid) => Self::new(
                ErrorCode::InvalidJson,
                // For a body that is one string, the text of serde_json has the whole string.
                format!(
                    "{} is not valid JSON: {}.",
                    subject.name,
                    subject.limits.shorten(&invalid.to_string())
                ),
            ),
            HttpError::InvalidIdempotencyKey(invalid) => {
                Self::new(ErrorCode::InvalidIdempotencyKey, format!("The header Idempotency-Key {invalid}."))
            }
            HttpError::UnidentifiedCaller => Self::new(
                ErrorCode::InvalidIdempotencyKey,
                "The header Idempotency-Key cannot be used: the API's authorizer does not tell callers apart (it \
                 must give a JWT's iss and sub, a principalId, or an IAM identity).",
            ),
            HttpError::UnidentifiedSender => Self::new(
                ErrorCode::InvalidIdempotencyKey,
                "A CloudEvent's source and id cannot be its idempotency key: the API's authorizer does not tell \
                 callers apart (it must give a JWT's iss and sub, a principalId, or an IAM identity).",
            ),
            HttpError::CloudEventReused => Self::new(
                ErrorCode::IdempotencyKeyReused,
                "A CloudEvent with this source and id had another content before: a new event takes a new id.",
            ),
            HttpError::Store(StoreError::KeyReused) => Self::new(
                ErrorCode::IdempotencyKeyReused,
                "The header Idempotency-Key was sent with another request before: a new request takes a new key.",
            ),
            HttpError::Store(StoreError::ArtifactFull) => Self::new(
                ErrorCode::ArtifactHasTooManyReceivers,
                "This artifact has events of too many event receivers; use another version or release.",
            ),
            HttpError::Rejected(rejected) => Self::faults(rejected, subject),
            HttpError::TimedOut { .. } | HttpError::Store(StoreError::Unavailable(_)) => Self::new(
                ErrorCode::Unavailable,
                format!("The registry is not available at the moment; {}.", subject.retry),
            ),
            HttpError::Store(StoreError::Failed(_) | StoreError::InvalidItem(_)) => Self::new(
                ErrorCode::InternalError,
                "The registry failed; its operator finds the cause in the log under the request id.",
            ),
        }
    }

    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, field: None, errors: vec![message.clone()], message, data: None }
    }

    fn with_data(self, id: &str) -> Self {
        Self { data: Some(id.to_owned()), ..self }
    }

    fn of_parameter(code: ErrorCode, name: &str, rule: &str) -> Self {
        let limits = ErrorLimits::RESPONSE;
        let error = limits.shorten(&format!("{name}: {rule}"));
        Self {
            code,
            message: format!("The query string has a fault: {error}."),
            field: Some(limits.shorten(name)),
            errors: vec![error],
            data: None,
        }
    }

    /// All faults of a body or of an event. The first one decides the code and the field.
    fn faults(Rejected { faults }: &Rejected, Subject { name, limits, .. }: Subject) -> Self {
        let first = faults.first();
        let code = match first.map(|fault| fault.kind) {
            Some(FaultKind::TooLarge) => ErrorCode::TooLarge,
            Some(FaultKind::UnknownReceiver) => ErrorCode::UnknownReceiver,
            Some(FaultKind::InvalidSchema) => ErrorCode::InvalidSchema,
            Some(FaultKind::PayloadMismatch) => ErrorCode::PayloadMismatch,
            Some(FaultKind::PayloadTooComplex) => ErrorCode::PayloadTooComplex,
            Some(FaultKind::InvalidField) | None => ErrorCode::InvalidField,
        };
        let errors = limits.limit(faults.iter().map(Fault::to_string));
        let message = match (errors.first(), faults.len()) {
            (Some(error), 1) => format!("{name} has a fault: {error}."),
            (Some(error), count) => format!("{name} has {count} faults, the first: {error}."),
            (None, _) => format!("{name} has a fault."),
        };
        Self { code, message, field: first.map(|fault| fault.field.to_owned()), errors, data: None }
    }
}

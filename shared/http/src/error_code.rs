//! The codes of refusals, and the status of each.

use lambda_http::http::StatusCode;
use serde::{Serialize, Serializer};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident;)*) => {
        /// The reason for a refusal, as a program reads it: the member `error` of a response.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The text in the response.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The status of a response with this code.
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)*
                }
            }
        }
    };
}

error_codes! {
    /// The body is not one unambiguous JSON object, or a batch is not one array.
    InvalidJson = "invalid_json", BAD_REQUEST;
    /// A member is missing or breaks its rule.
    InvalidField = "invalid_field", BAD_REQUEST;
    /// A receiver does not exist.
    UnknownReceiver = "unknown_receiver", BAD_REQUEST;
    /// The schema does not compile, or the receiver's schema is not accepted any more.
    InvalidSchema = "invalid_schema", BAD_REQUEST;
    /// The payload does not match the receiver's schema.
    PayloadMismatch = "payload_mismatch", BAD_REQUEST;
    /// The check of the payload needs too many steps.
    PayloadTooComplex = "payload_too_complex", BAD_REQUEST;
    /// The key is malformed, or its caller is not identified.
    InvalidIdempotencyKey = "invalid_idempotency_key", BAD_REQUEST;
    /// A parameter of the query string is missing, unknown or wrong.
    InvalidParameter = "invalid_parameter", BAD_REQUEST;
    /// The cursor is altered, of another version, or of a list with other filters.
    InvalidCursor = "invalid_cursor", BAD_REQUEST;
    /// No route has the path, or nothing has the id.
    NotFound = "not_found", NOT_FOUND;
    /// The path has no such method.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED;
    /// Another replay of an overlapping range runs.
    ReplayRunning = "replay_running", CONFLICT;
    /// The replay has ended, so it cannot be cancelled.
    ReplayEnded = "replay_ended", CONFLICT;
    /// As many replays run as may run at once.
    TooManyReplays = "too_many_replays", CONFLICT;
    /// The body, the payload, the schema or the number of events is over its limit.
    TooLarge = "too_large", PAYLOAD_TOO_LARGE;
    /// The body is a CloudEvent in another format than JSON in UTF-8.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    /// The key was sent before with another request.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY;
    /// The artifact has events of as many event receivers as one item can hold.
    ArtifactHasTooManyReceivers = "artifact_has_too_many_receivers", UNPROCESSABLE_ENTITY;
    /// This side failed.
    InternalError = "internal_error", INTERNAL_SERVER_ERROR;
    /// The table throttles or does not respond.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE;
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

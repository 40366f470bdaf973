//! Events, event receivers and event receiver groups, and the rules for accepting one.
//!
//! Everything here is pure. A request body becomes a `…Request`, which collects all faults of the body. A request
//! without a fault becomes an [`Event`], an [`EventReceiver`] or an [`EventReceiverGroup`], and each of those is valid.

mod artifact;
mod attributes;
mod caller;
mod cloud_event;
mod created_by;
mod event;
mod event_kind;
mod event_receiver;
mod event_receiver_group;
mod event_request;
mod event_summary;
mod fault;
mod fingerprint;
pub mod gate;
mod group_change;
mod id;
mod id_range;
mod idempotency;
mod position;
mod replay;
mod request_reader;
mod system_event;
mod text;
mod time;
mod time_range;

pub use artifact::Artifact;
pub use attributes::{
    Attributes, ContentType, DataSchema, EventTime, InvalidContentType, InvalidDataSchema, InvalidEventTime,
    InvalidTraceparent, Subject, Traceparent,
};
pub use caller::Caller;
pub use cloud_event::{CloudEventId, InvalidSource, Source};
pub use created_by::CreatedBy;
pub use event::{Event, MAX_PAYLOAD_BYTES};
pub use event_kind::EventKind;
pub use event_receiver::{EventReceiver, EventReceiverRequest, MAX_SCHEMA_BYTES};
pub use event_receiver_group::{EventReceiverGroup, EventReceiverGroupRequest, MAX_EVENT_RECEIVER_IDS};
pub use event_request::EventRequest;
pub use event_summary::EventSummary;
pub use fault::{Fault, FaultKind, Rejected};
pub use fingerprint::{Fingerprint, Identity, InvalidFingerprint};
pub use group_change::GroupChange;
pub use id::{EventId, GroupId, InvalidId, ReceiverId, ReplayId};
pub use id_range::{IdRange, Order};
pub use idempotency::{Idempotency, IdempotencyKey, InvalidIdempotencyKey};
pub use position::Position;
pub use replay::{Replay, ReplayCounts, ReplayFilter, ReplayState, ReplayTarget};
pub use text::{Description, InvalidText, ShortText};
pub use time::{InvalidTime, parse_time};
pub use time_range::{Bound, InvalidTimeRange, TimeRange};
pub use xzepr_json::{InvalidJson, JsonText, split_array};
pub use xzepr_json_schema::{Budget, Schema, SchemaError};

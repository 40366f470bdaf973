//! The fields of the requests that the embedded Kafka accepts, in the versions that it accepts.
//!
//! <https://github.com/apache/kafka/tree/4.1.0/clients/src/main/resources/common/message>

use kafka_protocol::messages::ApiKey;

/// A field, and the versions that have it.
pub(super) struct Field {
    pub(super) kind: Kind,
    pub(super) since: i16,
    pub(super) until: i16,
}

/// How a field is written.
pub(super) enum Kind {
    /// This number of bytes.
    Fixed(usize),
    Text,
    NullableText,
    Bytes,
    Int32s,
    /// Structures with these fields.
    Array(&'static [Field]),
    NullableArray(&'static [Field]),
    NonEmptyArray(&'static [Field]),
}

/// A request's fields.
pub(super) struct Request {
    /// The first version with compact lengths and tagged fields.
    ///
    /// <https://cwiki.apache.org/confluence/display/KAFKA/KIP-482%3A+The+Kafka+Protocol+should+Support+Optional+Tagged+Fields>
    pub(super) flexible_since: i16,
    pub(super) fields: &'static [Field],
}

const NEVER: i16 = i16::MAX;

/// The fields of a request, or `None` for one that is not accepted.
pub(super) fn of(api_key: i16) -> Option<&'static Request> {
    REQUESTS.iter().find(|(key, _)| *key as i16 == api_key).map(|(_, request)| request)
}

const fn always(kind: Kind) -> Field {
    since(0, kind)
}

const fn since(since: i16, kind: Kind) -> Field {
    between(since, NEVER, kind)
}

const fn until(until: i16, kind: Kind) -> Field {
    between(0, until, kind)
}

const fn between(since: i16, until: i16, kind: Kind) -> Field {
    Field { kind, since, until }
}

const TEXT: Field = always(Kind::Text);
const INT8: Kind = Kind::Fixed(1);
const INT16: Kind = Kind::Fixed(2);
const INT32: Kind = Kind::Fixed(4);
const INT64: Kind = Kind::Fixed(8);
const UUID: Kind = Kind::Fixed(16);

static REQUESTS: [(ApiKey, Request); 13] = [
    (ApiKey::Produce, Request { flexible_since: 9, fields: PRODUCE }),
    (ApiKey::Fetch, Request { flexible_since: 12, fields: FETCH }),
    (ApiKey::ListOffsets, Request { flexible_since: 6, fields: LIST_OFFSETS }),
    (ApiKey::Metadata, Request { flexible_since: 9, fields: METADATA }),
    (ApiKey::OffsetCommit, Request { flexible_since: 8, fields: OFFSET_COMMIT }),
    (ApiKey::OffsetFetch, Request { flexible_since: 6, fields: OFFSET_FETCH }),
    (ApiKey::FindCoordinator, Request { flexible_since: 3, fields: &[TEXT, since(1, INT8)] }),
    (ApiKey::JoinGroup, Request { flexible_since: NEVER, fields: JOIN_GROUP }),
    (ApiKey::Heartbeat, Request { flexible_since: 4, fields: HEARTBEAT }),
    (ApiKey::LeaveGroup, Request { flexible_since: NEVER, fields: &[TEXT, TEXT] }),
    (ApiKey::SyncGroup, Request { flexible_since: NEVER, fields: SYNC_GROUP }),
    (ApiKey::CreateTopics, Request { flexible_since: 5, fields: CREATE_TOPICS }),
    (ApiKey::InitProducerId, Request { flexible_since: 2, fields: INIT_PRODUCER_ID }),
];

const PRODUCE: &[Field] = &[
    since(3, Kind::NullableText),
    always(INT16),
    always(INT32),
    always(Kind::Array(&[TEXT, always(Kind::Array(&[always(INT32), always(Kind::Bytes)]))])),
];

const FETCH: &[Field] = &[
    until(14, INT32),
    always(INT32),
    always(INT32),
    since(3, INT32),
    since(4, INT8),
    since(7, INT32),
    since(7, INT32),
    always(Kind::Array(&[
        until(12, Kind::Text),
        since(13, UUID),
        always(Kind::Array(&[
            always(INT32),
            since(9, INT32),
            always(INT64),
            since(12, INT32),
            since(5, INT64),
            always(INT32),
        ])),
    ])),
    since(7, Kind::Array(&[until(12, Kind::Text), since(13, UUID), always(Kind::Int32s)])),
    since(11, Kind::Text),
];

const LIST_OFFSETS: &[Field] = &[
    always(INT32),
    since(2, INT8),
    always(Kind::Array(&[
        TEXT,
        always(Kind::Array(&[always(INT32), since(4, INT32), always(INT64), until(0, INT32)])),
    ])),
];

const METADATA: &[Field] = &[
    always(Kind::NullableArray(&[since(10, UUID), always(Kind::NullableText)])),
    since(4, INT8),
    between(8, 10, INT8),
    since(8, INT8),
];

const OFFSET_COMMIT: &[Field] = &[
    TEXT,
    since(1, INT32),
    since(1, Kind::Text),
    since(7, Kind::NullableText),
    between(2, 4, INT64),
    always(Kind::Array(&[
        TEXT,
        always(Kind::Array(&[
            always(INT32),
            always(INT64),
            since(6, INT32),
            between(1, 1, INT64),
            always(Kind::NullableText),
        ])),
    ])),
];

const OFFSET_FETCH: &[Field] = &[TEXT, always(Kind::NullableArray(&[TEXT, always(Kind::Int32s)]))];

const JOIN_GROUP: &[Field] = &[
    TEXT,
    always(INT32),
    since(1, INT32),
    TEXT,
    since(5, Kind::NullableText),
    TEXT,
    // A member without a protocol is one that Kafka refuses.
    always(Kind::NonEmptyArray(NAMED_BYTES)),
];

const HEARTBEAT: &[Field] = &[TEXT, always(INT32), TEXT, since(3, Kind::NullableText)];

const SYNC_GROUP: &[Field] =
    &[TEXT, always(INT32), TEXT, since(3, Kind::NullableText), always(Kind::Array(NAMED_BYTES))];

const CREATE_TOPICS: &[Field] = &[
    always(Kind::Array(&[
        TEXT,
        always(INT32),
        always(INT16),
        always(Kind::Array(&[always(INT32), always(Kind::Int32s)])),
        always(Kind::Array(&[TEXT, always(Kind::NullableText)])),
    ])),
    always(INT32),
    since(1, INT8),
];

const INIT_PRODUCER_ID: &[Field] =
    &[always(Kind::NullableText), always(INT32), since(3, INT64), since(3, INT16)];

const NAMED_BYTES: &[Field] = &[TEXT, always(Kind::Bytes)];

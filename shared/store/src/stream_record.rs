//! Records of the table's stream, as the event source mapping sends them to a function.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use xzepr_domain::Event;

use crate::{
    event_items::{EventItem, InvalidItem},
    keys::{EVENT_PREFIX, Key},
};

/// One record. Only the image of an inserted event item is parsed.
#[derive(Debug)]
pub struct StreamRecord {
    /// The number that names the record in a batch response; `None` in a record that DynamoDB did not make.
    pub sequence_number: Option<String>,
    /// The item's key; `None` in a record that DynamoDB did not make.
    pub key: Option<Key>,
    /// The time at which the item was written, in whole seconds in AWS; `None` in a record that DynamoDB did not make.
    pub created_at: Option<DateTime<Utc>>,
    /// The kind of the record.
    pub kind: RecordKind,
}

/// The kind of a record.
#[derive(Debug)]
pub enum RecordKind {
    /// A new event, which must be published.
    Event(Box<Event>),
    /// A change that is not published, because it is no insert or belongs to an item of another kind.
    Other,
    /// A record that should contain an event and does not.
    Unknown(UnknownShape),
}

/// The reason why a record or an item is no event, for the log. It contains no value of the item.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UnknownShape(String);

impl UnknownShape {
    /// `reason` must not contain a value of the item.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A record whose image is an `I`.
#[derive(Deserialize)]
#[serde(bound(deserialize = "I: Deserialize<'de>"))]
pub(crate) struct Record<'a, I> {
    #[serde(rename = "eventName")]
    event_name: EventName,
    #[serde(borrow)]
    dynamodb: Change<'a, I>,
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html>
#[derive(PartialEq, Eq, Deserialize)]
enum EventName {
    #[serde(rename = "INSERT")]
    Insert,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "I: Deserialize<'de>"))]
struct Change<'a, I> {
    #[serde(borrow)]
    approximate_creation_date_time: Option<&'a RawValue>,
    sequence_number: Option<String>,
    keys: Keys,
    new_image: Option<I>,
}

#[derive(Deserialize)]
struct Keys {
    pk: Text,
    sk: Text,
}

impl From<Keys> for Key {
    fn from(keys: Keys) -> Self {
        Self { partition: keys.pk.text, sort: keys.sk.text }
    }
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

/// The parts that are read even from a record of unknown shape.
#[derive(Default, Deserialize)]
struct Outline<'a> {
    #[serde(default, borrow)]
    dynamodb: OutlineChange<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct OutlineChange<'a> {
    #[serde(borrow)]
    approximate_creation_date_time: Option<&'a RawValue>,
    sequence_number: Option<String>,
    #[serde(borrow)]
    keys: Option<&'a RawValue>,
}

impl StreamRecord {
    /// Parses one record. A record that cannot be parsed is of the kind [`RecordKind::Unknown`].
    pub(crate) fn parse(raw: &RawValue) -> Self {
        match serde_json::from_str::<Record<'_, &RawValue>>(raw.get()) {
            Ok(record) => record.read(event),
            Err(error) => {
                let outline: Outline<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
                let keys =
                    outline.dynamodb.keys.and_then(|keys| serde_json::from_str::<Keys>(keys.get()).ok());
                Self {
                    sequence_number: outline.dynamodb.sequence_number,
                    key: keys.map(Key::from),
                    created_at: outline.dynamodb.approximate_creation_date_time.and_then(time),
                    kind: RecordKind::Unknown(UnknownShape::new(error.to_string())),
                }
            }
        }
    }
}

impl<I> Record<'_, I> {
    /// The record, with the event that `event` reads from the image.
    pub(crate) fn read(self, event: impl FnOnce(I) -> Result<Event, UnknownShape>) -> StreamRecord {
        let Self { event_name, dynamodb: change } = self;
        // The mapping's filter passes no others. A mapping without the filter must not publish them either.
        let is_new_event = event_name == EventName::Insert && change.keys.pk.text.starts_with(EVENT_PREFIX);
        let kind = match change.new_image {
            _ if !is_new_event => RecordKind::Other,
            None => RecordKind::Unknown(UnknownShape::new("has no NewImage")),
            Some(image) => match event(image) {
                Ok(event) => RecordKind::Event(Box::new(event)),
                Err(shape) => RecordKind::Unknown(shape),
            },
        };
        StreamRecord {
            sequence_number: change.sequence_number,
            key: Some(change.keys.into()),
            created_at: change.approximate_creation_date_time.and_then(time),
            kind,
        }
    }
}

/// A number of seconds since 1970. A text of another shape is no reason to refuse the record.
fn time(seconds: &RawValue) -> Option<DateTime<Utc>> {
    let time = Duration::try_from_secs_f64(seconds.get().parse().ok()?).ok()?;
    DateTime::from_timestamp_millis(i64::try_from(time.as_millis()).ok()?)
}

fn event(image: &RawValue) -> Result<Event, UnknownShape> {
    let image: serde_dynamo::Item =
        serde_json::from_str(image.get()).map_err(|error| UnknownShape::new(error.to_string()))?;
    let item: EventItem =
        serde_dynamo::from_item(image).map_err(|error| UnknownShape::new(error.to_string()))?;
    item.try_into().map_err(UnknownShape::from)
}

impl From<InvalidItem> for UnknownShape {
    fn from(invalid: InvalidItem) -> Self {
        Self::new(invalid.to_string())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_types, reason = "the records of the tests are made with it")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(record: serde_json::Value) -> StreamRecord {
        StreamRecord::parse(&serde_json::value::to_raw_value(&record).unwrap())
    }

    fn record(event_name: &str, pk: &str) -> serde_json::Value {
        let text = |text: &str| serde_json::json!({ "S": text });
        let id = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";
        serde_json::json!({
            "eventName": event_name,
            "dynamodb": {
                "SequenceNumber": "111",
                "Keys": {"pk": text(pk), "sk": text(id)},
                "NewImage": {
                    "pk": text(pk), "sk": text(id), "name": text("n"), "version": text("1"), "release": text("r"),
                    "platform_id": text("p"), "package": text("k"), "description": text("d"),
                    "event_receiver_id": text("01HJ1K2M3N4P5Q6R7S8T9V0W1X"),
                    "success": {"BOOL": true}, "payload": text(r#"{"z": 1.0}"#),
                },
            },
        })
    }

    const EVENT: &str = "EVENT#2023-12-19#Z";

    #[test]
    fn an_inserted_event_item_is_an_event() {
        let record = parse(record("INSERT", EVENT));
        assert_eq!(record.sequence_number.as_deref(), Some("111"));
        let RecordKind::Event(event) = record.kind else { panic!("{:?}", record.kind) };
        assert_eq!(event.id.to_string(), "01HJ1K2M3N4P5Q6R7S8T9V0W1Z");
        assert_eq!(event.payload.as_str(), r#"{"z": 1.0}"#);
    }

    #[test]
    fn the_time_of_a_record_is_read_from_any_number_and_is_no_reason_to_refuse_it() {
        let created_at = |time: serde_json::Value| {
            let mut record = record("INSERT", EVENT);
            record["dynamodb"]["ApproximateCreationDateTime"] = time;
            let record = parse(record);
            assert!(matches!(record.kind, RecordKind::Event(_)), "{record:?}");
            record.created_at.map(|time| time.timestamp_millis())
        };
        assert_eq!(created_at(1_703_008_096.into()), Some(1_703_008_096_000));
        assert_eq!(created_at(1_703_008_096.25.into()), Some(1_703_008_096_250));
        for time in [serde_json::Value::Null, "yesterday".into(), (-1).into(), 1e300.into()] {
            assert_eq!(created_at(time.clone()), None, "{time}");
        }
        let mut broken = record("INSERT", EVENT);
        broken["dynamodb"]["ApproximateCreationDateTime"] = 1_703_008_096.into();
        broken["eventName"] = serde_json::Value::Null;
        assert!(parse(broken).created_at.is_some());
    }

    #[test]
    fn other_changes_are_not_published() {
        for (name, pk) in [("MODIFY", EVENT), ("REMOVE", EVENT), ("INSERT", "RECEIVER#1")] {
            assert!(matches!(parse(record(name, pk)).kind, RecordKind::Other), "{name} {pk}");
        }
    }

    #[test]
    fn an_event_item_that_is_no_event_is_of_unknown_shape_and_keeps_its_key() {
        let breakages: [fn(&mut serde_json::Value); 7] = [
            // The key of an event with another id, and the key in lower case.
            |record| record["dynamodb"]["NewImage"]["sk"]["S"] = "01HJ1K2M3N4P5Q6R7S8T9V0W1Y".into(),
            |record| record["dynamodb"]["NewImage"]["sk"]["S"] = "01hj1k2m3n4p5q6r7s8t9v0w1z".into(),
            |record| record["dynamodb"]["NewImage"] = serde_json::Value::Null,
            |record| record["dynamodb"]["NewImage"]["payload"]["S"] = "{".into(),
            |record| record["dynamodb"]["NewImage"]["success"] = serde_json::json!({"S": "true"}),
            |record| record["dynamodb"]["NewImage"]["name"] = serde_json::json!({"S": ""}),
            |record| record["eventName"] = serde_json::Value::Null,
        ];
        for broken in breakages {
            let mut record = record("INSERT", EVENT);
            broken(&mut record);
            let parsed = parse(record);
            assert!(matches!(parsed.kind, RecordKind::Unknown(_)), "{parsed:?}");
            assert_eq!(parsed.key.unwrap().partition, EVENT);
            assert_eq!(parsed.sequence_number.as_deref(), Some("111"));
        }
    }

    #[test]
    fn a_record_of_any_shape_is_parsed() {
        for record in [serde_json::json!(1), serde_json::json!({}), serde_json::json!({"dynamodb": []})] {
            assert!(matches!(parse(record).kind, RecordKind::Unknown(_)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Records in which one member has a value of any type.
        #[test]
        fn a_record_with_any_members_is_parsed_and_only_an_event_item_is_an_event(
            breakage in prop::sample::select(vec![
                "/eventName", "/dynamodb", "/dynamodb/SequenceNumber", "/dynamodb/Keys", "/dynamodb/Keys/pk",
                "/dynamodb/Keys/sk/S", "/dynamodb/NewImage", "/dynamodb/NewImage/pk", "/dynamodb/NewImage/sk",
                "/dynamodb/NewImage/payload", "/dynamodb/NewImage/success", "/dynamodb/NewImage/name/S",
                "/dynamodb/NewImage/event_receiver_id/S",
            ]),
            value in prop::sample::select(vec!["null", "0", "true", "\"\"", "\" \"", "[]", "{}", r#"{"S": 1}"#, r#"{"N": "1"}"#]),
        ) {
            let mut record = record("INSERT", EVENT);
            *record.pointer_mut(breakage).unwrap() = serde_json::from_str(value).unwrap();
            let is_event = matches!(parse(record).kind, RecordKind::Event(_));
            // The sequence number and the key only name the record.
            let may_break = ["/dynamodb/SequenceNumber", "/dynamodb/Keys/sk/S", "/dynamodb/Keys/pk"];
            prop_assert!(!is_event || may_break.contains(&breakage), "{} {}", breakage, value);
        }
    }
}

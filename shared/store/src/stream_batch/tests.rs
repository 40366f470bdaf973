use std::fmt::Write;

use proptest::{collection::vec, prelude::*, sample::select};
use xzepr_domain::{Attributes, CreatedBy, Event, JsonText};
use xzepr_fixtures::{attributes, event, group, group_complete, group_incomplete, receiver};

use super::*;
use crate::{
    created_by::made_by,
    event_items::EventItem,
    keys::Key,
    table::{Item, to_item},
};

/// The members of a JSON object, in their order. A name may be there twice.
type Members = Vec<(String, String)>;

fn object(members: &[(String, String)]) -> String {
    let members = members.iter().map(|(name, value)| format!("{name}:{value}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn members<const COUNT: usize>(members: [(&str, String); COUNT]) -> Members {
    members.into_iter().map(|(name, value)| (format!("{name:?}"), value)).collect()
}

/// A JSON string. Debug would escape other characters than JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// The same with an escape for each character.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for unit in text.encode_utf16() {
        write!(escaped, "\\u{unit:04x}").unwrap();
    }
    format!("\"{escaped}\"")
}

/// The image of an item, as the stream has it.
fn image(item: Item) -> Members {
    let item: serde_dynamo::Item = item.into();
    let mut members: Members = item
        .into_inner()
        .into_iter()
        .map(|(name, value)| (quoted(&name), serde_json::to_string(&value).unwrap()))
        .collect();
    members.sort();
    members
}

fn image_of(event: &Event) -> Members {
    image(to_item(EventItem::from(event)).unwrap())
}

/// The record of a new event, with its parts.
fn record(event: &Event) -> (Members, Members) {
    let Key { partition, sort } = Key::event(event.id);
    let text = |text: &str| format!(r#"{{"S":{}}}"#, quoted(text));
    let change = members([
        ("ApproximateCreationDateTime", "1703008096".to_owned()),
        ("Keys", object(&members([("pk", text(&partition)), ("sk", text(&sort))]))),
        ("NewImage", object(&image_of(event))),
        ("SequenceNumber", quoted("111")),
        ("SizeBytes", "576".to_owned()),
    ]);
    let record = members([
        ("eventID", quoted("08c9")),
        ("eventName", quoted("INSERT")),
        ("awsRegion", quoted("eu-central-1")),
    ]);
    (record, change)
}

fn text_of(record: &[(String, String)], change: &[(String, String)]) -> String {
    let change = ("\"dynamodb\"".to_owned(), object(change));
    object(&[record, &[change]].concat())
}

fn batch(records: &[String]) -> String {
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}

/// The records that both ways read, or the records that one reads alone because the other one declines.
fn agreed(payload: &[u8]) -> Result<bool, TestCaseError> {
    let Some(records) = in_one_pass(payload) else { return Ok(false) };
    let alone = one_by_one(payload);
    prop_assert!(alone.is_ok(), "{:?} is read in one pass alone", String::from_utf8_lossy(payload));
    prop_assert_eq!(format!("{records:?}"), format!("{:?}", alone.unwrap()));
    Ok(true)
}

#[test]
fn the_records_of_all_kinds_of_events_are_read_in_one_pass() {
    let id = event().id;
    let events = [
        event(),
        Event { attributes: attributes(), is_override: true, ..event() },
        Event {
            payload: JsonText::try_from("[\"\\u00e9\", \"é \\\" \\\\ \"]".to_owned()).unwrap(),
            ..event()
        },
        Event::receiver_created(&receiver(), id),
        Event::group_modified(&group(), id),
        group_complete(id),
        group_incomplete(id),
    ];
    let records = events.each_ref().map(|event| {
        let (record, change) = record(event);
        text_of(&record, &change)
    });
    let payload = batch(&records);
    assert!(agreed(payload.as_bytes()).unwrap());
    let read = in_one_pass(payload.as_bytes()).unwrap();
    let read: Vec<_> = read.into_iter().map(|record| record.kind).collect();
    for (kind, event) in read.into_iter().zip(events) {
        let RecordKind::Event(read) = kind else { panic!("{kind:?}") };
        assert_eq!(*read, event);
    }
}

#[test]
fn an_item_with_its_sender_or_with_another_text_is_read_in_one_pass() {
    let sent = made_by(to_item(EventItem::from(&event())).unwrap(), Some(&CreatedBy::principal("alice")));
    let mut other = image_of(&event());
    other.push((quoted("a_later_attribute"), r#"{"S":"\u00e9\n"}"#.to_owned()));
    for image in [image(sent), other] {
        let (record, mut change) = record(&event());
        change[2].1 = object(&image);
        assert!(agreed(batch(&[text_of(&record, &change)]).as_bytes()).unwrap());
    }
}

#[test]
fn a_record_that_cannot_be_read_does_not_fail_the_others() {
    let (record, change) = record(&event());
    let good = text_of(&record, &change);
    for poison in ["7", "null", "{}", r#""text""#, "[]", r#"{"eventName":"INSERT","dynamodb":{"Keys":1}}"#] {
        let payload = batch(&[good.clone(), poison.to_owned(), good.clone()]);
        let read = StreamRecord::parse_batch(payload.as_bytes()).unwrap();
        let is_event: Vec<_> =
            read.iter().map(|record| matches!(record.kind, RecordKind::Event(_))).collect();
        assert_eq!(is_event, [true, false, true], "{poison}");
    }
}

#[test]
fn a_payload_without_a_list_of_records_is_refused() {
    for payload in
        ["", "7", "null", "[]", "{}", r#"{"records":[]}"#, r#"{"Records":null}"#, r#"{"Records":[1}"#]
    {
        assert!(StreamRecord::parse_batch(payload.as_bytes()).is_err(), "{payload}");
    }
    assert!(StreamRecord::parse_batch(br#"{"Records":[]}"#).unwrap().is_empty());
    assert!(StreamRecord::parse_batch(b"{\"Records\":[\"\xff\"]}").is_err());
}

/// The values that attributes and other members get instead of their own.
const ODD_VALUES: [&str; 40] = [
    "null",
    "true",
    "1.50",
    "\"text\"",
    "[]",
    "{}",
    "[\"text\"]",
    "[{\"S\":\"text\"}]",
    "{\"S\":\"\"}",
    "{\"S\":\" \"}",
    " { \"S\" : \"text\" } ",
    "{\"S\":\"\\u0041\\ud83d\\ude00\\n\\/\"}",
    "{\"S\":\"\\ud800\"}",
    "{\"S\":\"\\ude00\\ud83d\"}",
    "{\"S\":\"\\u00\"}",
    "{\"S\":\"\\x\"}",
    "{\"S\":\"a\u{1}b\"}",
    "{\"S\":\"a\nb\"}",
    "{\"S\":\"é\u{7f}\u{85}\"}",
    "{\"S\":\"a\",\"S\":\"b\"}",
    "{\"S\":\"a\",\"N\":\"1\"}",
    "{\"N\":\"1\",\"S\":\"a\"}",
    "{\"\\u0053\":\"a\"}",
    "{\"s\":\"a\"}",
    "{\"S\":1}",
    "{\"S\":null}",
    "{\"S\":[\"a\"]}",
    "{\"S\":{}}",
    "{\"BOOL\":true}",
    "{\"BOOL\":false}",
    "{\"BOOL\":\"true\"}",
    "{\"BOOL\":null}",
    "{\"NULL\":true}",
    "{\"NULL\":false}",
    "{\"N\":\"x\"}",
    "{\"B\":\"!\"}",
    "{\"M\":{\"a\":{\"S\":\"b\"}}}",
    "{\"SS\":[\"a\"]}",
    "{\"$serde_json::private::RawValue\":\"1\"}",
    "01",
];

const NAMES: [&str; 28] = [
    "pk",
    "sk",
    "name",
    "version",
    "release",
    "platform_id",
    "package",
    "description",
    "event_receiver_id",
    "success",
    "payload",
    "type",
    "override",
    "kind",
    "time",
    "subject",
    "dataschema",
    "datacontenttype",
    "traceparent",
    "created_by",
    "unknown",
    "",
    "eventName",
    "dynamodb",
    "Keys",
    "NewImage",
    "SequenceNumber",
    "ApproximateCreationDateTime",
];

/// A change of an object's members.
#[derive(Debug, Clone)]
enum Change {
    /// The member at this place gets another value.
    Value(usize, String),
    /// Another member is put at this place.
    Insert(usize, (String, String)),
    Remove(usize),
    /// Two members change places.
    Swap(usize, usize),
    /// The member's name is written with escapes.
    EscapeName(usize),
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(ODD_VALUES.as_slice()).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| format!(r#"{{"S":{}}}"#, quoted(&text))),
        1 => any::<String>().prop_map(|text| format!(r#"{{"S":{}}}"#, escaped(&text))),
        1 => any::<f64>().prop_map(|number| number.to_string()),
    ]
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let place = || 0..24_usize;
    let name = select(NAMES.as_slice()).prop_map(quoted);
    let change = prop_oneof![
        3 => (place(), value()).prop_map(|(place, value)| Change::Value(place, value)),
        2 => (place(), (name, value())).prop_map(|(place, member)| Change::Insert(place, member)),
        1 => place().prop_map(Change::Remove),
        1 => (place(), place()).prop_map(|(one, other)| Change::Swap(one, other)),
        1 => place().prop_map(Change::EscapeName),
    ];
    vec(change, 0..3)
}

fn apply(members: &mut Members, changes: Vec<Change>) {
    for change in changes {
        let count = members.len();
        match change {
            Change::Insert(place, member) => members.insert(place % (count + 1), member),
            _ if count == 0 => {}
            Change::Value(place, value) => members[place % count].1 = value,
            Change::Remove(place) => drop(members.remove(place % count)),
            Change::Swap(one, other) => members.swap(one % count, other % count),
            Change::EscapeName(place) => {
                let name = &mut members[place % count].0;
                *name = escaped(name.trim_matches('"'));
            }
        }
    }
}

fn an_event() -> impl Strategy<Value = Event> {
    let id = event().id;
    prop_oneof![
        any::<String>()
            .prop_map(|text| Event { payload: JsonText::try_from(quoted(&text)).unwrap(), ..event() }),
        Just(Event { attributes: attributes(), is_override: true, success: false, ..event() }),
        Just(Event { attributes: Attributes::default(), ..Event::receiver_created(&receiver(), id) }),
        Just(group_complete(id)),
    ]
}

prop_compose! {
    /// A record with changes at each level.
    fn a_record()(
        event in an_event(),
        name in select(vec!["\"INSERT\"", "\"INSERT\"", "\"INSERT\"", "\"MODIFY\"", "\"REMOVE\"", "{\"INSERT\":null}", "1"]),
        of_image in changes(),
        of_change in changes(),
        of_record in changes(),
        is_changed in prop::array::uniform3(prop::bool::weighted(0.4)),
    ) -> String {
        let (mut record, mut change) = record(&event);
        record[1].1 = name.to_owned();
        let mut image = image_of(&event);
        if is_changed[0] {
            apply(&mut image, of_image);
        }
        change[2].1 = object(&image);
        if is_changed[1] {
            apply(&mut change, of_change);
        }
        if is_changed[2] {
            apply(&mut record, of_record);
        }
        text_of(&record, &change)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn one_pass_agrees_with_the_reading_of_each_record_or_declines(records in vec(a_record(), 0..3)) {
        agreed(batch(&records).as_bytes())?;
    }

    #[test]
    fn one_pass_agrees_on_a_payload_of_any_shape_or_declines(
        record in a_record(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut payload = batch(&[record]).into_bytes();
        let place = place.index(payload.len());
        if cut { payload.truncate(place) } else { payload[place] = byte }
        agreed(&payload)?;
    }

    #[test]
    fn an_event_with_any_texts_is_read_in_one_pass(event in an_event(), text in "\\PC{1,60}") {
        let event = match text.try_into() {
            Ok(description) => Event { description, ..event },
            Err(_) => event,
        };
        let (record, change) = record(&event);
        prop_assert!(agreed(batch(&[text_of(&record, &change)]).as_bytes())?);
    }
}

//! Valid events, receivers, groups and JSON texts.

use std::{fmt::Debug, ops::Range, str::FromStr};

use proptest::{collection::vec, option, prelude::*, sample::select};
use xzepr_domain::{
    Attributes, Event, EventKind, EventReceiver, EventReceiverGroup, JsonText, ReceiverId, Traceparent,
};
use xzepr_fixtures::{complete_event, incomplete_event};

/// Up to the year 9,774, since the times of RFC 3339 end with the year 9,999.
const ULID: &str = "[0-6][0-9A-HJKMNP-TV-Z]{25}";

/// A text of any characters but control characters, not blank.
pub(crate) fn text(longest: usize) -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..longest).prop_map(|characters| {
        let text: String = characters.into_iter().map(|c| if c.is_control() { 'c' } else { c }).collect();
        if text.trim().is_empty() { "x".to_owned() } else { text }
    })
}

fn short<T: Debug + TryFrom<String, Error: Debug>>() -> impl Strategy<Value = T> {
    prop_oneof![text(20), text(255)].prop_map(|text| T::try_from(text).unwrap())
}

fn id<T: Debug + FromStr<Err: Debug>>() -> impl Strategy<Value = T> {
    ULID.prop_map(|id| id.parse().unwrap())
}

/// A JSON text: scalars, numbers that no double holds, white space, escapes, and up to 100 levels.
pub(crate) fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        select(vec!["null", "true", "false", "0", "-0", "9007199254740993", "1e2", "\"\"", "{}", "[]"])
            .prop_map(str::to_owned),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        text(50).prop_map(|text| serde_json::to_string(&text).unwrap()),
        select(vec![r#""\u00e9\ud83d\ude00\n""#, r#""\/""#, "\"\u{2028}\""]).prop_map(str::to_owned),
    ];
    let tree = scalar.prop_recursive(4, 40, 5, |inner| {
        let space = || select(vec!["", " ", "\n  ", "\t", "\r\n"]);
        prop_oneof![
            (vec(inner.clone(), 1..5), space())
                .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},")))),
            (vec((text(10), inner), 1..5), space()).prop_map(|(members, space)| {
                let member = |(index, (name, value)): (usize, (String, String))| {
                    let name = serde_json::to_string(&format!("{name}{index}")).unwrap();
                    format!("{space}{name}{space}:{value}")
                };
                let members: Vec<_> = members.into_iter().enumerate().map(member).collect();
                format!("{{{}{space}}}", members.join(","))
            }),
        ]
    });
    (tree, prop_oneof![9 => Just(0_usize), 1 => 0..90_usize])
        .prop_map(|(tree, depth)| format!("{}{tree}{}", "[".repeat(depth), "]".repeat(depth)))
}

fn json_text() -> impl Strategy<Value = JsonText> {
    json().prop_map(|json| JsonText::try_from(json).unwrap())
}

fn time() -> impl Strategy<Value = String> {
    let part = |range: Range<u32>| range;
    let fraction = prop_oneof![Just(String::new()), "\\.[0-9]{1,9}"];
    let offset = prop_oneof![Just("Z".to_owned()), "[+-](0[0-9]|1[0-7])[:][0-5][0-9]"];
    (part(1..9999), part(1..13), part(1..29), part(0..24), part(0..60), fraction, offset).prop_map(
        |(year, month, day, hour, minute, fraction, offset)| {
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:59{fraction}{offset}")
        },
    )
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let schemas = ["https://example.com/a?b=c", "urn:example:schema", "http://[::1]:8080/%20"];
    let types = ["application/json", "text/json; charset=utf-8", "application/vnd.example+json"];
    (
        option::of(time()),
        option::of(short()),
        option::of(select(schemas.to_vec()).prop_map(str::to_owned)),
        option::of(select(types.to_vec()).prop_map(str::to_owned)),
        option::of("00-[0-9a-f]{31}1-[0-9a-f]{15}1-0[01]"),
    )
        .prop_map(|(time, subject, dataschema, datacontenttype, traceparent)| Attributes {
            time: time.map(|time| time.try_into().unwrap()),
            subject,
            dataschema: dataschema.map(|schema| schema.try_into().unwrap()),
            datacontenttype: datacontenttype.map(|media_type| media_type.try_into().unwrap()),
            traceparent: traceparent.map(|trace: String| Traceparent::try_from(trace).unwrap()),
        })
}

pub(crate) fn receiver() -> impl Strategy<Value = EventReceiver> {
    let schema =
        prop_oneof![Just("true".to_owned()), json().prop_map(|json| format!("{{\"const\": {json}}}"))];
    (id(), short(), short(), short(), short(), schema).prop_map(
        |(id, name, r#type, version, description, schema)| EventReceiver {
            id,
            name,
            r#type,
            version,
            description,
            schema: schema.try_into().unwrap(),
        },
    )
}

/// A caller's event of this receiver.
fn event_of(receiver: ReceiverId) -> impl Strategy<Value = Event> {
    let texts = (short(), short(), short(), short(), short(), short());
    (id(), texts, any::<bool>(), json_text(), attributes()).prop_map(
        move |(
            id,
            (name, version, release, platform_id, package, description),
            success,
            payload,
            attributes,
        )| {
            Event {
                id,
                kind: EventKind::Event,
                r#type: None,
                name,
                version,
                release,
                platform_id,
                package,
                description,
                event_receiver_id: receiver,
                success,
                is_override: false,
                payload,
                attributes,
            }
        },
    )
}

/// A group with up to five receivers.
pub(crate) fn group() -> impl Strategy<Value = EventReceiverGroup> {
    let ids = prop::collection::btree_set(ULID, 0..5);
    (id(), short(), short(), short(), short(), any::<bool>(), ids).prop_map(
        |(id, name, r#type, version, description, enabled, ids)| EventReceiverGroup {
            id,
            name,
            r#type,
            version,
            description,
            enabled,
            event_receiver_ids: ids.into_iter().map(|id: String| id.parse().unwrap()).collect(),
            repeat: false,
            notify_incomplete: false,
            updated_at: None,
        },
    )
}

/// A caller's event with its receiver.
pub(crate) fn event() -> impl Strategy<Value = (Event, EventReceiver)> {
    receiver().prop_flat_map(|receiver| (event_of(receiver.id), Just(receiver)))
}

/// A group with at least one receiver.
fn gate() -> impl Strategy<Value = EventReceiverGroup> {
    (group(), id()).prop_map(|(mut group, receiver)| {
        if group.event_receiver_ids.is_empty() {
            group.event_receiver_ids.push(receiver);
        }
        group
    })
}

/// The event of a gate that is complete or no longer complete, with its group.
pub(crate) fn gate_event() -> impl Strategy<Value = (Event, EventReceiverGroup)> {
    (id(), gate(), event(), any::<bool>()).prop_map(|(id, group, (of, _), is_complete)| {
        let announce = if is_complete { complete_event } else { incomplete_event };
        (announce(&group, &of, id), group)
    })
}

/// Any event with a receiver: a caller's, that of a created receiver, or that of a group.
pub(crate) fn any_event() -> impl Strategy<Value = (Event, EventReceiver)> {
    let created =
        (id(), receiver()).prop_map(|(id, receiver)| (Event::receiver_created(&receiver, id), receiver));
    let created_group = (id(), group(), receiver())
        .prop_map(|(id, group, receiver)| (Event::group_created(&group, id), receiver));
    let modified = (id(), group(), receiver())
        .prop_map(|(id, group, receiver)| (Event::group_modified(&group, id), receiver));
    let of_gate = (gate_event(), receiver()).prop_map(|((event, _), receiver)| (event, receiver));
    // Boxed, since a strategy is a large value and a test has a stack of 2 MiB.
    prop_oneof![
        4 => event().boxed(),
        1 => created.boxed(),
        1 => created_group.boxed(),
        1 => modified.boxed(),
        2 => of_gate.boxed()
    ]
}

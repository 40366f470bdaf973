//! A body of an event or of a receiver is accepted if each of its members is valid; else each invalid one is named.

use proptest::{prelude::*, sample::Index};
use xzepr_domain::{
    Budget, Description, EventId, EventReceiverRequest, EventRequest, JsonText, ReceiverId, Schema, ShortText,
};

use crate::{
    cases,
    members::{Member, absent, body, fields, flag, of, refused, text, variants},
};

const PAYLOADS: &[&str] = &["{}", "null", r#"[1, {"a": 1.00}]"#, r#""é""#, "1e3"];
const SCHEMAS: &[&str] = &["true", "false", "{}", r#"{ "type" : "object" }"#, r#"{"enum":[]}"#];
const INVALID_SCHEMAS: &[&str] = &["1", "null", "[]", r#"{"type":12}"#, r#"{"$ref":"other.json"}"#];

/// The members of an event, in the order in which their faults are reported.
fn event() -> impl Strategy<Value = Vec<Member>> {
    let texts = ["name", "version", "release", "platform_id", "package"]
        .map(|name| text(name, ShortText::MAX_CHARACTERS));
    let receiver = prop_oneof![
        9 => of("event_receiver_id", true, &[r#""01HJ1K2M3N4P5Q6R7S8T9V0W1X""#]),
        1 => of("event_receiver_id", false, &[r#""01HJ""#, r#""81HJ1K2M3N4P5Q6R7S8T9V0W1X""#, "1", "null"]),
        1 => absent("event_receiver_id", false),
    ];
    let payload = prop_oneof![9 => of("payload", true, PAYLOADS), 1 => absent("payload", false)];
    (texts, text("description", Description::MAX_CHARACTERS), receiver, payload, flag("success")).prop_map(
        |(texts, description, receiver, payload, success)| {
            texts.into_iter().chain([description, receiver, payload, success]).collect()
        },
    )
}

/// The members of a receiver, in the order in which their faults are reported.
fn receiver() -> impl Strategy<Value = Vec<Member>> {
    let schema = prop_oneof![
        9 => of("schema", true, SCHEMAS),
        2 => of("schema", false, INVALID_SCHEMAS),
        1 => absent("schema", false),
    ];
    (
        ["name", "type", "version"].map(|name| text(name, ShortText::MAX_CHARACTERS)),
        text("description", Description::MAX_CHARACTERS),
        schema,
    )
        .prop_map(|(texts, description, schema)| texts.into_iter().chain([description, schema]).collect())
}

/// Members, and the same in any order.
fn shuffled(
    members: impl Strategy<Value = Vec<Member>>,
) -> impl Strategy<Value = (Vec<Member>, Vec<Member>)> {
    members.prop_flat_map(|members| (Just(members.clone()), Just(members).prop_shuffle()))
}

fn any_schema() -> Schema {
    Schema::compile(&JsonText::try_from("true".to_owned()).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn an_event_is_accepted_if_its_members_are_valid((members, sent) in shuffled(event())) {
        let (schema, id, body) = (any_schema(), EventId::generate(), body(&sent));
        match EventRequest::parse(&body).unwrap().accept(Some(Ok(&schema)), id, &mut Budget::default()) {
            Ok(event) => {
                prop_assert_eq!(refused(&members), Vec::<&str>::new());
                let texts = [&event.name, &event.version, &event.release, &event.platform_id, &event.package];
                let texts = texts.map(ToString::to_string).into_iter().chain([event.description.to_string()]);
                for (member, text) in members.iter().zip(texts) {
                    prop_assert_eq!(member.string(), Some(text));
                }
                prop_assert_eq!(event.id, id);
                prop_assert_eq!(event.event_receiver_id.to_string(), members[6].string().unwrap());
                prop_assert_eq!(Some(event.payload.as_str()), members[7].value.as_deref());
                prop_assert_eq!(event.success, members[8].value.as_deref() == Some("true"));
            }
            Err(rejected) => {
                prop_assert!(!rejected.faults.is_empty());
                prop_assert_eq!(fields(&rejected), refused(&members));
            }
        }
    }

    #[test]
    fn a_receiver_is_accepted_if_its_members_are_valid((members, sent) in shuffled(receiver())) {
        match EventReceiverRequest::parse(&body(&sent)).unwrap().accept(ReceiverId::generate()) {
            Ok(receiver) => {
                prop_assert_eq!(refused(&members), Vec::<&str>::new());
                prop_assert_eq!(Some(receiver.name.to_string()), members[0].string());
                prop_assert_eq!(Some(receiver.r#type.to_string()), members[1].string());
                prop_assert_eq!(Some(receiver.version.to_string()), members[2].string());
                prop_assert_eq!(Some(receiver.description.to_string()), members[3].string());
                prop_assert_eq!(Some(receiver.schema.as_str()), members[4].value.as_deref());
            }
            Err(rejected) => {
                prop_assert!(!rejected.faults.is_empty());
                prop_assert_eq!(fields(&rejected), refused(&members));
            }
        }
    }

    #[test]
    fn no_body_of_an_event_or_a_receiver_makes_the_parser_panic(
        event in event(),
        receiver in receiver(),
        change in (any::<Index>(), any::<String>()),
    ) {
        let schema = any_schema();
        for body in variants(&event, &change) {
            let request = EventRequest::parse(&body);
            request.map(|request| request.accept(Some(Ok(&schema)), EventId::generate(), &mut Budget::default())).ok();
        }
        for body in variants(&receiver, &change) {
            EventReceiverRequest::parse(&body).map(|request| request.accept(ReceiverId::generate())).ok();
        }
    }
}

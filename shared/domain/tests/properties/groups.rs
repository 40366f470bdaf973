//! A group names existing receivers, each once, and not more than the limit.

use std::collections::HashSet;

use proptest::{collection::vec, prelude::*, sample::Index};
use xzepr_domain::{
    Description, EventReceiverGroupRequest, GroupId, MAX_EVENT_RECEIVER_IDS, ReceiverId, ShortText,
};

use crate::{
    cases,
    members::{Member, body, fields, flag, literal, text, variants},
};

const NAME: &str = "event_receiver_ids";

/// Texts in the place of ids: few ids, so that some are repeated, and texts that are none.
fn ids() -> impl Strategy<Value = Vec<String>> {
    let few = (0_u32..6).prop_map(|number| format!("01HJ1K2M3N4P5Q6R7S8T9V0W1{number}"));
    let id = prop_oneof![9 => few, 1 => ".{0,5}"];
    let many = (MAX_EVENT_RECEIVER_IDS - 1..MAX_EVENT_RECEIVER_IDS + 2)
        .prop_map(|count| (0..count).map(|number| format!("01HJ1K2M3N4P5Q6R7S8T9V{number:04}")).collect());
    prop_oneof![9 => vec(id, 0..8), 1 => many]
}

fn texts() -> impl Strategy<Value = Vec<Member>> {
    (
        ["name", "type", "version"].map(|name| text(name, ShortText::MAX_CHARACTERS)),
        text("description", Description::MAX_CHARACTERS),
    )
        .prop_map(|(texts, description)| texts.into_iter().chain([description]).collect())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_group_is_accepted_if_its_members_are_valid_and_its_receivers_exist(
        texts in texts(),
        ids in ids(),
        flag in flag("enabled"),
        absent in 0_usize..3,
    ) {
        let list: Vec<_> = ids.iter().map(|id| literal(id)).collect();
        let list = Member { name: NAME, value: Some(format!("[{}]", list.join(","))), is_valid: true };
        let mut members = texts.clone();
        members.extend([flag.clone(), list]);
        let body = body(&members);
        let request = EventReceiverGroupRequest::parse(&body).unwrap();

        let mut distinct = Vec::new();
        for id in ids.iter().filter_map(|id| id.parse::<ReceiverId>().ok()) {
            if !distinct.contains(&id) {
                distinct.push(id);
            }
        }
        let faults = ids.len() - distinct.len();
        let is_too_long = ids.len() > MAX_EVENT_RECEIVER_IDS;
        let (named, faults) = if is_too_long { (Vec::new(), 1) } else { (distinct, faults) };
        prop_assert_eq!(request.event_receiver_ids(), &named);

        let existing: HashSet<_> = named.iter().skip(absent).copied().collect();
        let unknown = named.len() - existing.len();
        let mut expected: Vec<_> = texts.iter().filter(|text| !text.is_valid).map(|text| text.name).collect();
        expected.extend(vec![NAME; faults]);
        expected.extend((!flag.is_valid).then_some("enabled"));
        expected.extend(vec![NAME; unknown]);
        match request.accept(&existing, GroupId::generate()) {
            Ok(group) => {
                prop_assert_eq!(expected, Vec::<&str>::new());
                prop_assert_eq!(group.event_receiver_ids, named);
                prop_assert_eq!(group.enabled, flag.value.as_deref() == Some("true"));
            }
            Err(rejected) => prop_assert_eq!(fields(&rejected), expected),
        }
    }

    #[test]
    fn no_body_of_a_group_makes_the_parser_panic(
        texts in texts(),
        change in (any::<Index>(), any::<String>()),
    ) {
        for body in variants(&texts, &change) {
            let request = EventReceiverGroupRequest::parse(&body);
            request.map(|request| request.accept(&HashSet::new(), GroupId::generate())).ok();
        }
    }
}

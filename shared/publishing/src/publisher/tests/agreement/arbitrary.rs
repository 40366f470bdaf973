//! Routes of a small grammar, and events that they often match.

use std::collections::HashSet;

use proptest::{collection::vec, prelude::*, sample::select};
use xzepr_domain::{Event, EventId, EventKind, EventReceiver, EventReceiverGroup};
use xzepr_fixtures::{complete_event, event, group, incomplete_event, receiver};
use xzepr_settings::{Field, Format, KeyChoice};

use super::model::{CD_EVENT, ENVIRONMENT, Given, Glob, Model, Part};

/// The values that fields have here: few, so that conditions often hold.
const VALUES: [&str; 7] = ["build", "build.x", "a/b", "é", "..", "_", "com.example.build"];

fn value() -> impl Strategy<Value = String> {
    select(VALUES.to_vec()).prop_map(str::to_owned)
}

fn glob(field: Field) -> BoxedStrategy<Glob> {
    match field {
        Field::Success => any::<bool>().prop_map(|flag| Glob::Exactly(flag.to_string())).boxed(),
        Field::Kind => prop_oneof![
            select(EventKind::ALL.to_vec()).prop_map(|kind| Glob::Exactly(kind.to_string())),
            Just(Glob::StartsWith("receiver.".to_owned())),
        ]
        .boxed(),
        Field::Environment => {
            select(vec![ENVIRONMENT, "dev"]).prop_map(|name| Glob::Exactly(name.to_owned())).boxed()
        }
        Field::ReceiverId => {
            select(vec!["", "01HJ", "7"]).prop_map(|text| Glob::StartsWith(text.to_owned())).boxed()
        }
        _ => prop_oneof![
            value().prop_map(Glob::Exactly),
            (value(), 0..4_usize)
                .prop_map(|(value, length)| Glob::StartsWith(value.chars().take(length).collect())),
            (value(), value()).prop_map(|(first, second)| Glob::OneOf(first, second)),
        ]
        .boxed(),
    }
}

fn condition() -> impl Strategy<Value = (Field, Vec<Glob>)> {
    select(Field::ALL.to_vec()).prop_flat_map(|field| (Just(field), vec(glob(field), 1..3)))
}

pub(super) fn route() -> impl Strategy<Value = Model> {
    let part = prop_oneof![
        select(vec!["events", ".", "_", "-"]).prop_map(Part::Text),
        select(Field::ALL.to_vec()).prop_map(Part::Field),
    ];
    let (format, key) = (select(Format::ALL.to_vec()), select(KeyChoice::ALL.to_vec()));
    (vec(part, 1..4), format, key, vec(condition(), 0..3)).prop_map(|(topic, format, key, when)| {
        // A field has one condition.
        let mut fields = HashSet::new();
        let when = when.into_iter().filter(|(field, _)| fields.insert(*field)).collect();
        Model { topic, format, key, when }
    })
}

pub(super) fn given() -> impl Strategy<Value = Given> {
    let package = prop_oneof![9 => value(), 1 => Just("x".repeat(250))];
    let texts = (value(), package, value(), value());
    (texts, select(EventKind::ALL.to_vec()), any::<[bool; 3]>()).prop_map(
        |((name, package, platform_id, r#type), kind, [success, is_cd_event, is_known])| {
            let receiver = EventReceiver { r#type: r#type.clone().try_into().unwrap(), ..receiver() };
            let group = EventReceiverGroup { r#type: r#type.try_into().unwrap(), ..group() };
            let id = EventId::generate();
            let of_caller = Event {
                name: name.try_into().unwrap(),
                package: package.try_into().unwrap(),
                platform_id: platform_id.try_into().unwrap(),
                payload: if is_cd_event { CD_EVENT } else { "{}" }.to_owned().try_into().unwrap(),
                success,
                ..event()
            };
            let event = match kind {
                EventKind::Event => of_caller,
                EventKind::ReceiverCreated => Event::receiver_created(&receiver, id),
                EventKind::GroupCreated => Event::group_created(&group, id),
                EventKind::GroupModified => Event::group_modified(&group, id),
                EventKind::GroupComplete => complete_event(&group, &of_caller, id),
                EventKind::GroupIncomplete => incomplete_event(&group, &of_caller, id),
            };
            Given { event, receiver, is_known }
        },
    )
}

//! For arbitrary routes and events, the explanation of an event and its publication agree, and both do as a simple model
//! of the rules in `docs/routes.md` says.

use std::collections::HashSet;

use proptest::{collection::vec, prelude::*, sample::select};
use tokio::runtime;
use xzepr_domain::EventKind;
use xzepr_fixtures::{group, receiver};
use xzepr_messages::{Decision, ROUTE_HEADER, Route};
use xzepr_settings::{Field, Format, KeyChoice, MessageSettings};

use super::*;

const ENVIRONMENT: &str = "prod";

const CD_EVENT: &str = r#"{"context":{"specversion":"0.5.0","id":"1","source":"/ci",
    "type":"dev.cdevents.build.finished.0.3.0","timestamp":"2024-01-15T10:30:00Z"},"subject":{"id":"b"}}"#;

/// The values that fields have here: few, so that conditions often hold.
const VALUES: [&str; 7] = ["build", "build.x", "a/b", "é", "..", "_", "com.example.build"];

/// A value of a condition.
#[derive(Debug, Clone)]
enum Glob {
    Exactly(String),
    StartsWith(String),
    OneOf(String, String),
}

impl Glob {
    fn text(&self) -> String {
        match self {
            Self::Exactly(value) => value.clone(),
            Self::StartsWith(start) => format!("{start}*"),
            Self::OneOf(first, second) => format!("{{{first},{second}}}"),
        }
    }

    fn matches(&self, value: &str) -> bool {
        match self {
            Self::Exactly(expected) => value == expected,
            Self::StartsWith(start) => value.starts_with(start.as_str()),
            Self::OneOf(first, second) => [first, second].into_iter().any(|expected| value == expected),
        }
    }
}

#[derive(Debug, Clone)]
enum Part {
    Text(&'static str),
    Field(Field),
}

/// A route by the rules of the documentation.
#[derive(Debug, Clone)]
struct Model {
    topic: Vec<Part>,
    format: Format,
    key: KeyChoice,
    when: Vec<(Field, Vec<Glob>)>,
}

/// The record that a route makes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expected {
    Sent { topic: String, key: String, has_header: bool },
    DeadLettered,
    Nothing,
}

/// An event with its receiver, and whether the table has the receiver.
#[derive(Debug, Clone)]
struct Given {
    event: Event,
    receiver: EventReceiver,
    is_known: bool,
}

impl Given {
    /// The value of a field, or whether it is only unknown.
    fn value(&self, field: Field) -> Result<String, bool> {
        let event = &self.event;
        let is_group = event.kind == EventKind::GroupCreated;
        Ok(match field {
            Field::ReceiverId | Field::ReceiverType if is_group => return Err(false),
            Field::ReceiverType if !self.is_known => return Err(true),
            Field::ReceiverType => self.receiver.r#type.to_string(),
            Field::ReceiverId => event.event_receiver_id.to_string(),
            Field::Type | Field::Name => event.name.to_string(),
            Field::PlatformId => event.platform_id.to_string(),
            Field::Package => event.package.to_string(),
            Field::Environment => ENVIRONMENT.to_owned(),
            Field::Success => event.success.to_string(),
            Field::Kind => event.kind.to_string(),
        })
    }
}

impl Model {
    fn json(&self, name: &str) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => (*text).to_owned(),
            Part::Field(field) => format!("{{{field}}}"),
        };
        let topic: String = self.topic.iter().map(part).collect();
        let values = |field: Field, globs: &[Glob]| {
            let text = |glob: &Glob| match field {
                Field::Success => glob.text(),
                _ => format!("{:?}", glob.text()),
            };
            globs.iter().map(text).collect::<Vec<_>>().join(",")
        };
        let when: Vec<_> = self
            .when
            .iter()
            .map(|(field, globs)| format!("\"{field}\":[{}]", values(*field, globs)))
            .collect();
        format!(
            r#"{{"name":"{name}","topic":"{topic}","format":"{}","key":"{}","when":{{{}}}}}"#,
            self.format,
            self.key.as_str(),
            when.join(",")
        )
    }

    fn expected(&self, given: &Given) -> Expected {
        let results: Vec<_> = self
            .when
            .iter()
            .map(|(field, globs)| {
                given.value(*field).map(|value| globs.iter().any(|glob| glob.matches(&value)))
            })
            .collect();
        if results.iter().any(|result| matches!(result, Ok(false) | Err(false))) {
            return Expected::Nothing;
        }
        if results.contains(&Err(true)) {
            return Expected::DeadLettered;
        }
        let event = &given.event;
        if self.format == Format::CdEvents && event.payload.as_str() != CD_EVENT {
            return Expected::Nothing;
        }
        if self.format == Format::Epr && !given.is_known && event.kind != EventKind::GroupCreated {
            return Expected::DeadLettered;
        }
        match self.topic_of(given) {
            Some(topic) => Expected::Sent {
                topic,
                key: self.key_of(event),
                has_header: !matches!(self.format, Format::CloudEvents | Format::CdEvents),
            },
            None => Expected::DeadLettered,
        }
    }

    fn topic_of(&self, given: &Given) -> Option<String> {
        let mut topic = String::new();
        for part in &self.topic {
            match part {
                Part::Text(text) => topic += text,
                Part::Field(field) => {
                    let value = given.value(*field).ok()?;
                    let is_kept = |c: char| c.is_ascii_alphanumeric() || ['.', '_', '-'].contains(&c);
                    topic.extend(value.chars().map(|c| if is_kept(c) { c } else { '_' }));
                }
            }
        }
        let is_refused = topic == "." || topic == ".." || topic.trim_matches('_').is_empty();
        (!is_refused && topic.len() <= 249).then_some(topic)
    }

    fn key_of(&self, event: &Event) -> String {
        let encoded = |text: &str| {
            text.bytes().fold(String::new(), |encoded, byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    format!("{encoded}{}", char::from(byte))
                }
                other => format!("{encoded}%{other:02X}"),
            })
        };
        match self.key {
            KeyChoice::Id => event.id.to_string(),
            KeyChoice::Receiver => event.event_receiver_id.to_string(),
            KeyChoice::Artifact => {
                [&event.name, &event.version, &event.release, &event.platform_id, &event.package]
                    .map(|part| encoded(part))
                    .join("/")
            }
        }
    }
}

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

fn route() -> impl Strategy<Value = Model> {
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

fn given() -> impl Strategy<Value = Given> {
    let package = prop_oneof![9 => value(), 1 => Just("x".repeat(250))];
    let texts = (value(), package, value(), value());
    (texts, select(EventKind::ALL.to_vec()), any::<[bool; 3]>()).prop_map(
        |((name, package, platform_id, r#type), kind, [success, is_cd_event, is_known])| {
            let receiver = EventReceiver { r#type: r#type.try_into().unwrap(), ..receiver() };
            let id = EventId::generate();
            let event = match kind {
                EventKind::Event => Event {
                    name: name.try_into().unwrap(),
                    package: package.try_into().unwrap(),
                    platform_id: platform_id.try_into().unwrap(),
                    payload: if is_cd_event { CD_EVENT } else { "{}" }.to_owned().try_into().unwrap(),
                    success,
                    ..event()
                },
                EventKind::ReceiverCreated => Event::receiver_created(&receiver, id),
                EventKind::GroupCreated => Event::group_created(&group(), id),
            };
            Given { event, receiver, is_known }
        },
    )
}

/// The explanation of a route, by the decisions that `local routes explain` prints.
fn explained(messages: &Messages, route: &Route, given: &Given) -> Expected {
    let receiver =
        given.is_known.then_some(&given.receiver).filter(|_| messages.receiver_of(&given.event).is_some());
    match messages.decide(route, &given.event, receiver) {
        Decision::Differs(differences) => {
            assert!(!differences.is_empty());
            return Expected::Nothing;
        }
        Decision::MissingReceiver => return Expected::DeadLettered,
        Decision::Matches => {}
    }
    let target = messages.target(route, &given.event, receiver);
    match messages.message(route, &given.event, receiver) {
        Ok(None) => {
            assert!(!route.has_message(&given.event));
            Expected::Nothing
        }
        Ok(Some(message)) => {
            assert_eq!((Ok(&message.topic), &message.key), (target.topic.as_ref(), &target.key));
            sent(&message)
        }
        Err(_) => Expected::DeadLettered,
    }
}

fn sent(message: &Message) -> Expected {
    Expected::Sent {
        topic: message.topic.to_string(),
        key: message.key.clone(),
        has_header: message.headers.iter().any(|(name, _)| *name == ROUTE_HEADER),
    }
}

/// The settings of routes that are named by their numbers.
fn settings(routes: &[Model]) -> Option<MessageSettings> {
    let routes: Vec<_> =
        routes.iter().enumerate().map(|(number, route)| route.json(&format!("r{number}"))).collect();
    let file = format!("environment: {ENVIRONMENT}\nroutes: [{}]\n", routes.join(","));
    Settings::new(|_| None, &file).unwrap().messages().ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn explaining_an_event_and_publishing_it_agree(routes in vec(route(), 1..6), given in given()) {
        // Some topics and conditions are refused at the start.
        let routes: Vec<_> =
            routes.into_iter().filter(|route| settings(std::slice::from_ref(route)).is_some()).collect();
        prop_assume!(!routes.is_empty());
        let messages = Messages::new(settings(&routes).unwrap());
        let expected: Vec<_> = routes.iter().map(|route| route.expected(&given)).collect();
        let explained: Vec<_> =
            messages.routes().iter().map(|route| explained(&messages, route, &given)).collect();
        prop_assert_eq!(&explained, &expected);

        let mut bench = Bench::with_messages(messages);
        if given.is_known {
            bench.table.receivers.borrow_mut().push(given.receiver.clone());
        }
        let key = Key::event(given.event.id);
        let publication = Publication::new(key.clone(), Ok::<_, String>(given.event.clone()));
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        let outcomes = runtime.block_on(bench.publish(&[publication]));

        let published: Vec<_> = bench.kafka.sent.take().iter().map(sent).collect();
        let to_send: Vec<_> =
            expected.iter().filter(|record| matches!(record, Expected::Sent { .. })).cloned().collect();
        prop_assert_eq!(&published, &to_send);
        let letters: Vec<_> = bench.dead_letters.added.take().into_iter().map(|(key, ..)| key).collect();
        let dead_lettered = expected.iter().enumerate().filter(|(_, record)| **record == Expected::DeadLettered);
        let expected_letters: Vec<_> =
            dead_lettered.map(|(number, _)| key.of_route(&format!("r{number}").parse().unwrap())).collect();
        prop_assert_eq!(&letters, &expected_letters);
        prop_assert_eq!(matches!(outcomes[0], Outcome::RoutesDeadLettered), !letters.is_empty());
        prop_assert_eq!(
            matches!(outcomes[0], Outcome::Published),
            letters.is_empty() && !published.is_empty()
        );
    }
}

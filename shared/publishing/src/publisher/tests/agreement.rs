//! For arbitrary routes and events, the explanation of an event and its publication agree, and both do as a simple model
//! of the rules in `docs/routes.md` says.

mod arbitrary;
mod model;

use std::slice;

use arbitrary::{given, route};
use model::{ENVIRONMENT, Expected, Given, Model};
use proptest::{collection::vec, prelude::*};
use tokio::runtime;
use xzepr_messages::{Decision, ROUTE_HEADER, Route};
use xzepr_settings::MessageSettings;

use super::*;

/// The explanation of a route, by the decisions that `local routes explain` prints.
fn explained(messages: &Messages, route: &Route, given: &Given) -> Expected {
    let receiver =
        given.is_known.then_some(&given.receiver).filter(|_| messages.receiver_of(&given.event).is_some());
    match messages.decide(route, &given.event, receiver) {
        Decision::Differs(differences) => {
            assert!(!differences.is_empty());
            return Expected::Nothing;
        }
        Decision::MissingReceiver => return Expected::Unknown,
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
            routes.into_iter().filter(|route| settings(slice::from_ref(route)).is_some()).collect();
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
        let letters: Vec<_> = bench.dead_letters.added.take().into_iter().map(|(key, ..)| key).collect();
        if expected.contains(&Expected::Unknown) {
            prop_assert_eq!((published, letters), (Vec::new(), vec![key]));
            prop_assert!(matches!(outcomes[0], Outcome::DeadLettered(_)));
            return Ok(());
        }
        let to_send: Vec<_> =
            expected.iter().filter(|record| matches!(record, Expected::Sent { .. })).cloned().collect();
        prop_assert_eq!(&published, &to_send);
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

//! Values behind the wire header of a schema registry.

use xzepr_fixtures::{group, receiver};
use xzepr_messages::{schema_of, unframed};
use xzepr_settings::Format;

use super::*;

fn bench(file: &str) -> Bench {
    let bench = Bench::with_settings(file).with_registry(SubjectNameStrategy::Topic);
    bench.table.receivers.borrow_mut().push(receiver());
    bench
}

/// The id in the wire header of each sent message, and the value behind it.
fn take_framed(bench: &Bench) -> Vec<(u8, String)> {
    let framed = |message: Message| {
        assert_eq!(message.value[..4], [0; 4]);
        (message.value[4], String::from_utf8(unframed(&message.value).to_vec()).unwrap())
    };
    bench.kafka.sent.take().into_iter().map(framed).collect()
}

fn subjects(bench: &Bench) -> Vec<String> {
    bench.registry.ids.borrow().iter().map(|(subject, _)| subject.clone()).collect()
}

#[tokio::test]
async fn a_value_has_the_schema_of_its_format_and_the_receivers_is_registered_too() {
    let mut bench = bench("kafka: {default_topic: topic}");
    bench.publisher.register_known().await.unwrap();
    let outcomes = bench.publish(&[publication()]).await;
    assert!(matches!(outcomes[..], [Outcome::Published]), "{outcomes:?}");
    let [(id, value)] = &take_framed(&bench)[..] else { panic!("one") };
    assert!(*id == 1 && value.starts_with('{'), "{id} {value}");
    assert_eq!(subjects(&bench), ["topic-value", "xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X"]);
    let schemas: Vec<_> = bench.registry.ids.borrow().iter().map(|(_, schema)| schema.clone()).collect();
    assert_eq!(schemas, [schema_of(Format::Xzepr), receiver().schema.as_str()]);
}

#[tokio::test]
async fn a_value_that_is_the_payload_has_the_schema_of_its_receiver_or_of_the_system_event() {
    let mut bench = bench("format: cloudevents-binary");
    let id = EventId::generate();
    let events = [
        event(),
        Event::receiver_created(&receiver(), id),
        Event::group_created(&group(), EventId::generate()),
    ];
    let batch = events.map(|event| Publication::new(Key::event(event.id), Ok::<_, String>(event)));
    let outcomes = bench.publish(&batch).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Published)), "{outcomes:?}");
    assert_eq!(take_framed(&bench).iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(
        subjects(&bench),
        [
            "xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X",
            "xzepr.event.receiver.created",
            "xzepr.event.receiver.group.created"
        ]
    );
}

#[tokio::test]
async fn the_strategy_names_the_subjects_of_formats() {
    for (strategy, subject) in [
        (SubjectNameStrategy::Topic, "prod.myapp-value"),
        (SubjectNameStrategy::Record, "xzepr.message.cloudevents"),
        (SubjectNameStrategy::TopicRecord, "prod.myapp-xzepr.message.cloudevents"),
    ] {
        let file =
            "environment: prod\nroutes: [{name: r, topic: '{environment}.{package}', format: cloudevents}]";
        let mut bench = Bench::with_settings(file).with_registry(strategy);
        bench.publisher.register_known().await.unwrap();
        let at_start: &[&str] = if strategy == SubjectNameStrategy::Record { &[subject] } else { &[] };
        assert_eq!(subjects(&bench), at_start);
        bench.publish(&[publication()]).await;
        assert_eq!(subjects(&bench), [subject]);
    }
}

#[tokio::test]
async fn known_ids_are_used_while_the_registry_is_away_and_unknown_ones_wait() {
    let mut bench = bench("routes:\n- {name: all, topic: all}\n- {name: apps, topic: '{package}'}\n");
    bench.publish(&[publication()]).await;
    take_framed(&bench);
    *bench.registry.is_unavailable.borrow_mut() = true;
    let package = "other".to_owned().try_into().unwrap();
    let other = Event { package, ..event() };
    let batch = [publication(), Publication::new(Key::event(other.id), Ok::<_, String>(other))];
    let outcomes = bench.publish(&batch).await;
    assert!(
        matches!(outcomes[..], [Outcome::Published, Outcome::Failed(Failure::SchemaWithoutId(_))]),
        "{outcomes:?}"
    );
    assert_eq!(bench.kafka.take_topics(), ["all", "myapp", "all"]);
    *bench.registry.is_unavailable.borrow_mut() = false;
    let outcomes = bench.publish(&batch).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Published)), "{outcomes:?}");
    assert_eq!(bench.kafka.take_topics(), ["other"]);
}

#[tokio::test]
async fn a_schema_that_is_refused_ends_the_start_and_one_that_waits_does_not() {
    let bench = bench("kafka: {default_topic: topic}");
    *bench.registry.is_unavailable.borrow_mut() = true;
    bench.publisher.register_known().await.unwrap();
    bench.registry.refuses.borrow_mut().push("topic-value".to_owned());
    let error = bench.publisher.register_known().await.unwrap_err().to_string();
    assert!(error.contains("topic-value") && error.ends_with("incompatible"), "{error}");
}

#[tokio::test]
async fn a_refused_schema_makes_dead_letters_of_its_route_unless_there_is_only_one_topic() {
    let file = "routes:\n- {name: all, topic: all}\n- {name: apps, topic: '{package}'}\n";
    let mut several = bench(file);
    several.registry.refuses.borrow_mut().push("myapp-value".to_owned());
    let outcomes = several.publish(&[publication()]).await;
    assert!(matches!(outcomes[..], [Outcome::RoutesDeadLettered]), "{outcomes:?}");
    assert_eq!(several.kafka.take_topics(), ["all"]);

    let mut one = bench("kafka: {default_topic: topic}");
    one.registry.refuses.borrow_mut().push("topic-value".to_owned());
    let outcomes = one.publish(&[publication()]).await;
    assert!(matches!(outcomes[..], [Outcome::Failed(Failure::SchemaWithoutId(_))]), "{outcomes:?}");
}

#[tokio::test]
async fn a_refused_schema_of_a_receiver_matters_only_to_values_that_follow_it() {
    for (format, is_published) in [("xzepr", true), ("cloudevents-binary", false)] {
        let mut bench = bench(&format!("format: {format}"));
        bench
            .registry
            .refuses
            .borrow_mut()
            .push("xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X".to_owned());
        let outcomes = bench.publish(&[publication()]).await;
        assert_eq!(matches!(outcomes[..], [Outcome::Published]), is_published, "{format}: {outcomes:?}");
        assert_eq!(matches!(outcomes[..], [Outcome::RoutesDeadLettered]), !is_published, "{format}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_unread_delays_only_values_that_follow_its_schema() {
    for (format, is_published) in [("xzepr", true), ("cloudevents-binary", false)] {
        let mut bench = bench(&format!("format: {format}"));
        *bench.table.is_unavailable.borrow_mut() = true;
        let outcomes = bench.publish(&[publication()]).await;
        assert_eq!(matches!(outcomes[..], [Outcome::Published]), is_published, "{format}: {outcomes:?}");
        assert_eq!(matches!(outcomes[..], [Outcome::Failed(_)]), !is_published, "{format}");
    }
}

#[tokio::test]
async fn a_preview_registers_nothing() {
    let mut bench = bench("kafka: {default_topic: topic}");
    let outcomes = bench.publisher.preview(&[publication()]).await;
    assert!(matches!(outcomes[..], [Outcome::Published]), "{outcomes:?}");
    assert!(subjects(&bench).is_empty());
}

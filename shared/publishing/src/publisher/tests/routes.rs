//! Several routes.

use super::*;

const THREE_ROUTES: &str = "routes:\n- {name: all, topic: all}\n- {name: builds, topic: builds, format: cloudevents, when: {name: build}}\n\
                            - {name: failures, topic: failures, when: {success: false}}\n";

fn missing() -> Undelivered {
    Undelivered::TopicMissing { topic: "builds".to_owned() }
}

#[tokio::test]
async fn each_matching_route_sends_a_message() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    let outcomes = bench.publish(&[publication()]).await;
    assert!(matches!(outcomes[..], [Outcome::Published]), "{outcomes:?}");
    assert_eq!(bench.kafka.take_topics(), ["all", "builds"]);
}

#[tokio::test]
async fn a_retry_sends_only_the_messages_of_the_routes_that_have_not_acknowledged() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    bench.kafka.refuse_topic("builds", Undelivered::OutOfTime);
    let batch = [publication()];
    let outcomes = bench.publish(&batch).await;
    assert!(matches!(outcomes[..], [Outcome::Failed(_)]), "{outcomes:?}");
    bench.kafka.take_sent();
    bench.kafka.refuses.take();
    let outcomes = bench.publish(&batch).await;
    assert!(matches!(outcomes[..], [Outcome::Published]), "{outcomes:?}");
    assert_eq!(bench.kafka.take_topics(), ["builds"]);
}

#[tokio::test]
async fn a_refused_topic_makes_dead_letters_of_its_route_and_delays_no_other() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    bench.kafka.refuse_topic("builds", missing());
    let batch = [publication(), publication()];
    let outcomes = bench.publish(&batch).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::RoutesDeadLettered)), "{outcomes:?}");
    assert_eq!(bench.kafka.take_topics(), ["all", "builds", "all", "builds"]);
    let added = bench.dead_letters.added.take();
    let route = "builds".parse().unwrap();
    let letters: Vec<_> = batch.iter().map(|publication| publication.key.of_route(&route)).collect();
    assert_eq!(added.iter().map(|(key, _, _)| key.clone()).collect::<Vec<_>>(), letters);

    // The redrive takes the route of the dead letter alone.
    bench.kafka.refuses.take();
    let event = event();
    let redriven =
        Publication::new(Key::event(event.id), Ok::<_, String>(event)).of_dead_letter(1, Some(route));
    let outcomes = bench.publish(&[redriven]).await;
    assert!(matches!(outcomes[..], [Outcome::Published]), "{outcomes:?}");
    assert_eq!(bench.kafka.take_topics(), ["builds"]);
}

#[tokio::test]
async fn the_only_topic_that_is_refused_makes_events_wait() {
    for (file, is_failed) in [
        ("routes: [{name: r, topic: builds}]", true),
        ("routes: [{name: r, topic: '{name}s'}]", false),
        ("routes: [{name: r, topic: builds}, {name: s, topic: builds}]", false),
    ] {
        let mut bench = Bench::with_settings(file);
        bench.kafka.refuse_topic("builds", missing());
        let outcomes = bench.publish(&[publication()]).await;
        assert_eq!(matches!(outcomes[..], [Outcome::Failed(_)]), is_failed, "{file}: {outcomes:?}");
    }
}

#[tokio::test]
async fn a_topic_that_refuses_every_record_beside_others_makes_dead_letters() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    bench.kafka.refuse_topic("builds", Undelivered::RecordRefused);
    let outcomes = bench.publish(&[publication(), publication()]).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::RoutesDeadLettered)), "{outcomes:?}");
}

#[tokio::test]
async fn a_dead_letter_of_a_failed_batch_is_neither_sent_nor_stored_again() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    bench.kafka.refuse_topic("builds", missing());
    bench.kafka.refuse_topic("all", Undelivered::OutOfTime);
    let batch = [publication()];
    let outcomes = bench.publish(&batch).await;
    assert!(matches!(outcomes[..], [Outcome::Failed(_)]), "{outcomes:?}");
    bench.kafka.take_sent();
    bench.kafka.refuses.borrow_mut().pop();
    let outcomes = bench.publish(&batch).await;
    assert!(matches!(outcomes[..], [Outcome::RoutesDeadLettered]), "{outcomes:?}");
    assert_eq!(
        (bench.kafka.take_topics(), bench.dead_letters.added.borrow().len()),
        (vec!["all".to_owned()], 1)
    );
}

#[tokio::test]
async fn an_event_that_no_route_matches_is_unrouted() {
    let mut bench = Bench::with_settings("routes: [{name: r, topic: t, when: {name: deploy}}]");
    let outcomes = bench.publish(&[publication()]).await;
    assert!(matches!(outcomes[..], [Outcome::Unrouted]), "{outcomes:?}");
    assert!(bench.kafka.take_sent().is_empty());
}

#[tokio::test]
async fn a_dead_letter_whose_route_does_not_exist_any_more_stays_a_dead_letter() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    let publication = publication().of_dead_letter(2, Some("old".parse().unwrap()));
    let outcomes = bench.publish(std::slice::from_ref(&publication)).await;
    assert!(matches!(outcomes[..], [Outcome::DeadLettered(_)]), "{outcomes:?}");
    let (key, reason, attempts) = bench.dead_letters.added.take().remove(0);
    assert_eq!((key, attempts), (publication.letter_key(), 2));
    assert_eq!(reason, "there is no route old any more (XZEPR_ROUTES)");
}

#[tokio::test]
async fn a_dead_letter_of_an_item_becomes_those_of_its_routes() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    bench.kafka.refuse_topic("builds", missing());
    let outcomes = bench.publish(&[publication().of_dead_letter(5, None)]).await;
    assert!(matches!(outcomes[..], [Outcome::RoutesDeadLettered]), "{outcomes:?}");
    let (key, _, attempts) = bench.dead_letters.added.take().remove(0);
    assert_eq!((&*key.split_route().unwrap().1, attempts), ("builds", 0));
}

#[tokio::test]
async fn a_publication_to_one_topic_takes_the_routes_to_it_alone() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    for (topic, sent) in [("builds", 1), ("failures", 0), ("other", 0)] {
        let publication = || publication().to_topic(topic.to_owned());
        let [preview] = &bench.publisher.preview(&[publication()]).await[..] else { panic!("one") };
        let outcomes = bench.publish(&[publication()]).await;
        assert_eq!(matches!(outcomes[0], Outcome::Published), sent == 1, "{topic}: {outcomes:?}");
        assert_eq!(format!("{preview:?}"), format!("{:?}", outcomes[0]));
        assert_eq!(bench.kafka.take_topics(), vec![topic; sent]);
    }
}

#[tokio::test]
async fn a_route_that_needs_an_unread_receiver_delays_no_other_route() {
    let mut bench = Bench::with_settings(
        "routes:\n- {name: all, topic: all}\n- {name: t, topic: '{receiver_type}', when: {receiver_type: '*'}}\n",
    );
    let (receiver, publication) = received();
    bench.table.receivers.borrow_mut().push(receiver);
    *bench.table.is_unavailable.borrow_mut() = true;
    let batch = [publication];
    let outcomes = bench.publish(&batch).await;
    assert!(matches!(outcomes[..], [Outcome::Failed(Failure::ReceiversNotRead(_))]), "{outcomes:?}");
    assert_eq!(bench.kafka.take_topics(), ["all"]);
    *bench.table.is_unavailable.borrow_mut() = false;
    let outcomes = bench.publish(&batch).await;
    assert!(matches!(outcomes[..], [Outcome::Published]), "{outcomes:?}");
    assert_eq!(bench.kafka.take_topics(), ["t"]);
}

#[tokio::test]
async fn a_dead_letter_that_fails_again_beside_a_failed_one_is_tried_at_the_next_redrive() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    bench.kafka.refuse_topic("builds", missing());
    bench.kafka.refuse_topic("all", Undelivered::OutOfTime);
    let (one, other) = (event(), event());
    let letter = |event: &Event, route: &str| {
        Publication::new(Key::event(event.id), Ok::<_, String>(event.clone()))
            .of_dead_letter(1, Some(route.parse().unwrap()))
    };
    for _ in 0..2 {
        let outcomes = bench.publish(&[letter(&one, "builds"), letter(&other, "all")]).await;
        assert!(matches!(outcomes[..], [Outcome::DeadLettered(_), Outcome::Failed(_)]), "{outcomes:?}");
        assert_eq!(bench.kafka.take_topics(), ["builds", "all"]);
    }
}

#[tokio::test]
async fn a_dead_letter_of_a_route_stays_one_if_its_item_cannot_be_read_any_more() {
    let mut bench = Bench::with_settings(THREE_ROUTES);
    let letter = poison().of_dead_letter(4, Some("builds".parse().unwrap()));
    let outcomes = bench.publish(std::slice::from_ref(&letter)).await;
    assert!(matches!(outcomes[..], [Outcome::DeadLettered(_)]), "{outcomes:?}");
    let (key, _, attempts) = bench.dead_letters.added.take().remove(0);
    assert_eq!((key, attempts), (letter.letter_key(), 4));
}

#[tokio::test]
async fn an_event_whose_routes_are_unknown_without_its_receiver_takes_none_of_them() {
    let mut bench = Bench::with_settings(
        "routes:\n- {name: all, topic: all}\n- {name: x, topic: x, when: {receiver_type: x}}\n\
         - {name: y, topic: y, when: {receiver_type: y}}\n",
    );
    let batch = [received().1];
    let outcomes = bench.publish(&batch).await;
    assert!(matches!(outcomes[..], [Outcome::DeadLettered(_)]), "{outcomes:?}");
    assert!(bench.kafka.take_sent().is_empty());
    let (key, reason, _) = bench.dead_letters.added.take().remove(0);
    assert_eq!(key, batch[0].key);
    assert!(reason.contains("its routes are unknown: its event receiver is not in the table"), "{reason}");
}

#[tokio::test]
async fn a_batch_of_many_bytes_is_sent_in_rounds_and_a_failure_in_one_forgets_none_of_the_others() {
    let routes: Vec<_> =
        (0..100).map(|number| format!("- {{name: r{number}, topic: t{number}}}\n")).collect();
    let mut bench = Bench::with_settings(&format!("routes:\n{}", routes.concat()));
    let payload = format!("\"{}\"", "x".repeat(200_000));
    let large = || {
        let event = Event { payload: payload.clone().try_into().unwrap(), ..event() };
        Publication::new(Key::event(event.id), Ok::<_, String>(event))
    };
    let batch = [large(), large(), large()];
    bench.kafka.refuse(&batch[2], Undelivered::OutOfTime);
    let outcomes = bench.publish(&batch).await;
    assert!(
        matches!(outcomes[..], [Outcome::Published, Outcome::Published, Outcome::Failed(_)]),
        "{outcomes:?}"
    );
    assert_eq!(bench.kafka.take_sends(), [200, 100]);
    bench.kafka.refuses.take();
    let outcomes = bench.publish(&batch).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Published)), "{outcomes:?}");
    assert_eq!(bench.kafka.take_sends(), [0, 100]);
}

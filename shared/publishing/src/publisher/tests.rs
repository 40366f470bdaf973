use std::{cell::RefCell, rc::Rc};

use xzepr_domain::{Event, EventId, EventReceiver, EventReceiverRequest, ReceiverId, ReplayId};
use xzepr_fixtures::{event, event_of};
use xzepr_settings::{RouteName, Settings, SubjectNameStrategy};

use super::*;
use crate::outcome::Failure;

mod agreement;
mod routes;
mod schemas;

const WITHIN: Duration = Duration::from_secs(10);

/// A Kafka that refuses the messages with these keys or topics, and records all messages.
#[derive(Clone, Default)]
struct FakeKafka {
    refuses: Rc<RefCell<Vec<(String, Undelivered)>>>,
    sent: Rc<RefCell<Vec<Message>>>,
    sends: Rc<RefCell<Vec<usize>>>,
}

impl FakeKafka {
    fn refuse(&self, publication: &Publication, error: Undelivered) {
        self.refuses.borrow_mut().push((publication.key.sort.clone(), error));
    }

    fn refuse_topic(&self, topic: &str, error: Undelivered) {
        self.refuses.borrow_mut().push((topic.to_owned(), error));
    }

    fn take_sent(&self) -> Vec<String> {
        self.sent.take().into_iter().map(|message| message.key).collect()
    }

    /// The number of messages of each send.
    fn take_sends(&self) -> Vec<usize> {
        self.sent.take();
        self.sends.take()
    }

    /// The topics of all messages.
    fn take_topics(&self) -> Vec<String> {
        self.sent.take().into_iter().map(|message| message.topic.to_string()).collect()
    }
}

impl SendMessages for FakeKafka {
    async fn send(&mut self, messages: &[&Message], _: Duration) -> Vec<Result<(), Undelivered>> {
        self.sent.borrow_mut().extend(messages.iter().copied().cloned());
        self.sends.borrow_mut().push(messages.len());
        let refuses = self.refuses.borrow();
        let is_refused = |message: &Message, part: &str| part == message.key || part == &*message.topic;
        messages
            .iter()
            .map(|message| match refuses.iter().find(|(part, _)| is_refused(message, part)) {
                Some((_, error)) => Err(error.clone()),
                None => Ok(()),
            })
            .collect()
    }
}

/// A dead letters' table that can be unavailable.
#[derive(Clone, Default)]
struct FakeDeadLetters {
    is_unavailable: Rc<RefCell<bool>>,
    added: Rc<RefCell<Vec<(Key, String, u32)>>>,
}

impl AddDeadLetters for FakeDeadLetters {
    async fn add(&self, key: &Key, reason: &str, attempts: u32) -> Result<DeadLetterState, StoreError> {
        if *self.is_unavailable.borrow() {
            return Err(StoreError::Unavailable("throttled".to_owned()));
        }
        self.added.borrow_mut().push((key.clone(), reason.to_owned(), attempts));
        Ok(DeadLetterState::Waiting)
    }
}

/// A table with receivers that can be unavailable.
#[derive(Clone, Default)]
struct FakeTable {
    is_unavailable: Rc<RefCell<bool>>,
    receivers: Rc<RefCell<Vec<EventReceiver>>>,
}

impl ReadReceivers for FakeTable {
    async fn read(&self, ids: &[ReceiverId]) -> Result<Vec<EventReceiver>, StoreError> {
        if *self.is_unavailable.borrow() {
            return Err(StoreError::Unavailable("throttled".to_owned()));
        }
        let receivers = self.receivers.borrow();
        Ok(receivers.iter().filter(|receiver| ids.contains(&receiver.id)).cloned().collect())
    }
}

/// A schema registry that gives each subject the next id, and refuses some subjects. It can be unavailable for the
/// subjects that have no id.
#[derive(Clone, Default)]
struct FakeRegistry {
    is_unavailable: Rc<RefCell<bool>>,
    refuses: Rc<RefCell<Vec<String>>>,
    ids: Rc<RefCell<Vec<(String, String)>>>,
}

impl FindSchemaIds for FakeRegistry {
    async fn id_of(&self, subject: &str, schema: &str) -> Result<u32, SchemaError> {
        if self.refuses.borrow().iter().any(|refused| refused == subject) {
            let message = "incompatible".to_owned();
            return Err(SchemaError::Refused { subject: subject.to_owned(), message });
        }
        let pair = (subject.to_owned(), schema.to_owned());
        let known = self.ids.borrow().iter().position(|known| *known == pair);
        let index = match known {
            Some(index) => index,
            None if *self.is_unavailable.borrow() => {
                return Err(SchemaError::Unavailable {
                    fault: "is away".to_owned(),
                    settings: "the URL",
                    concerns_every_subject: true,
                });
            }
            None => {
                self.ids.borrow_mut().push(pair);
                self.ids.borrow().len() - 1
            }
        };
        Ok(u32::try_from(index).unwrap() + 1)
    }
}

struct Bench {
    registry: FakeRegistry,
    kafka: FakeKafka,
    dead_letters: FakeDeadLetters,
    table: FakeTable,
    publisher: Publisher<FakeKafka, FakeDeadLetters, FakeTable, FakeRegistry>,
}

impl Bench {
    fn new() -> Self {
        Self::with_format("xzepr")
    }

    fn with_format(format: &str) -> Self {
        Self::with_settings(&format!("kafka: {{default_topic: topic}}\nformat: {format}"))
    }

    fn with_settings(file: &str) -> Self {
        Self::with_messages(Messages::new(Settings::new(|_| None, file).unwrap().messages().unwrap()))
    }

    fn with_messages(messages: Messages) -> Self {
        let (kafka, dead_letters, table) =
            (FakeKafka::default(), FakeDeadLetters::default(), FakeTable::default());
        let publisher =
            Publisher::from_parts(messages, None, kafka.clone(), dead_letters.clone(), table.clone());
        Self { registry: FakeRegistry::default(), kafka, dead_letters, table, publisher }
    }

    fn with_registry(mut self, strategy: SubjectNameStrategy) -> Self {
        self.publisher.schemas = Some(Schemas { registry: self.registry.clone(), strategy });
        self
    }

    async fn publish(&mut self, publications: &[Publication]) -> Vec<Outcome> {
        self.publisher.publish(publications, WITHIN).await
    }
}

fn publication() -> Publication {
    let event = event();
    Publication::new(Key::event(event.id), Ok::<_, String>(event))
}

fn poison() -> Publication {
    Publication::new(
        Key { partition: "EVENT#1".to_owned(), sort: "poison".to_owned() },
        Err("has no payload"),
    )
}

fn ids(publications: &[Publication]) -> Vec<String> {
    publications.iter().map(|publication| publication.key.sort.clone()).collect()
}

fn too_large() -> Undelivered {
    Undelivered::TooLarge { topic: "topic".to_owned(), size: 2, limit: xzepr_kafka::TopicLimit::Bytes(1) }
}

#[tokio::test]
async fn all_messages_of_a_batch_are_sent_in_order() {
    let mut bench = Bench::new();
    let batch = [publication(), publication(), publication()];
    let outcomes = bench.publish(&batch).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Published)), "{outcomes:?}");
    assert_eq!(bench.kafka.take_sent(), ids(&batch));
}

#[tokio::test]
async fn a_retry_sends_only_the_messages_that_are_not_on_the_topic() {
    let mut bench = Bench::new();
    let batch = [publication(), publication(), publication()];
    bench.kafka.refuse(&batch[1], Undelivered::OutOfTime);
    let outcomes = bench.publish(&batch).await;
    assert!(
        matches!(outcomes[..], [Outcome::Published, Outcome::Failed(_), Outcome::Published]),
        "{outcomes:?}"
    );
    bench.kafka.take_sent();

    bench.kafka.refuses.take();
    let outcomes = bench.publish(&batch).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Published)), "{outcomes:?}");
    assert_eq!(bench.kafka.take_sent(), ids(&batch[1..2]));

    // After its success the batch is forgotten, so a later delivery is sent completely.
    bench.publish(&batch).await;
    assert_eq!(bench.kafka.take_sent(), ids(&batch));
}

#[tokio::test]
async fn a_replay_of_an_event_is_sent_although_its_first_delivery_is_remembered() {
    let mut bench = Bench::new();
    let (event, failing) = (event(), publication());
    let of_event = || Publication::new(Key::event(event.id), Ok::<_, String>(event.clone()));
    bench.kafka.refuse(&failing, Undelivered::OutOfTime);
    bench.publish(&[of_event(), failing]).await;
    bench.kafka.take_sent();
    bench.publish(&[of_event().replayed_by(ReplayId::generate())]).await;
    assert_eq!(bench.kafka.take_sent(), [event.id.to_string()]);
}

#[tokio::test]
async fn a_message_that_can_never_be_published_is_a_dead_letter_and_delays_no_other() {
    let mut bench = Bench::new();
    let batch = [poison(), publication(), publication().of_dead_letter(3, Some(RouteName::default()))];
    bench.kafka.refuse(&batch[2], too_large());
    let outcomes = bench.publish(&batch).await;
    assert!(
        matches!(outcomes[..], [Outcome::DeadLettered(_), Outcome::Published, Outcome::DeadLettered(_)]),
        "{outcomes:?}"
    );
    let mut added = bench.dead_letters.added.take();
    added.sort_by_key(|(_, _, attempts)| *attempts);
    assert_eq!(added[0], (batch[0].key.clone(), "the item is no event: has no payload".to_owned(), 0));
    assert_eq!((&added[1].0, added[1].2), (&batch[2].letter_key(), 3));
    assert_eq!(added[1].0.split_route(), Some((batch[2].key.clone(), RouteName::default())));
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_stored_fails_its_record() {
    let mut bench = Bench::new();
    *bench.dead_letters.is_unavailable.borrow_mut() = true;
    let batch = [publication(), poison()];
    let outcomes = bench.publish(&batch).await;
    assert!(
        matches!(outcomes[..], [Outcome::Published, Outcome::Failed(Failure::DeadLetterNotStored(_))]),
        "{outcomes:?}"
    );
    bench.kafka.take_sent();
    // The other record is on the topic, and is not sent again.
    *bench.dead_letters.is_unavailable.borrow_mut() = false;
    bench.publish(&batch).await;
    assert!(bench.kafka.take_sent().is_empty());
    assert_eq!(bench.dead_letters.added.borrow().len(), 1);
}

#[tokio::test]
async fn a_topic_that_refuses_every_record_makes_no_dead_letter() {
    let mut bench = Bench::new();
    let batch = [publication(), publication()];
    batch.iter().for_each(|publication| bench.kafka.refuse(publication, Undelivered::RecordRefused));
    let outcomes = bench.publish(&batch).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Failed(_))), "{outcomes:?}");
    let Outcome::Failed(failure) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert!(failure.to_string().starts_with("topic topic: "), "{failure}");
    assert!(bench.dead_letters.added.borrow().is_empty());
}

/// A receiver, and the publication of an event of it.
fn received() -> (EventReceiver, Publication) {
    let body = r#"{"name":"n","type":"t","version":"1","description":"d","schema":true}"#;
    let receiver = EventReceiverRequest::parse(body).unwrap().accept(ReceiverId::generate()).unwrap();
    let event = event_of("build", receiver.id);
    (receiver, Publication::new(Key::event(event.id), Ok::<_, String>(event)))
}

#[tokio::test]
async fn a_message_waits_until_its_receiver_can_be_read_and_delays_no_other() {
    let mut bench = Bench::with_format("epr");
    let ((known, first), (unread, second)) = (received(), received());
    bench.table.receivers.borrow_mut().extend([known, unread]);
    bench.publish(&[first]).await;
    let sent = bench.kafka.take_sent();
    assert_eq!(sent.len(), 1);

    *bench.table.is_unavailable.borrow_mut() = true;
    let known = bench.table.receivers.borrow()[0].id;
    let third = event_of("build", known);
    let batch = [second, Publication::new(Key::event(third.id), Ok::<_, String>(third))];
    let outcomes = bench.publish(&batch).await;
    assert!(
        matches!(outcomes[..], [Outcome::Failed(Failure::ReceiversNotRead(_)), Outcome::Published]),
        "{outcomes:?}"
    );
    assert_eq!(bench.kafka.take_sent(), ids(&batch[1..]));

    *bench.table.is_unavailable.borrow_mut() = false;
    let outcomes = bench.publish(&batch).await;
    assert!(matches!(outcomes[..], [Outcome::Published, Outcome::Published]), "{outcomes:?}");
    assert_eq!(bench.kafka.take_sent(), ids(&batch[..1]));
    assert!(bench.dead_letters.added.borrow().is_empty());
}

#[tokio::test]
async fn an_event_whose_receiver_does_not_exist_is_a_dead_letter() {
    let mut bench = Bench::with_format("epr");
    let outcomes = bench.publish(&[received().1]).await;
    assert!(matches!(outcomes[..], [Outcome::RoutesDeadLettered]), "{outcomes:?}");
    let (_, reason, _) = &bench.dead_letters.added.borrow()[0];
    assert!(reason.contains("receiver is not in the table, or"), "{reason}");
}

#[tokio::test]
async fn other_formats_read_no_receiver() {
    for format in ["xzepr", "cloudevents", "cloudevents-binary"] {
        let mut bench = Bench::with_format(format);
        *bench.table.is_unavailable.borrow_mut() = true;
        let outcomes = bench.publish(&[publication()]).await;
        assert!(matches!(outcomes[..], [Outcome::Published]), "{format}: {outcomes:?}");
    }
}

#[tokio::test]
async fn an_event_without_a_message_in_the_format_is_skipped() {
    let mut bench = Bench::with_format("cdevents");
    let document = r#"{"context":{"specversion":"0.5.0","id":"1","source":"/ci","type":"dev.cdevents.build.finished.0.3.0",
        "timestamp":"2024-01-15T10:30:00Z"},"subject":{"id":"build-1","content":{}}}"#;
    let cd_event = Event { payload: document.to_owned().try_into().unwrap(), ..event() };
    let batch = [publication(), Publication::new(Key::event(cd_event.id), Ok::<_, String>(cd_event))];
    let outcomes = bench.publish(&batch).await;
    assert!(matches!(outcomes[..], [Outcome::Skipped, Outcome::Published]), "{outcomes:?}");
    assert_eq!(bench.kafka.take_sent(), ids(&batch[1..]));
    assert!(bench.dead_letters.added.borrow().is_empty());
}

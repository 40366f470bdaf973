use std::{cell::RefCell, time::Duration};

use lambda_runtime::Context;
use xzepr_domain::Event;
use xzepr_fixtures::event;
use xzepr_publishing::{Failure, Undelivered};
use xzepr_store::{Key, UnknownShape};

use super::*;

#[derive(Default)]
struct FakeTable(Vec<(Key, Event)>);

impl ReadItem for FakeTable {
    async fn read(&self, key: &Key) -> Result<Option<Result<Event, UnknownShape>>, StoreError> {
        let found = self.0.iter().find(|(item, _)| item == key);
        Ok(found.map(|(_, event)| Ok(event.clone())))
    }
}

#[derive(Default)]
struct FakeDeadLetters(RefCell<Vec<DeadLetter>>);

impl ManageDeadLetters for FakeDeadLetters {
    async fn all(&self) -> Result<Vec<DeadLetter>, StoreError> {
        Ok(self.0.borrow().clone())
    }

    async fn get(&self, key: &Key) -> Result<Option<DeadLetter>, StoreError> {
        Ok(self.0.borrow().iter().find(|letter| letter.key() == *key).cloned())
    }

    async fn park(&self, parked: &DeadLetter, _: &str) -> Result<DeadLetterState, StoreError> {
        for letter in self.0.borrow_mut().iter_mut().filter(|letter| letter.key() == parked.key()) {
            letter.state = DeadLetterState::Parked;
        }
        Ok(DeadLetterState::Parked)
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.0.borrow_mut().retain(|letter| letter.key() != *key);
        Ok(())
    }
}

/// A publisher with one outcome for every item.
struct FakePublisher {
    outcome: fn() -> Outcome,
    batches: Vec<Vec<Key>>,
}

impl Publish for FakePublisher {
    async fn publish(&mut self, publications: &[Publication], _: Duration) -> Vec<Outcome> {
        self.batches.push(publications.iter().map(|publication| publication.key().clone()).collect());
        publications.iter().map(|_| (self.outcome)()).collect()
    }

    async fn preview(&mut self, _: &[Publication]) -> Vec<Outcome> {
        panic!("only a replay previews")
    }
}

type Function = RedriveDeadLetters<FakeTable, FakeDeadLetters, FakePublisher>;

fn keyed_event() -> (Key, Event) {
    let event = event();
    (Key::event(event.id), event)
}

fn letter(key: &Key, next_attempt: &str, state: &str) -> DeadLetter {
    let text = format!(
        r#"{{"pk":"{}","sk":"{}","reason":"too large","attempts":3,"first_failure":"2024-01-15T10:30:00.000Z",
        "last_failure":"2024-01-15T10:30:00.000Z","next_attempt":"{next_attempt}","state":"{state}"}}"#,
        key.partition, key.sort
    );
    serde_json::from_str(&text).unwrap()
}

const PAST: &str = "2024-01-15T10:31:00.000Z";
const FUTURE: &str = "2999-01-15T10:31:00.000Z";

/// A function with these dead letters, whose items all exist.
fn function(letters: &[(&str, &str)], outcome: fn() -> Outcome) -> Function {
    let items: Vec<_> = letters.iter().map(|_| keyed_event()).collect();
    let letters =
        items.iter().zip(letters).map(|((key, _), (next, state))| letter(key, next, state)).collect();
    RedriveDeadLetters::new(
        FakeTable(items),
        FakeDeadLetters(RefCell::new(letters)),
        FakePublisher { outcome, batches: Vec::new() },
    )
}

async fn respond(function: &Function, request: &str) -> Result<String, String> {
    let event = LambdaEvent::new(serde_json::from_str(request).unwrap(), Context::default());
    let response = function.respond(event).await.map_err(|error| error.to_string())?;
    Ok(serde_json::to_string(&response).unwrap())
}

fn kafka_is_unavailable() -> Outcome {
    Outcome::Failed(Failure::Undelivered(Undelivered::OutOfTime))
}

const REDRIVE: &str = r#"{"action":"redrive"}"#;

#[tokio::test]
async fn a_redrive_publishes_the_dead_letters_that_are_due_and_removes_them() {
    let function =
        function(&[(PAST, "waiting"), (FUTURE, "waiting"), (PAST, "parked")], || Outcome::Published);
    let response = respond(&function, REDRIVE).await.unwrap();
    assert_eq!(response, r#"{"published":1,"skipped":0,"unrouted":0,"waiting":0,"parked":0,"failed":0}"#);
    let left = function.dead_letters.all().await.unwrap();
    assert_eq!(left.len(), 2);
    assert!(
        left.iter().all(|letter| letter.next_attempt == FUTURE || letter.state == DeadLetterState::Parked)
    );
}

#[tokio::test]
async fn a_run_with_nothing_due_sends_nothing() {
    let function = function(&[(FUTURE, "waiting")], || Outcome::Published);
    respond(&function, REDRIVE).await.unwrap();
    assert!(function.publisher.lock().await.batches.iter().all(Vec::is_empty));
}

#[tokio::test]
async fn while_kafka_is_unavailable_one_chunk_is_sent_and_no_dead_letter_changes() {
    let function = function(&[(PAST, "waiting"); 120], kafka_is_unavailable);
    let response = respond(&function, REDRIVE).await.unwrap();
    assert_eq!(response, r#"{"published":0,"skipped":0,"unrouted":0,"waiting":0,"parked":0,"failed":120}"#);
    assert_eq!(function.publisher.lock().await.batches.len(), 1);
    assert_eq!(function.dead_letters.all().await.unwrap().len(), 120);
}

#[tokio::test]
async fn dead_letters_that_fail_again_are_counted_by_their_new_state() {
    let waiting = function(&[(PAST, "waiting")], || Outcome::DeadLettered(DeadLetterState::Waiting));
    assert!(respond(&waiting, REDRIVE).await.unwrap().contains(r#""waiting":1"#));
    let parked = function(&[(PAST, "waiting")], || Outcome::DeadLettered(DeadLetterState::Parked));
    assert!(respond(&parked, REDRIVE).await.unwrap().contains(r#""parked":1"#));
    let dropped = function(&[(PAST, "waiting")], || Outcome::DeadLettered(DeadLetterState::Dropped));
    assert_eq!(
        respond(&dropped, REDRIVE).await.unwrap(),
        r#"{"published":0,"skipped":0,"unrouted":0,"waiting":0,"parked":0,"failed":0}"#
    );
}

#[tokio::test]
async fn a_dead_letter_without_an_item_is_parked_and_the_others_are_published() {
    let mut function = function(&[(PAST, "waiting"), (PAST, "waiting")], || Outcome::Published);
    function.table.0.remove(0);
    let response = respond(&function, REDRIVE).await.unwrap();
    assert_eq!(response, r#"{"published":1,"skipped":0,"unrouted":0,"waiting":0,"parked":1,"failed":0}"#);
    assert_eq!(function.dead_letters.all().await.unwrap()[0].state, DeadLetterState::Parked);
}

#[tokio::test]
async fn the_dead_letter_of_a_route_is_retried_by_its_own_key() {
    let mut function = function(&[], || Outcome::Published);
    let (item, event) = keyed_event();
    let key = item.of_route(&"builds".parse().unwrap());
    function.table.0.push((item.clone(), event));
    function.dead_letters.0.get_mut().push(letter(&key, PAST, "waiting"));
    let list = respond(&function, r#"{"action":"list"}"#).await.unwrap();
    assert!(list.contains(&format!(r#""key":"{key}","route":"builds","#)), "{list}");
    let response = respond(&function, REDRIVE).await.unwrap();
    assert!(response.contains(r#""published":1"#), "{response}");
    assert!(function.dead_letters.all().await.unwrap().is_empty());
    assert_eq!(function.publisher.lock().await.batches, [[item]]);
}

#[tokio::test]
async fn a_dead_letter_that_became_those_of_its_routes_is_removed() {
    for outcome in [|| Outcome::RoutesDeadLettered, || Outcome::Unrouted] {
        let function = function(&[(PAST, "waiting")], outcome);
        respond(&function, REDRIVE).await.unwrap();
        assert!(function.dead_letters.all().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_operator_retries_or_drops_the_selected_dead_letters() {
    let function = function(&[(FUTURE, "parked"), (FUTURE, "waiting")], || Outcome::Published);
    let key = function.table.0[0].0.to_string();
    let response = respond(&function, &format!(r#"{{"action":"retry","keys":["{key}"]}}"#)).await.unwrap();
    assert!(response.contains(r#""published":1"#), "{response}");
    let unknown = respond(&function, &format!(r#"{{"action":"drop","keys":["{key}"]}}"#)).await;
    assert!(unknown.unwrap_err().contains("nothing was changed"));
    assert_eq!(respond(&function, r#"{"action":"drop","all":true}"#).await.unwrap(), r#"{"dropped":1}"#);
    assert_eq!(respond(&function, r#"{"action":"list"}"#).await.unwrap(), r#"{"dead_letters":[],"count":0}"#);
}

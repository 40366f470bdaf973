use super::*;
use crate::test_table;

#[test]
fn each_wait_is_longer_than_the_last_and_depends_on_the_key() {
    let wait = |sort: &str, attempts| {
        backoff(&Key { partition: "EVENT#1".to_owned(), sort: sort.to_owned() }, attempts).num_milliseconds()
    };
    for (attempts, longest_s) in [(0, 60), (1, 120), (4, 960), (9, 21_600), (u32::MAX, 21_600)] {
        let wait = wait("1", attempts);
        assert!((longest_s * 500..=longest_s * 1000).contains(&wait), "{attempts}: {wait}");
    }
    assert_ne!(wait("1", 3), wait("2", 3));
}

#[test]
fn a_dead_letter_is_due_at_its_next_attempt_unless_it_is_parked() {
    let mut letter = DeadLetter {
        pk: "EVENT#1".to_owned(),
        sk: "1".to_owned(),
        reason: "too large".to_owned(),
        attempts: 1,
        first_failure: "2024-01-15T10:30:00.000Z".to_owned(),
        last_failure: "2024-01-15T10:30:00.000Z".to_owned(),
        next_attempt: "2024-01-15T10:31:00.000Z".to_owned(),
        state: DeadLetterState::Waiting,
    };
    let at = |time: &str| time.parse::<DateTime<Utc>>().unwrap();
    assert!(!letter.is_due(at("2024-01-15T10:30:59Z")));
    assert!(letter.is_due(at("2024-01-15T10:31:00Z")));
    assert_eq!(letter.age(at("2024-01-15T10:31:00Z")), Duration::from_secs(60));
    letter.state = DeadLetterState::Parked;
    assert!(!letter.is_due(at("2024-01-15T10:31:00Z")));
}

fn key(sort: &str) -> Key {
    Key { partition: "EVENT#2024-01-15#Z".to_owned(), sort: sort.to_owned() }
}

#[tokio::test]
async fn a_dead_letter_is_parked_at_its_last_attempt() {
    let dead_letters = test_table::dead_letters(2).await;
    assert_eq!(dead_letters.add(&key("a"), "too large", 0).await.unwrap(), DeadLetterState::Waiting);
    assert_eq!(dead_letters.add(&key("a"), "too large still", 1).await.unwrap(), DeadLetterState::Parked);
    let letter = dead_letters.get(&key("a")).await.unwrap().unwrap();
    assert_eq!((letter.attempts, &*letter.reason), (2, "too large still"));
}

#[tokio::test]
async fn a_batch_that_is_delivered_again_changes_neither_attempts_nor_first_failure() {
    let dead_letters = test_table::dead_letters(10).await;
    dead_letters.add(&key("a"), "too large", 0).await.unwrap();
    let first = dead_letters.get(&key("a")).await.unwrap().unwrap();
    dead_letters.add(&key("a"), "refused", 0).await.unwrap();
    let again = dead_letters.get(&key("a")).await.unwrap().unwrap();
    assert_eq!(again.reason, "refused");
    assert_eq!(
        DeadLetter { reason: first.reason.clone(), last_failure: first.last_failure.clone(), ..again },
        first
    );
}

#[tokio::test]
async fn a_dead_letter_that_was_dropped_during_its_attempt_is_not_stored_again() {
    let dead_letters = test_table::dead_letters(10).await;
    dead_letters.add(&key("a"), "too large", 0).await.unwrap();
    dead_letters.remove(&key("a")).await.unwrap();
    assert_eq!(dead_letters.add(&key("a"), "too large", 1).await.unwrap(), DeadLetterState::Dropped);
    assert!(dead_letters.all().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_read_is_parked_and_hides_no_other() {
    let dead_letters = test_table::dead_letters(10).await;
    dead_letters.add(&key("a"), "too large", 0).await.unwrap();
    let mut broken = key_item(&key("b"));
    broken.insert("attempts".to_owned(), AttributeValue::S("many".to_owned()));
    let table = &dead_letters.settings.table_name;
    dead_letters.client.put_item().table_name(table).set_item(Some(broken)).send().await.unwrap();
    let states: Vec<_> =
        dead_letters.all().await.unwrap().iter().map(|letter| (letter.sk.clone(), letter.state)).collect();
    assert!(states.contains(&("a".to_owned(), DeadLetterState::Waiting)), "{states:?}");
    assert!(states.contains(&("b".to_owned(), DeadLetterState::Parked)), "{states:?}");
}

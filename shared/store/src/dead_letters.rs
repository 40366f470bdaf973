//! The dead letters: which items could not be published, and when they are tried again.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use xzepr_settings::DeadLetterSettings;

use crate::{
    error::StoreError,
    keys::Key,
    table::{Item, client, from_item, key_item, to_value},
};

/// When a dead letter is tried again: after a minute, then after twice as long each time, up to six hours.
const FIRST_RETRY: Duration = Duration::from_secs(60);
const LONGEST_RETRY: Duration = Duration::from_secs(6 * 60 * 60);

/// The dead letters' table. An item has the primary key of the item that could not be published.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    pub(crate) client: Client,
    pub(crate) settings: DeadLetterSettings,
}

/// Why an item is not on its topic, and what comes next. Times are RFC 3339, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    pk: String,
    sk: String,
    /// What the last attempt failed for.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was first tried.
    pub first_failure: String,
    /// When it was last tried.
    pub last_failure: String,
    /// When it is tried again, unless it is parked.
    pub next_attempt: String,
    /// Whether it is tried again by itself.
    pub state: DeadLetterState,
}

/// Whether a dead letter is tried again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeadLetterState {
    /// It is, at its next attempt.
    Waiting,
    /// It has been tried often enough: only an operator's request tries it again.
    Parked,
    /// An operator dropped it while it was tried. It is not stored.
    Dropped,
}

impl DeadLetter {
    /// The key of the item that could not be published.
    pub fn key(&self) -> Key {
        Key { partition: self.pk.clone(), sort: self.sk.clone() }
    }

    /// Whether it has to be tried now.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        // A time that cannot be read is due: better once too often than never.
        let is_over = DateTime::parse_from_rfc3339(&self.next_attempt).map_or(true, |next| next <= now);
        self.state == DeadLetterState::Waiting && is_over
    }

    /// For how long it has been a dead letter.
    pub fn age(&self, now: DateTime<Utc>) -> Duration {
        DateTime::parse_from_rfc3339(&self.first_failure)
            .ok()
            .and_then(|first| (now - first.to_utc()).to_std().ok())
            .unwrap_or_default()
    }
}

impl DeadLetters {
    /// Prepares a client as [`Table::connect`](crate::Table::connect) does. Nothing is sent.
    pub fn connect(settings: DeadLetterSettings) -> Self {
        Self { client: client(), settings }
    }

    /// Notes that an item could not be published for a lasting reason, after so many earlier attempts.
    /// Returns whether it is tried again by itself.
    ///
    /// Without earlier attempts, a dead letter that is there already keeps all but its reason and the time
    /// of its last failure: a batch comes again as long as another of its records fails. With earlier
    /// attempts it has to be there still.
    pub async fn add(
        &self,
        key: &Key,
        reason: &str,
        earlier_attempts: u32,
    ) -> Result<DeadLetterState, StoreError> {
        let is_last = earlier_attempts.saturating_add(1) >= self.settings.max_attempts;
        let state = if is_last { DeadLetterState::Parked } else { DeadLetterState::Waiting };
        self.put(key, reason, earlier_attempts, state).await
    }

    /// Parks a dead letter, whatever its attempts.
    pub async fn park(&self, letter: &DeadLetter, reason: &str) -> Result<DeadLetterState, StoreError> {
        self.put(&letter.key(), reason, letter.attempts, DeadLetterState::Parked).await
    }

    async fn put(
        &self,
        key: &Key,
        reason: &str,
        earlier_attempts: u32,
        state: DeadLetterState,
    ) -> Result<DeadLetterState, StoreError> {
        let now = Utc::now();
        let next = now + backoff(key, earlier_attempts);
        let (set, condition) = if earlier_attempts == 0 {
            let set = "attempts = if_not_exists(attempts, :attempts), #state = if_not_exists(#state, :state), \
                       next_attempt = if_not_exists(next_attempt, :next)";
            (set, None)
        } else {
            ("attempts = :attempts, #state = :state, next_attempt = :next", Some("attribute_exists(pk)"))
        };
        let updated = self
            .client
            .update_item()
            .table_name(&self.settings.table_name)
            .set_key(Some(key_item(key)))
            .update_expression(format!(
                "SET reason = :reason, last_failure = :now, \
                 first_failure = if_not_exists(first_failure, :now), {set}"
            ))
            .set_condition_expression(condition.map(str::to_owned))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":reason", AttributeValue::S(reason.to_owned()))
            .expression_attribute_values(":now", AttributeValue::S(text(now)))
            .expression_attribute_values(":next", AttributeValue::S(text(next)))
            .expression_attribute_values(":state", to_value(state)?)
            .expression_attribute_values(":attempts", to_value(earlier_attempts.saturating_add(1))?)
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match updated {
            Ok(output) => Ok(dead_letter(output.attributes.unwrap_or_default()).state),
            Err(error) if is_gone(&error) => Ok(DeadLetterState::Dropped),
            Err(error) => Err(error.into()),
        }
    }

    /// One dead letter; `None` where there is none of this key.
    pub async fn get(&self, key: &Key) -> Result<Option<DeadLetter>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.settings.table_name)
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .send()
            .await?;
        Ok(output.item.map(dead_letter))
    }

    /// All dead letters, in no order. The table is small: what is in it is an exception.
    pub async fn all(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let mut letters = Vec::new();
        let mut after = None;
        loop {
            let output = self
                .client
                .scan()
                .table_name(&self.settings.table_name)
                .consistent_read(true)
                .set_exclusive_start_key(after)
                .send()
                .await?;
            letters.extend(output.items.unwrap_or_default().into_iter().map(dead_letter));
            after = output.last_evaluated_key;
            if after.is_none() {
                return Ok(letters);
            }
        }
    }

    /// Removes a dead letter; the item that it names stays.
    pub async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.settings.table_name)
            .set_key(Some(key_item(key)))
            .send()
            .await?;
        Ok(())
    }
}

/// An item as a dead letter. One that was edited until it could not be read is parked: the others go on.
fn dead_letter(item: Item) -> DeadLetter {
    let attribute =
        |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    let (pk, sk, first_failure) = (attribute("pk"), attribute("sk"), attribute("first_failure"));
    from_item(item).unwrap_or_else(|error| DeadLetter {
        pk,
        sk,
        reason: format!("the dead letter itself cannot be read: {error}"),
        attempts: 1,
        first_failure,
        last_failure: String::new(),
        next_attempt: String::new(),
        state: DeadLetterState::Parked,
    })
}

fn is_gone(error: &SdkError<UpdateItemError>) -> bool {
    matches!(error.as_service_error(), Some(UpdateItemError::ConditionalCheckFailedException(_)))
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// How long to wait after `attempts` earlier failures and this one: half of it for certain, the other half
/// spread by the key, so that what failed together is not tried together.
fn backoff(key: &Key, attempts: u32) -> TimeDelta {
    let doubled = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(attempts));
    let half = u64::try_from(doubled.min(LONGEST_RETRY).as_millis() / 2).unwrap_or(u64::MAX);
    let mut hasher = DefaultHasher::new();
    (key, attempts).hash(&mut hasher);
    let wait_ms = half + hasher.finish() % (half + 1);
    TimeDelta::milliseconds(i64::try_from(wait_ms).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_table;

    #[test]
    fn retries_come_later_each_time_and_are_spread() {
        let wait = |sort: &str, attempts| {
            backoff(&Key { partition: "EVENT#1".to_owned(), sort: sort.to_owned() }, attempts)
                .num_milliseconds()
        };
        for (attempts, longest_s) in [(0, 60), (1, 120), (4, 960), (9, 21_600), (u32::MAX, 21_600)] {
            let wait = wait("1", attempts);
            assert!((longest_s * 500..=longest_s * 1000).contains(&wait), "{attempts}: {wait}");
        }
        assert_ne!(wait("1", 3), wait("2", 3));
    }

    #[test]
    fn a_dead_letter_is_due_at_its_time_unless_it_is_parked() {
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
        let states: Vec<_> = dead_letters
            .all()
            .await
            .unwrap()
            .iter()
            .map(|letter| (letter.sk.clone(), letter.state))
            .collect();
        assert!(states.contains(&("a".to_owned(), DeadLetterState::Waiting)), "{states:?}");
        assert!(states.contains(&("b".to_owned(), DeadLetterState::Parked)), "{states:?}");
    }
}

//! The dead letters: the items that could not be published, and the times of their next attempts.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use xzepr_settings::{DeadLetterSettings, RouteName};

use crate::{
    client::LazyClient,
    condition::has_failed_condition,
    error::StoreError,
    keys::Key,
    table::{Item, Table, from_item, key_item, to_value},
};

/// The wait before the next attempt is a minute at first. It doubles after each attempt, up to six hours.
const FIRST_RETRY: Duration = Duration::from_secs(60);
const LONGEST_RETRY: Duration = Duration::from_secs(6 * 60 * 60);

/// The dead letters' table. An item has the primary key of the item that could not be published, or that key with a route
/// in it if only the message of that route could not be published.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    pub(crate) client: LazyClient,
    pub(crate) settings: DeadLetterSettings,
}

/// An item that could not be published: the reason, its attempts and its state. Times are RFC 3339, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    pk: String,
    sk: String,
    /// The reason why the last attempt failed.
    pub reason: String,
    /// The number of attempts.
    pub attempts: u32,
    /// The time of the first failed attempt.
    pub first_failure: String,
    /// The time of the last failed attempt.
    pub last_failure: String,
    /// The time of the next attempt, unless the dead letter is parked.
    pub next_attempt: String,
    /// Whether the redrive retries it.
    pub state: DeadLetterState,
}

/// Whether the redrive retries a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeadLetterState {
    /// The redrive retries it at the time of its next attempt.
    Waiting,
    /// Only a request of an operator retries it.
    Parked,
    /// An operator dropped it during the attempt. It is not stored.
    Dropped,
}

impl DeadLetter {
    /// Its own key.
    pub fn key(&self) -> Key {
        Key { partition: self.pk.clone(), sort: self.sk.clone() }
    }

    /// The key of the item that could not be published, and the route if only that could not take it.
    pub fn item(&self) -> (Key, Option<RouteName>) {
        match self.key().split_route() {
            Some((item, route)) => (item, Some(route)),
            None => (self.key(), None),
        }
    }

    /// Whether the redrive must retry it now.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        // A dead letter whose time cannot be read is due, since an attempt too early is better than none.
        let is_over = DateTime::parse_from_rfc3339(&self.next_attempt).map_or(true, |next| next <= now);
        self.state == DeadLetterState::Waiting && is_over
    }

    /// The time since the first failed attempt; zero if that time cannot be read.
    pub fn age(&self, now: DateTime<Utc>) -> Duration {
        DateTime::parse_from_rfc3339(&self.first_failure)
            .ok()
            .and_then(|first| (now - first.to_utc()).to_std().ok())
            .unwrap_or_default()
    }
}

impl Table {
    /// The dead letters' table. It shares the client of this table.
    pub fn dead_letters(&self, settings: DeadLetterSettings) -> DeadLetters {
        DeadLetters { client: self.client.clone(), settings }
    }
}

impl DeadLetters {
    /// Stores that an item can never be published, after this number of earlier attempts. Returns the state of its dead
    /// letter.
    ///
    /// Without earlier attempts, a dead letter that exists already gets only the new reason and the time of this
    /// failure. The stream delivers a batch again as long as another of its records fails, and such a delivery is no
    /// attempt of its own. With earlier attempts, the dead letter must still exist. A dropped one is not stored again.
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

    /// Parks a dead letter, regardless of the number of its attempts.
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
            .expression_attribute_values(":now", AttributeValue::S(rfc3339(now)))
            .expression_attribute_values(":next", AttributeValue::S(rfc3339(next)))
            .expression_attribute_values(":state", to_value(state)?)
            .expression_attribute_values(":attempts", to_value(earlier_attempts.saturating_add(1))?)
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match updated {
            Ok(output) => Ok(dead_letter(output.attributes.unwrap_or_default()).state),
            Err(error) if has_failed_condition(&error) => Ok(DeadLetterState::Dropped),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads one dead letter; `None` if none has this key.
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

    /// Reads all dead letters, in no order. The table is small, since each of its items is an exception.
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

    /// Removes a dead letter. The item that it names stays.
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

/// The dead letter in an item. If somebody has edited the item so that it cannot be read, the dead letter is parked and
/// does not stop the others.
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

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The wait after this failure and `attempts` earlier ones. Half of it is fixed. The other half depends on the key, so
/// that items that failed together are not retried together.
fn backoff(key: &Key, attempts: u32) -> TimeDelta {
    let doubled = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(attempts));
    let half = u64::try_from(doubled.min(LONGEST_RETRY).as_millis() / 2).unwrap_or(u64::MAX);
    let mut hasher = DefaultHasher::new();
    (key, attempts).hash(&mut hasher);
    let wait_ms = half + hasher.finish() % (half + 1);
    TimeDelta::milliseconds(i64::try_from(wait_ms).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;

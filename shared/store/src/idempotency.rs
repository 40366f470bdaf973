//! The first answer to an `Idempotency-Key`, kept for 24 hours.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use xzepr_domain::Idempotency;

use crate::{
    error::StoreError,
    keys::Key,
    table::{Item, Table, from_item, to_item},
    transaction::{NewItem, Written},
};

/// How long an answer is kept. DynamoDB deletes items some time after their end, so every read compares it:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Serialize, Deserialize)]
struct IdempotencyItem {
    pk: String,
    sk: String,
    request_hash: String,
    answer: String,
    expires_at: u64,
}

impl Table {
    /// The id that this key was answered with, if it was. The same key with another request is
    /// [`StoreError::KeyReused`].
    pub async fn first_answer(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<String>, StoreError> {
        let Some(idempotency) = idempotency else { return Ok(None) };
        match self.get(Key::idempotency(idempotency)).await? {
            Some(item) => answer(item, idempotency),
            None => Ok(None),
        }
    }

    /// Keeps the answer for a key, unless it has one; returns the one that is kept.
    pub(crate) async fn keep_answer(
        &self,
        idempotency: Option<&Idempotency>,
        answer: String,
    ) -> Result<String, StoreError> {
        let Some(idempotency) = idempotency else { return Ok(answer) };
        match self.put_new(vec![answer_item(idempotency, &answer)?]).await? {
            Written::All => Ok(answer),
            Written::Exists { item, .. } => kept_answer(item, idempotency),
        }
    }
}

/// The item that keeps an answer, for the transaction that makes the answer true.
pub(crate) fn answer_item(idempotency: &Idempotency, answer: &str) -> Result<NewItem, StoreError> {
    let key = Key::idempotency(idempotency);
    let now = now_s();
    let item = to_item(IdempotencyItem {
        pk: key.partition,
        sk: key.sort,
        request_hash: idempotency.request_hash.clone(),
        answer: answer.to_owned(),
        expires_at: now + KEPT.as_secs(),
    })?;
    Ok(NewItem::or_expired(item, now))
}

/// The answer in an item that kept another from being written.
pub(crate) fn kept_answer(item: Item, idempotency: &Idempotency) -> Result<String, StoreError> {
    answer(item, idempotency)?
        .ok_or_else(|| StoreError::Unavailable("an answer expired while it was looked at".to_owned()))
}

fn answer(item: Item, idempotency: &Idempotency) -> Result<Option<String>, StoreError> {
    let item: IdempotencyItem = from_item(item)?;
    if item.expires_at <= now_s() {
        return Ok(None);
    }
    if item.request_hash != idempotency.request_hash {
        return Err(StoreError::KeyReused);
    }
    Ok(Some(item.answer))
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

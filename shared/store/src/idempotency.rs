//! The first response to an `Idempotency-Key`, stored for 24 hours.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use xzepr_domain::Idempotency;

use crate::{
    error::StoreError,
    keys::Key,
    new_items::{Created, NewItem, Role},
    table::{Item, Table, from_item, to_item},
};

/// How long a response counts. DynamoDB deletes an item some time after it expires, so every read compares the time:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Serialize, Deserialize)]
struct IdempotencyItem {
    pk: String,
    sk: String,
    request_hash: String,
    #[serde(rename = "answer")]
    response: String,
    expires_at: u64,
}

impl Table {
    /// Reads the id in the first response to this key; `None` if the key has no response yet. Fails with
    /// [`StoreError::KeyReused`] if the key came with another request.
    pub async fn first_response(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<String>, StoreError> {
        let Some(idempotency) = idempotency else { return Ok(None) };
        match self.get(Key::idempotency(idempotency)).await? {
            Some(item) => unexpired_response(item, idempotency),
            None => Ok(None),
        }
    }

    /// Stores the response to a key, unless the key has one. Returns the response that is stored.
    pub(crate) async fn store_response(
        &self,
        idempotency: Option<&Idempotency>,
        response: String,
    ) -> Result<String, StoreError> {
        let Some(idempotency) = idempotency else { return Ok(response) };
        match self.create(vec![response_item(idempotency, &response)?]).await? {
            Created::All => Ok(response),
            Created::Exists(_, item) => existing_response(item, idempotency),
        }
    }
}

/// The item of a response, for the transaction that makes the response true.
pub(crate) fn response_item(idempotency: &Idempotency, response: &str) -> Result<NewItem, StoreError> {
    let key = Key::idempotency(idempotency);
    let now = now_s();
    let item = to_item(IdempotencyItem {
        pk: key.partition,
        sk: key.sort,
        request_hash: idempotency.request_hash.clone(),
        response: response.to_owned(),
        expires_at: now + LIFETIME.as_secs(),
    })?;
    Ok(NewItem::or_expired(Role::Response, item, now))
}

/// The response in an item that existed before.
pub(crate) fn existing_response(item: Item, idempotency: &Idempotency) -> Result<String, StoreError> {
    unexpired_response(item, idempotency)?
        .ok_or_else(|| StoreError::Unavailable("a response expired while it was read".to_owned()))
}

fn unexpired_response(item: Item, idempotency: &Idempotency) -> Result<Option<String>, StoreError> {
    let item: IdempotencyItem = from_item(item)?;
    if item.expires_at <= now_s() {
        return Ok(None);
    }
    if item.request_hash != idempotency.request_hash {
        return Err(StoreError::KeyReused);
    }
    Ok(Some(item.response))
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

//! A table in memory, for the tests.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use xzepr_domain::{CreatedBy, Event, Idempotency, JsonText, ReceiverId};
use xzepr_store::StoreError;

use crate::store::{ReadReceivers, StoreEvents};

pub(crate) const RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

#[derive(Default)]
pub(crate) struct Store {
    pub(crate) schemas: HashMap<ReceiverId, String>,
    /// The id in the first response to every key.
    pub(crate) first_response: Option<&'static str>,
    pub(crate) is_unavailable: bool,
    pub(crate) schema_reads: AtomicUsize,
    pub(crate) events: Mutex<Vec<Event>>,
    /// The sender of each event.
    pub(crate) senders: Mutex<Vec<Option<CreatedBy>>>,
    pub(crate) responses: Mutex<HashMap<String, (String, String)>>,
    pub(crate) writing: AtomicUsize,
    /// The most writes that were in progress at the same time.
    pub(crate) most_writing: AtomicUsize,
}

impl Store {
    pub(crate) fn with_schema(schema: &str) -> Self {
        Self { schemas: [(RECEIVER.parse().unwrap(), schema.to_owned())].into(), ..Self::default() }
    }

    pub(crate) fn stored(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    fn available(&self) -> Result<(), StoreError> {
        match self.is_unavailable {
            true => Err(StoreError::Unavailable("ThrottlingException".to_owned())),
            false => Ok(()),
        }
    }

    fn response(&self, idempotency: Option<&Idempotency>) -> Result<Option<String>, StoreError> {
        let Some(idempotency) = idempotency else { return Ok(None) };
        match self.responses.lock().unwrap().get(&idempotency.key.to_string()) {
            Some((hash, _)) if *hash != idempotency.request_hash => Err(StoreError::KeyReused),
            Some((_, id)) => Ok(Some(id.clone())),
            None => Ok(self.first_response.map(str::to_owned)),
        }
    }
}

impl ReadReceivers for Store {
    async fn read_schema(&self, receiver: ReceiverId) -> Result<Option<JsonText>, StoreError> {
        self.available()?;
        self.schema_reads.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Ok(self.schemas.get(&receiver).map(|schema| schema.clone().try_into().unwrap()))
    }
}

impl StoreEvents for Store {
    async fn find_first_response(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<String>, StoreError> {
        self.available()?;
        self.response(idempotency)
    }

    /// Throttles an event with the name `throttled`, and takes a minute for one with the name `slow`.
    async fn store_event(
        &self,
        event: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> Result<String, StoreError> {
        self.available()?;
        let writing = self.writing.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_writing.fetch_max(writing, Ordering::Relaxed);
        tokio::task::yield_now().await;
        self.writing.fetch_sub(1, Ordering::Relaxed);
        match &*event.name {
            "throttled" => return Err(StoreError::Unavailable("ThrottlingException".to_owned())),
            "slow" => tokio::time::sleep(Duration::from_secs(60)).await,
            _ => {}
        }
        let id = event.id.to_string();
        if let Some(Idempotency { key, request_hash, .. }) = idempotency {
            self.responses.lock().unwrap().insert(key.to_string(), (request_hash.clone(), id.clone()));
        }
        self.events.lock().unwrap().push(event.clone());
        self.senders.lock().unwrap().push(created_by.cloned());
        Ok(id)
    }
}

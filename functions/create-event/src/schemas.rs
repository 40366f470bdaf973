//! The receivers' compiled schemas, kept for the life of the process: a receiver never changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use xzepr_domain::{ReceiverId, Schema};
use xzepr_http::Error;
use xzepr_store::Table;

/// The most schemas kept. A compiled schema of 64 KiB takes some hundred KiB, an ordinary one a few.
const CAPACITY: usize = 256;

pub(crate) struct Schemas {
    table: Table,
    compiled: Mutex<HashMap<ReceiverId, Arc<Schema>>>,
}

impl Schemas {
    pub(crate) fn new(table: Table) -> Self {
        Self { table, compiled: Mutex::default() }
    }

    /// The schema of a receiver; `None` where there is no such receiver, which is not kept, since it
    /// may be created at any moment.
    pub(crate) async fn of(&self, receiver: ReceiverId) -> Result<Option<Arc<Schema>>, Error> {
        if let Some(schema) = self.kept(receiver) {
            return Ok(Some(schema));
        }
        let Some(text) = self.table.receiver_schema(receiver).await? else { return Ok(None) };
        let schema = Schema::compile(&text)
            .map_err(|error| Error::Stored(format!("the schema of receiver {receiver} {error}")))?;
        Ok(Some(self.keep(receiver, schema)))
    }

    fn kept(&self, receiver: ReceiverId) -> Option<Arc<Schema>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner).get(&receiver).cloned()
    }

    fn keep(&self, receiver: ReceiverId, schema: Schema) -> Arc<Schema> {
        let schema = Arc::new(schema);
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if compiled.len() >= CAPACITY {
            compiled.clear();
        }
        compiled.insert(receiver, Arc::clone(&schema));
        schema
    }
}

//! The receivers' compiled schemas, kept while there is room: a receiver never changes.

use std::sync::{Arc, Mutex, PoisonError};

use xzepr_domain::{JsonText, ReceiverId, Schema, SchemaError};
use xzepr_http::Error;
use xzepr_store::Table;

use crate::cache::Cache;

pub(crate) struct Schemas {
    table: Table,
    compiled: Mutex<Cache>,
}

/// A receiver's schema as it compiles today: a release may refuse what an earlier one accepted.
pub(crate) type Compiled = Result<Arc<Schema>, SchemaError>;

impl Schemas {
    pub(crate) fn new(table: Table) -> Self {
        Self { table, compiled: Mutex::default() }
    }

    /// The schema of a receiver. `None` where there is no such receiver, which is not kept, since it may be
    /// created at any moment.
    pub(crate) async fn of(&self, receiver: ReceiverId) -> Result<Option<Compiled>, Error> {
        if let Some(schema) = self.kept(receiver) {
            return Ok(Some(Ok(schema)));
        }
        let Some(text) = self.table.receiver_schema(receiver).await? else { return Ok(None) };
        Ok(Some(self.compile(receiver, &text)))
    }

    fn kept(&self, receiver: ReceiverId) -> Option<Arc<Schema>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner).get(receiver)
    }

    fn compile(&self, receiver: ReceiverId, text: &JsonText) -> Compiled {
        let schema = Arc::new(Schema::compile(text)?);
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner).insert(receiver, Arc::clone(&schema));
        Ok(schema)
    }
}

//! The compiled schemas of receivers. A receiver never changes, so its schema is kept while there is room.

use std::sync::{Arc, Mutex, PoisonError};

use xzepr_domain::{JsonText, ReceiverId, Schema, SchemaError};
use xzepr_http::HttpError;
use xzepr_telemetry::metrics::{
    definitions::{SCHEMA_CACHE_HITS, SCHEMA_CACHE_MISSES},
    record,
};

use crate::{cache::Cache, costs::Costs, store::ReadReceivers};

#[derive(Default)]
pub(crate) struct Schemas {
    compiled: Mutex<Cache>,
}

/// A receiver's schema as this release compiles it. A release may refuse a schema that an earlier one accepted.
pub(crate) type Compiled = Result<Arc<Schema>, SchemaError>;

impl Schemas {
    /// The schema of a receiver. `None` if the receiver does not exist: that is not kept, since the receiver may be
    /// created at any moment.
    pub(crate) async fn of(
        &self,
        receiver: ReceiverId,
        receivers: &impl ReadReceivers,
        costs: &Costs,
    ) -> Result<Option<Compiled>, HttpError> {
        if let Some(schema) = self.kept(receiver) {
            record(SCHEMA_CACHE_HITS.of(1));
            return Ok(Some(Ok(schema)));
        }
        record(SCHEMA_CACHE_MISSES.of(1));
        let Some(text) = receivers.read_schema(receiver).await? else { return Ok(None) };
        // Another event of the batch may have compiled it in the meantime.
        if let Some(schema) = self.kept(receiver) {
            return Ok(Some(Ok(schema)));
        }
        costs.may_compile()?;
        let compiled = self.compile(receiver, &text);
        costs.add_compiled(&text, compiled.as_deref().ok());
        Ok(Some(compiled))
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

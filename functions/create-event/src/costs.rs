//! The processor time that the events of one request may use together.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use xzepr_domain::{Budget, Event, EventId, EventRequest, JsonText, Rejected, Schema, SchemaError};
use xzepr_http::HttpError;

/// The bytes of compiled schemas after which no further one is compiled. A compile takes up to some 20 ms for each MiB
/// that is counted for it. A hundred receivers whose schemas have several patterns need less.
const MAX_COMPILED_BYTES: usize = 24 << 20;

/// The bytes that are counted for each byte of a schema's text at least. References and ids can cost much time and leave
/// little in the result.
const BYTES_A_TEXT_BYTE: usize = 32;

/// The costs so far of a request.
#[derive(Default)]
pub(crate) struct Costs {
    checks: Mutex<Budget>,
    compiled_bytes: AtomicUsize,
}

impl Costs {
    pub(crate) fn of_batch() -> Self {
        Self { checks: Mutex::new(Budget::of_batch()), ..Self::default() }
    }

    /// Accepts an event. The steps of the check of its payload are taken from those that the request has left.
    pub(crate) fn accept(
        &self,
        request: EventRequest<'_>,
        schema: Option<Result<&Schema, &SchemaError>>,
        id: EventId,
    ) -> Result<Event, Rejected> {
        let mut budget = self.checks.lock().unwrap_or_else(PoisonError::into_inner);
        request.accept(schema, id, &mut budget)
    }

    /// Fails if the request has compiled enough. The first schema of a request is always compiled, so a retry of the events
    /// that were refused gets on.
    pub(crate) fn may_compile(&self) -> Result<(), HttpError> {
        match self.compiled_bytes.load(Ordering::Relaxed) {
            0..MAX_COMPILED_BYTES => Ok(()),
            _ => Err(HttpError::TooManySchemas),
        }
    }

    /// Counts a compile, also one that has failed.
    pub(crate) fn add_compiled(&self, text: &JsonText, schema: Option<&Schema>) {
        let bytes = schema.map_or(0, Schema::bytes).max(BYTES_A_TEXT_BYTE * text.as_str().len());
        self.compiled_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

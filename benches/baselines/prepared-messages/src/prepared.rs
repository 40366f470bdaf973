//! The messages of a batch.

use lambda_runtime::Error;
use serde_json::value::RawValue;
use xzepr_messages::{Message, Messages};
use xzepr_settings::MessageSettings;
use xzepr_store::{RecordKind, StreamRecord};

/// Makes the messages of a batch, and keeps them.
pub(crate) struct Prepared {
    maker: Messages,
    batch: String,
    messages: Vec<Message>,
}

impl Prepared {
    pub(crate) fn new(settings: MessageSettings) -> Self {
        Self { maker: Messages::new(settings), batch: String::new(), messages: Vec::new() }
    }

    /// The messages of a batch of the stream: one for each record and route.
    pub(crate) fn of(&mut self, batch: &RawValue) -> Result<Vec<&Message>, Error> {
        if self.batch != batch.get() {
            self.messages = self.make(batch)?;
            batch.get().clone_into(&mut self.batch);
        }
        Ok(self.messages.iter().collect())
    }

    fn make(&self, batch: &RawValue) -> Result<Vec<Message>, Error> {
        let mut messages = Vec::new();
        for record in StreamRecord::parse_batch(batch.get().as_bytes())? {
            let RecordKind::Event(event) = record.kind else { return Err("a record is no event".into()) };
            for route in self.maker.routes() {
                messages.extend(self.maker.message(route, &event, None)?);
            }
        }
        Ok(messages)
    }
}

//! Makes the records of publications.

use std::{sync::Arc, time::Duration};

use xzepr_domain::{Event, EventKind, ReceiverId};
use xzepr_store::StoreError;

use super::{AddDeadLetters, Publisher, ROUND_BYTES, SendMessages};
use crate::{
    publication::Publication,
    receivers::ReadReceivers,
    record::{Made, NotNow, Record, Records},
    schemas::{FindSchemaIds, Unframed},
};

/// The receivers that publications need.
pub(super) struct NeededReceivers {
    /// The receiver of each publication, if it needs one.
    needed: Vec<Option<ReceiverId>>,
    /// Why they could not all be read.
    unread: Option<Arc<StoreError>>,
}

impl<P: SendMessages, D: AddDeadLetters, R: ReadReceivers, S: FindSchemaIds> Publisher<P, D, R, S> {
    /// The receiver that the messages of an event need.
    fn receiver_of(&self, event: &Event) -> Option<ReceiverId> {
        let for_schema = self.schemas.is_some() && event.kind == EventKind::Event;
        if for_schema { Some(event.event_receiver_id) } else { self.messages.receiver_of(event) }
    }

    /// Reads the receivers that routes and schemas need.
    pub(super) async fn read_receivers(&mut self, publications: &[Publication]) -> NeededReceivers {
        let needed: Vec<_> =
            publications.iter().map(|publication| self.receiver_of(publication.event()?)).collect();
        let read = self.receivers.read(needed.iter().flatten().copied()).await;
        NeededReceivers { needed, unread: read.err().map(Arc::new) }
    }

    /// Makes the records of publications, in their order, from the one at index `next` on, as many as a round has.
    pub(super) fn records_of(
        &self,
        publications: &[Publication],
        receivers: &NeededReceivers,
        next: &mut usize,
    ) -> Vec<Record> {
        let makes = Records {
            messages: &self.messages,
            frames_payloads: self.schemas.is_some(),
            unread: receivers.unread.clone(),
        };
        let (mut records, mut bytes) = (Vec::new(), 0);
        while let (Some(publication), true) = (publications.get(*next), bytes < ROUND_BYTES) {
            let receiver = receivers.needed[*next].and_then(|id| self.receivers.get(id));
            let of_publication = makes.of(*next, publication, receiver);
            bytes += of_publication.iter().map(Record::size).sum::<usize>();
            records.extend(of_publication);
            *next += 1;
        }
        records
    }

    /// Puts the messages behind the wire header if there is a schema registry.
    pub(super) async fn frame(&self, publications: &[Publication], records: &mut [Record], within: Duration) {
        let Some(schemas) = &self.schemas else { return };
        let mut framing = schemas.framing(within);
        let mut unregistered = None;
        for record in records {
            let (Made::Message(message), Some(name), Some(event)) =
                (&mut record.made, &record.route, publications[record.publication].event())
            else {
                continue;
            };
            let Some(route) = self.messages.routes().iter().find(|route| route.settings.name == *name) else {
                continue;
            };
            let receiver = self.receivers.get(event.event_receiver_id);
            match framing.frame(message, route, event, receiver).await {
                Ok(error) => unregistered = unregistered.or(error),
                Err(Unframed::Receiver(reason)) => record.made = Made::Never(reason),
                // The messages of other topics must not wait for the schema of this one.
                Err(Unframed::Schema(error))
                    if self.messages.only_topic().is_none() && !error.concerns_every_subject() =>
                {
                    record.made = Made::Never(error.to_string());
                }
                Err(Unframed::Schema(error)) => record.made = Made::NotNow(NotNow::Schema(error)),
            }
        }
        if let Some(error) = unregistered {
            tracing::warn!("the schema of at least one receiver is not registered yet: {error}");
        }
    }
}

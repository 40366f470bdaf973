//! The request to accept an event. A plain body and a CloudEvent become the same request.

mod content_hash;
mod plain;

use xzepr_json::{Json, JsonText};
use xzepr_json_schema::{Budget, Mismatch, Schema, SchemaError};

use crate::{
    attributes::{Attributes, Traceparent},
    caller::Caller,
    cloud_event::CloudEventId,
    event::Event,
    event_kind::EventKind,
    fault::{FaultKind, Faults, Rejected},
    id::{EventId, ReceiverId},
    idempotency::{Idempotency, IdempotencyKey},
    text::{Description, ShortText},
};

const OTHERS_TOOK_THE_WORK: &str =
    "takes more work to check than the other events of the batch have left: send it in another request";

/// An event that a caller sent, after it is read from a body. To accept it, the receiver's schema is needed too.
pub struct EventRequest<'b> {
    content: EventContent<'b>,
    names: FieldNames,
    /// The source and id of a CloudEvent.
    cloud_event: Option<CloudEventId>,
    faults: Faults,
}

/// The parts of an event that a caller sends. A part is `None` after a fault of it was added.
#[derive(Default)]
pub(crate) struct EventContent<'b> {
    pub(crate) name: Option<ShortText>,
    pub(crate) version: Option<ShortText>,
    pub(crate) release: Option<ShortText>,
    pub(crate) platform_id: Option<ShortText>,
    pub(crate) package: Option<ShortText>,
    pub(crate) description: Option<Description>,
    pub(crate) event_receiver_id: Option<ReceiverId>,
    pub(crate) success: Option<bool>,
    pub(crate) payload: Option<(JsonText, Json<'b>)>,
    pub(crate) attributes: Attributes,
}

/// The names of the parts whose faults are found only with the receiver's schema.
#[derive(Clone, Copy)]
pub(crate) struct FieldNames {
    pub(crate) receiver: &'static str,
    pub(crate) payload: &'static str,
}

impl<'b> EventRequest<'b> {
    pub(crate) fn new(
        content: EventContent<'b>,
        names: FieldNames,
        cloud_event: Option<CloudEventId>,
        faults: Faults,
    ) -> Self {
        Self { content, names, cloud_event, faults }
    }

    /// The receiver that the event names, if the member is a valid id.
    pub fn event_receiver_id(&self) -> Option<ReceiverId> {
        self.content.event_receiver_id
    }

    /// Sets the trace of the request that brought the event, unless the event has a trace of its own.
    pub fn add_traceparent(&mut self, traceparent: Option<Traceparent>) {
        let own = &mut self.content.attributes.traceparent;
        *own = own.take().or(traceparent);
    }

    /// The idempotency of a CloudEvent. Its key is the header's, or else its source and id. The request is its content,
    /// so that the same event in another content mode is the same request. `None` for a plain body, whose request is
    /// its text, and for a CloudEvent with a fault, which has no response to keep.
    pub fn cloud_event_idempotency(
        &self,
        caller: Caller,
        header: Option<IdempotencyKey>,
    ) -> Option<Idempotency> {
        let id = self.cloud_event.as_ref().filter(|_| self.faults.is_empty())?;
        let request_hash = content_hash::of(&self.content, header.as_ref().map(|_| id));
        let key = header.unwrap_or_else(|| IdempotencyKey::of_cloud_event(id));
        Some(Idempotency { caller, key, request_hash })
    }

    /// Accepts the event under `id` if it has no fault. `schema` is the schema of its receiver, or the error if that
    /// no longer compiles. It is `None` if the receiver does not exist. The check of the payload takes its steps from
    /// `budget`.
    pub fn accept(
        mut self,
        schema: Option<Result<&Schema, &SchemaError>>,
        id: EventId,
        budget: &mut Budget,
    ) -> Result<Event, Rejected> {
        if let Some(receiver) = self.content.event_receiver_id {
            match schema {
                Some(Ok(schema)) => self.check_payload(schema, budget),
                Some(Err(error)) => self.faults.add(
                    FaultKind::InvalidSchema,
                    self.names.receiver,
                    format!(
                        "names a receiver whose schema is not accepted any more, declare another: it {error}"
                    ),
                ),
                None => self.faults.add(
                    FaultKind::UnknownReceiver,
                    self.names.receiver,
                    format!("names no event receiver: {receiver}"),
                ),
            }
        }
        let Self { content, faults, .. } = self;
        faults.finish(|| {
            Some(Event {
                id,
                kind: EventKind::Event,
                r#type: None,
                name: content.name?,
                version: content.version?,
                release: content.release?,
                platform_id: content.platform_id?,
                package: content.package?,
                description: content.description?,
                event_receiver_id: content.event_receiver_id?,
                success: content.success?,
                is_override: false,
                payload: content.payload?.0,
                attributes: content.attributes,
            })
        })
    }

    fn check_payload(&mut self, schema: &Schema, budget: &mut Budget) {
        let Some((_, value)) = &self.content.payload else { return };
        let (field, faults) = (self.names.payload, &mut self.faults);
        let is_whole = budget.is_whole();
        match schema.mismatches_within(budget, value) {
            Ok(mismatches) => {
                for Mismatch { place, problem } in mismatches {
                    faults.add_at(FaultKind::PayloadMismatch, field, place, problem);
                }
            }
            Err(error) => {
                let problem = if is_whole { error.to_string() } else { OTHERS_TOOK_THE_WORK.to_owned() };
                faults.add(FaultKind::PayloadTooComplex, field, problem);
            }
        }
    }
}

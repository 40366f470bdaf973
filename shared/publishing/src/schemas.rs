//! Puts the values of messages behind Confluent's wire header, with the ids of their schemas.

use std::{collections::HashMap, future::Future, mem, time::Duration};

use tokio::time::{Instant, timeout_at};
use xzepr_domain::{Event, EventKind, EventReceiver};
use xzepr_messages::{Message, Messages, NoMessage, Route, ValueSchema, framed};
use xzepr_schema_registry::{SchemaError, SchemaRegistry, subject};
use xzepr_settings::SubjectNameStrategy;

/// Finds the ids of schemas.
pub trait FindSchemaIds {
    /// The id of a JSON Schema under a subject. An unknown schema is registered.
    fn id_of(&self, subject: &str, schema: &str) -> impl Future<Output = Result<u32, SchemaError>>;
}

// Without the box, the future of a function would exceed the compiler's limit for the depth of a type.
impl FindSchemaIds for SchemaRegistry {
    async fn id_of(&self, subject: &str, schema: &str) -> Result<u32, SchemaError> {
        Box::pin(Self::id_of(self, subject, schema)).await
    }
}

/// The reason why a value is not behind a header.
#[derive(Debug, Clone)]
pub(crate) enum Unframed {
    /// The schema has no id.
    Schema(SchemaError),
    /// The registry does not accept the schema of the event's receiver, which the value follows, or there is none.
    Receiver(String),
}

/// The schemas of a deployment with a schema registry.
pub(crate) struct Schemas<S> {
    pub(crate) registry: S,
    pub(crate) strategy: SubjectNameStrategy,
}

impl<S: FindSchemaIds> Schemas<S> {
    /// Registers the schemas whose subjects are known without an event. Ends at the first schema that is refused.
    pub(crate) async fn register_known(&self, messages: &Messages) -> Result<(), SchemaError> {
        for Route { settings, fixed_topic } in messages.routes() {
            let Some(ValueSchema::Format { record, schema }) = ValueSchema::of_format(settings.format) else {
                continue;
            };
            let topic = match (self.strategy, fixed_topic) {
                (SubjectNameStrategy::Record, _) => "",
                (_, Some(topic)) => topic,
                (_, None) => continue,
            };
            match self.registry.id_of(&subject(self.strategy, topic, record), schema).await {
                Err(error @ SchemaError::Unavailable { .. }) => {
                    tracing::warn!("a schema is not registered, and the first message will retry: {error}");
                }
                registered => drop(registered?),
            }
        }
        Ok(())
    }

    /// Frames the messages of one round.
    pub(crate) fn framing(&self, within: Duration) -> Framing<'_, S> {
        Framing { schemas: self, until: Instant::now() + within, ids: HashMap::new() }
    }
}

/// Puts the values of some messages behind the wire header, up to a time. It asks once for each schema.
pub(crate) struct Framing<'a, S> {
    schemas: &'a Schemas<S>,
    until: Instant,
    /// The ids by subject and record. Two formats can share the subject of a topic.
    ids: HashMap<(String, &'static str), Result<u32, SchemaError>>,
}

impl<S: FindSchemaIds> Framing<'_, S> {
    /// Registers the schema of a receiver under a subject of its own, and puts the value of the receiver's event behind
    /// the header of its schema.
    ///
    /// A value that is the payload has the receiver's schema. For all other values, the receiver's schema is only there
    /// to be found. Its failure delays nothing, and is returned.
    pub(crate) async fn frame(
        &mut self,
        message: &mut Message,
        route: &Route,
        event: &Event,
        receiver: Option<&EventReceiver>,
    ) -> Result<Option<SchemaError>, Unframed> {
        let of_receiver = match receiver.filter(|_| event.kind == EventKind::Event) {
            Some(receiver) => Some(self.id_of(subject_of(receiver), "", receiver.schema.as_str()).await),
            None => None,
        };
        let (id, unregistered) = match ValueSchema::of(route.settings.format, event) {
            ValueSchema::ReceiverPayload => match of_receiver {
                Some(Ok(id)) => (id, None),
                Some(Err(error)) if error.concerns_every_subject() => return Err(Unframed::Schema(error)),
                Some(Err(error)) => return Err(Unframed::Receiver(error.to_string())),
                None => return Err(Unframed::Receiver(NoMessage::MissingReceiver.to_string())),
            },
            ValueSchema::SystemPayload { record, schema } => {
                (self.id_of(record.to_owned(), record, schema).await.map_err(Unframed::Schema)?, None)
            }
            ValueSchema::Format { record, schema } => {
                let subject = subject(self.schemas.strategy, &message.topic, record);
                let id = self.id_of(subject, record, schema).await.map_err(Unframed::Schema)?;
                (id, of_receiver.and_then(Result::err))
            }
        };
        message.value = framed(id, mem::take(&mut message.value));
        Ok(unregistered)
    }

    async fn id_of(
        &mut self,
        subject: String,
        record: &'static str,
        schema: &str,
    ) -> Result<u32, SchemaError> {
        let key = (subject, record);
        if let Some(id) = self.ids.get(&key) {
            return id.clone();
        }
        let asked = timeout_at(self.until, self.schemas.registry.id_of(&key.0, schema)).await;
        let id = asked.unwrap_or_else(|_| Err(SchemaError::too_slow()));
        self.ids.insert(key, id.clone());
        id
    }
}

/// The subject of a receiver's schema. A receiver never changes, so the subject has one version.
fn subject_of(receiver: &EventReceiver) -> String {
    format!("xzepr.event.receiver.{}", receiver.id)
}

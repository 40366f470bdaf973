//! Makes the messages of events: one for each route that matches.

use std::sync::Arc;

use xzepr_domain::{Event, EventReceiver, ReceiverId};
use xzepr_settings::{Compression, Field, Format, InvalidTopic, KeyChoice, MessageSettings, PublicBaseUrl};

use crate::{
    cdevents, cloudevents, cloudevents_binary,
    content::Content,
    epr,
    message::{Message, ROUTE_HEADER, TRACEPARENT_HEADER},
    routes::{Decision, Facts, Route, Target},
    xzepr,
};

/// Makes the messages of a deployment.
#[derive(Debug, Clone)]
pub struct Messages {
    routes: Vec<Route>,
    environment: Option<String>,
    public_base_url: Option<PublicBaseUrl>,
}

/// The reason why an event has no message although its route has one for such an event.
#[derive(Debug, thiserror::Error)]
pub enum NoMessage {
    /// The route or the message needs the event's receiver, and the receiver is missing.
    #[error("its event receiver is not in the table, or its item cannot be read")]
    MissingReceiver,
    /// The route's template gives the event no topic.
    #[error(transparent)]
    InvalidTopic(InvalidTopic),
    /// The payload of a system event has not the members that the registry itself writes.
    #[error("it is a system event, and its payload cannot be read")]
    InvalidSystemEvent,
    /// The message cannot be written. No such event is known.
    #[error(transparent)]
    Unwritable(#[from] serde_json::Error),
}

impl From<InvalidTopic> for NoMessage {
    fn from(invalid: InvalidTopic) -> Self {
        match invalid {
            InvalidTopic::MissingField(Field::ReceiverType) => Self::MissingReceiver,
            invalid => Self::InvalidTopic(invalid),
        }
    }
}

impl Messages {
    /// Messages by the routes of the settings.
    pub fn new(settings: MessageSettings) -> Self {
        let MessageSettings { routes, environment, public_base_url } = settings;
        Self { routes: routes.into_iter().map(Into::into).collect(), environment, public_base_url }
    }

    /// The routes, in the order of the settings.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The topics that are known without an event, each with the codec of its messages.
    pub fn fixed_topics(&self) -> Vec<(Arc<str>, Compression)> {
        let topic = |route: &Route| Some((route.fixed_topic.clone()?, route.settings.compression));
        let mut topics: Vec<_> = Vec::with_capacity(self.routes.len());
        for topic in self.routes.iter().filter_map(topic) {
            if !topics.contains(&topic) {
                topics.push(topic);
            }
        }
        topics
    }

    /// The only topic, if there is one route and all its messages go to one topic.
    pub fn only_topic(&self) -> Option<&Arc<str>> {
        match &self.routes[..] {
            [route] => route.fixed_topic.as_ref(),
            _ => None,
        }
    }

    /// The receiver that routes need beside the event. It is `None` if the event is enough.
    pub fn receiver_of(&self, event: &Event) -> Option<ReceiverId> {
        let needs_receiver = self.routes.iter().any(|route| route.needs_receiver(event));
        needs_receiver.then_some(event.event_receiver_id)
    }

    /// Whether a route needs the receivers of callers' events.
    pub fn reads_receivers(&self) -> bool {
        self.routes.iter().any(Route::reads_receivers)
    }

    /// Whether a route matches an event. `receiver` is the one that [`receiver_of`](Self::receiver_of) asks for.
    pub fn decide(&self, route: &Route, event: &Event, receiver: Option<&EventReceiver>) -> Decision {
        route.decide(self.facts(event, receiver))
    }

    /// The topic and the key that a route gives to the message of an event.
    pub fn target(&self, route: &Route, event: &Event, receiver: Option<&EventReceiver>) -> Target {
        route.target(self.facts(event, receiver))
    }

    fn facts<'a>(&'a self, event: &'a Event, receiver: Option<&'a EventReceiver>) -> Facts<'a> {
        Facts { event, receiver, environment: self.environment.as_deref() }
    }

    /// The message that a route makes of an event, whether or not the event fulfils its conditions. The result is `None`
    /// if the route's format has [no message](Route::has_message) for such an event.
    pub fn message(
        &self,
        route: &Route,
        event: &Event,
        receiver: Option<&EventReceiver>,
    ) -> Result<Option<Message>, NoMessage> {
        let Target { topic, key } = self.target(route, event, receiver);
        let settings = &route.settings;
        let base_url = self.public_base_url.as_ref();
        let partition_key = (settings.key != KeyChoice::Id).then_some(&*key);
        let content = match settings.format {
            Format::Xzepr => xzepr::content(event)?,
            Format::CloudEvents => cloudevents::content(event, base_url, partition_key)?,
            Format::CloudEventsBinary => cloudevents_binary::content(event, base_url, partition_key),
            Format::Epr => epr::content(event, receiver)?,
            Format::CdEvents => match cdevents::content(event)? {
                Some(content) => content,
                None => return Ok(None),
            },
        };
        let Content { value, mut headers } = content;
        if has_own_headers(settings.format) {
            headers.push((ROUTE_HEADER, settings.name.to_string()));
            let trace = event.attributes.traceparent.as_ref();
            headers.extend(trace.map(|trace| (TRACEPARENT_HEADER, trace.to_string())));
        }
        Ok(Some(Message { topic: topic?, key, value, headers, compression: settings.compression }))
    }
}

impl Route {
    /// Whether the route's format has a message for such an event. Only `cdevents` has none for some events.
    pub fn has_message(&self, event: &Event) -> bool {
        self.settings.format != Format::CdEvents || cdevents::has_content(event)
    }
}

/// Whether messages of a format carry headers of the registry. A structured CloudEvent has none, since Python's SDK makes
/// an attribute of each header.
fn has_own_headers(format: Format) -> bool {
    !matches!(format, Format::CloudEvents | Format::CdEvents)
}

#[cfg(test)]
mod tests;

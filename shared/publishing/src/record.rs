//! The records that publications make: one for each route that matches.

use std::{
    fmt::Display,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use xzepr_domain::{Event, EventReceiver};
use xzepr_messages::{Decision, Message, Messages, NoMessage, Route, ValueSchema};
use xzepr_schema_registry::SchemaError;
use xzepr_settings::RouteName;
use xzepr_store::StoreError;

use crate::publication::{Publication, Scope};

/// A record of a publication, as far as it could be made.
#[derive(Debug)]
pub(crate) struct Record {
    /// The index of the publication.
    pub(crate) publication: usize,
    /// The route. It is `None` for an item that contains no event.
    pub(crate) route: Option<RouteName>,
    pub(crate) made: Made,
}

impl Record {
    /// The bytes of its message.
    pub(crate) fn size(&self) -> usize {
        match &self.made {
            Made::Message(message) => message.size(),
            Made::Nothing | Made::Never(_) | Made::NotNow(_) => 0,
        }
    }
}

/// A message, or the reason why there is none.
#[derive(Debug)]
pub(crate) enum Made {
    Message(Message),
    /// The route's format has none for such an event.
    Nothing,
    /// There can never be one.
    Never(String),
    /// There is none yet.
    NotNow(NotNow),
}

/// The reason why a message can only be made later.
#[derive(Debug, Clone)]
pub(crate) enum NotNow {
    /// A receiver that the route needs could not be read.
    Receivers(Arc<StoreError>),
    /// The schema of the value has no id.
    Schema(SchemaError),
}

/// Makes records.
pub(crate) struct Records<'a> {
    pub(crate) messages: &'a Messages,
    /// Whether a value that is a payload needs the receiver for its schema.
    pub(crate) frames_payloads: bool,
    /// Why the receivers could not be read.
    pub(crate) unread: Option<Arc<StoreError>>,
}

impl Records<'_> {
    /// The records of a publication. There are none if no route matches.
    pub(crate) fn of(
        &self,
        index: usize,
        publication: &Publication,
        receiver: Option<&EventReceiver>,
    ) -> Vec<Record> {
        let record =
            |route: Option<&RouteName>, made| Record { publication: index, route: route.cloned(), made };
        let event = match &publication.item {
            Ok(event) => event,
            Err(reason) => return vec![record(None, Made::Never(reason.clone()))],
        };
        let routes = self.messages.routes();
        if let Scope::Route(name) = &publication.scope
            && !routes.iter().any(|route| route.settings.name == *name)
        {
            let reason = format!("there is no route {name} any more (XZEPR_ROUTES)");
            return vec![record(Some(name), Made::Never(reason))];
        }
        if publication.scope == Scope::All && self.is_undecided(event, receiver) {
            // Which routes match is decided when the receiver is back, so that none takes the event by mistake.
            return vec![record(
                None,
                Made::Never(format!("its routes are unknown: {}", NoMessage::MissingReceiver)),
            )];
        }
        routes
            .iter()
            .filter_map(|route| {
                let made = self.made(route, event, receiver, publication)?;
                Some(record(Some(&route.settings.name), made))
            })
            .collect()
    }

    /// Whether a route compares the type of a receiver that does not exist.
    fn is_undecided(&self, event: &Event, receiver: Option<&EventReceiver>) -> bool {
        self.unread.is_none()
            && receiver.is_none()
            && self
                .messages
                .routes()
                .iter()
                .filter(|route| route.needs_receiver(event))
                .any(|route| self.messages.decide(route, event, receiver) == Decision::MissingReceiver)
    }

    /// `None` if the publication does not take the route.
    fn made(
        &self,
        route: &Route,
        event: &Event,
        receiver: Option<&EventReceiver>,
        publication: &Publication,
    ) -> Option<Made> {
        if matches!(&publication.scope, Scope::Route(name) if route.settings.name != *name) {
            return None;
        }
        let needs_receiver = route.needs_receiver(event)
            || (self.frames_payloads
                && ValueSchema::of(route.settings.format, event) == ValueSchema::ReceiverPayload);
        if let (Some(error), None, true) = (&self.unread, receiver, needs_receiver) {
            return Some(Made::NotNow(NotNow::Receivers(Arc::clone(error))));
        }
        let made = convert(|| match &publication.scope {
            Scope::Route(_) => self.messages.message(route, event, receiver).map(Some),
            Scope::All => self.message_if_matched(route, event, receiver),
            Scope::Topic(topic) => {
                let target = self.messages.target(route, event, receiver);
                match target.topic {
                    Ok(named) if *named == **topic => self.message_if_matched(route, event, receiver),
                    _ => Ok(None),
                }
            }
        });
        Some(match made {
            Ok(Some(Some(message))) => Made::Message(match publication.replay {
                Some(replay) => message.replayed_by(replay),
                None => message,
            }),
            Ok(Some(None)) => Made::Nothing,
            Ok(None) => return None,
            Err(reason) => Made::Never(reason),
        })
    }

    /// The result is `None` if the route does not match.
    fn message_if_matched(
        &self,
        route: &Route,
        event: &Event,
        receiver: Option<&EventReceiver>,
    ) -> Result<Option<Option<Message>>, NoMessage> {
        match self.messages.decide(route, event, receiver) {
            Decision::Matches => self.messages.message(route, event, receiver).map(Some),
            Decision::Differs(_) => Ok(None),
            Decision::MissingReceiver => Err(NoMessage::MissingReceiver),
        }
    }
}

/// Catches a panic, so that it fails one record and not its whole batch.
fn convert<T, E: Display>(conversion: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    // A conversion changes nothing that a later one reads.
    match catch_unwind(AssertUnwindSafe(conversion)) {
        Ok(Ok(converted)) => Ok(converted),
        Ok(Err(error)) => Err(format!("the event has no message: {error}")),
        Err(_) => Err("the event's conversion into a message panics".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_conversion_becomes_a_reason() {
        let panics = || -> Result<Option<Message>, String> { panic!("as a bug would") };
        assert_eq!(convert(panics).unwrap_err(), "the event's conversion into a message panics");
        let fails = || -> Result<Option<Message>, String> { Err("of a bug".to_owned()) };
        assert_eq!(convert(fails).unwrap_err(), "the event has no message: of a bug");
    }
}

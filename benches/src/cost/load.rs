//! The load to price.

use xzepr_settings::Format;

use crate::cost::{Kafka, SECONDS};

/// The requests of callers, and how long their events are kept. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Events that callers post in a second, spread evenly over the month.
    pub events_per_second: f64,
    /// Bytes of the JSON of an event.
    pub event_bytes: f64,
    /// The share of failed events.
    pub failed_share: f64,
    /// Completions of groups for each event.
    pub completions_share: f64,
    /// The share of events with an idempotency key. Each CloudEvent has one.
    pub keyed_share: f64,
    /// Events in one request, more than one with `POST /api/v1/events/batch`.
    pub events_per_request: f64,
    /// Requests to read in a second.
    pub reads_per_second: f64,
    /// The format of each route. Every event takes every route.
    pub formats: Vec<Format>,
    /// How many months of events the tables hold.
    pub months_stored: f64,
    /// Whose Kafka it is.
    pub kafka: Kafka,
    /// How many consumers read each topic.
    pub consumers: f64,
    /// How many days a topic keeps a message.
    pub topic_days: f64,
}

impl Load {
    /// The load of this rate, and otherwise of the example in the documents.
    pub fn of(events_per_second: f64) -> Self {
        Self {
            events_per_second,
            event_bytes: 1024.0,
            failed_share: 0.05,
            completions_share: 0.1,
            keyed_share: 0.0,
            events_per_request: 1.0,
            reads_per_second: 0.0,
            formats: vec![Format::Xzepr],
            months_stored: 12.0,
            kafka: Kafka::Yours,
            consumers: 1.0,
            topic_days: 7.0,
        }
    }

    /// Events of callers in a month.
    pub fn events(&self) -> f64 {
        self.events_per_second * SECONDS
    }

    /// Requests with events in a second.
    pub(crate) fn posts_per_second(&self) -> f64 {
        self.events_per_second / self.events_per_request
    }

    /// Completions in a second. Each is an event of the registry's own.
    pub(crate) fn completions_per_second(&self) -> f64 {
        self.events_per_second * self.completions_share
    }

    /// Events that the functions of the stream get in a second.
    pub(crate) fn records_per_second(&self) -> f64 {
        self.events_per_second + self.completions_per_second()
    }

    /// The number of routes.
    pub(crate) fn routes(&self) -> f64 {
        self.formats.iter().map(|_| 1.0).sum()
    }
}

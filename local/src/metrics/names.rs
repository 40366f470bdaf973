//! The metrics' names for Prometheus.

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use xzepr_telemetry::metrics::{Definition, Unit, definitions::*};

/// The dimension of every metric in CloudWatch.
const FUNCTION_NAME: &str = "FunctionName";

/// A metric's name for Prometheus.
pub(super) struct Name {
    pub(super) definition: &'static Definition,
    pub(super) prometheus: &'static str,
    /// Whether the function is a label. Other metrics are the sums of all functions.
    pub(super) is_by_function: bool,
}

/// All metrics, each with its name for Prometheus.
pub(super) static NAMES: [Name; 27] = [
    Name::of(&REQUESTS, "xzepr_requests_total"),
    Name::of(&EVENTS_PUBLISHED, "xzepr_events_published_total"),
    Name::of(&EVENT_PUBLISH_DURATION, "xzepr_event_publish_duration_seconds"),
    Name::of(&KAFKA_CONNECTION_STATUS, "xzepr_kafka_connection_status"),
    Name::of(&ACCEPTANCE_TO_ACKNOWLEDGEMENT, "xzepr_acceptance_to_acknowledgement_seconds"),
    Name::of(&BATCH_SIZE, "xzepr_batch_size"),
    Name::of(&PUBLISH_FAILURES, "xzepr_publish_failures_total"),
    Name::of(&EVENTS_DEAD_LETTERED, "xzepr_events_dead_lettered_total"),
    Name::of(&EVENTS_REDRIVEN, "xzepr_events_redriven_total"),
    Name::of(&EVENTS_REPLAYED, "xzepr_events_replayed_total"),
    Name::of(&EVENTS_SKIPPED, "xzepr_events_skipped_total"),
    Name::of(&EVENTS_UNROUTED, "xzepr_events_unrouted_total"),
    Name::of(&EVENTS_INDEXED, "xzepr_events_indexed_total"),
    Name::of(&EVENTS_UNINDEXED, "xzepr_events_unindexed_total"),
    Name::of(&GATES_COMPLETED, "xzepr_gates_completed_total"),
    Name { definition: &COLD_STARTS, prometheus: "xzepr_cold_starts_total", is_by_function: true },
    Name::of(&SCHEMA_CACHE_HITS, "xzepr_schema_cache_hits_total"),
    Name::of(&SCHEMA_CACHE_MISSES, "xzepr_schema_cache_misses_total"),
    Name::of(&DEAD_LETTERS_WAITING, "xzepr_dead_letters_waiting"),
    Name::of(&DEAD_LETTERS_PARKED, "xzepr_dead_letters_parked"),
    Name::of(&OLDEST_DEAD_LETTER_AGE, "xzepr_oldest_dead_letter_age_seconds"),
    Name::of(&RUNNING_REPLAYS, "xzepr_running_replays"),
    Name::of(&OLDEST_STANDING_REPLAY_AGE, "xzepr_oldest_standing_replay_age_seconds"),
    Name::of(&RECONCILED_EVENTS, "xzepr_reconciled_events"),
    Name::of(&MISSING_EVENTS, "xzepr_missing_events"),
    Name::of(&UNKNOWN_MESSAGES, "xzepr_unknown_messages"),
    Name::of(&FOREIGN_ITEMS, "xzepr_foreign_items"),
];

impl Name {
    const fn of(definition: &'static Definition, prometheus: &'static str) -> Self {
        Self { definition, prometheus, is_by_function: false }
    }

    /// The dimensions that are labels.
    pub(super) fn dimensions(&self) -> impl Iterator<Item = &'static str> {
        let own = self.definition.dimensions.iter().map(|dimension| dimension.name);
        self.is_by_function.then_some(FUNCTION_NAME).into_iter().chain(own)
    }

    /// The label of a dimension.
    pub(super) fn label(dimension: &str) -> String {
        if dimension == FUNCTION_NAME { "function".to_owned() } else { dimension.to_lowercase() }
    }

    /// A value in Prometheus's base unit.
    pub(super) fn in_base_unit(&self, value: f64) -> f64 {
        if self.definition.unit == Unit::Milliseconds { value / 1000.0 } else { value }
    }

    /// An empty histogram: of times from 1 ms to some 17 minutes, or of numbers up to 16,384.
    pub(super) fn histogram(&self) -> Histogram {
        match self.definition.unit {
            Unit::Seconds | Unit::Milliseconds => Histogram::new(exponential_buckets(0.001, 2.0, 21)),
            Unit::Count | Unit::NoUnit => Histogram::new(exponential_buckets(1.0, 2.0, 15)),
        }
    }
}

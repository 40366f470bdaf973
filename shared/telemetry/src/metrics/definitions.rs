//! The metrics. `docs/operations.md#metrics` says what each means, and a test in `local` holds it against this file.
//!
//! Each has the dimension `FunctionName`.

use super::{
    Definition, Dimension,
    Unit::{Count, Milliseconds, NoUnit, Seconds},
};

const KIND: Dimension = Dimension { name: "Kind", values: &["event", "receiver", "group", "replay"] };

const OUTCOME: Dimension =
    Dimension { name: "Outcome", values: &["accepted", "repeated", "refused", "failed"] };

const STATUS: Dimension = Dimension { name: "Status", values: &["success", "failure"] };

const CLASS: Dimension = Dimension {
    name: "Class",
    values: &["connection", "timeout", "topic", "record", "delivery", "table", "schema_registry"],
};

/// Requests that create or change something, by `Kind` (event, receiver, group, replay) and by `Outcome`.
pub static REQUESTS: Definition = Definition::count("Requests", &[KIND, OUTCOME]);

/// Events whose publication ended, by `Status`: `success`, or `failure` if a retry or a dead letter follows.
pub static EVENTS_PUBLISHED: Definition = Definition::count("EventsPublished", &[STATUS]);

/// From giving a batch to the Kafka client until every delivery report is there, once for each event that was sent.
pub static EVENT_PUBLISH_DURATION: Definition = Definition::distribution("EventPublishDuration", Seconds);

/// 1 if the last exchange with the Kafka cluster worked, else 0.
pub static KAFKA_CONNECTION_STATUS: Definition = Definition::gauge("KafkaConnectionStatus", NoUnit);

/// From the acceptance of an event, the time in its id, to its acknowledgement by Kafka. Replays have none.
pub static ACCEPTANCE_TO_ACKNOWLEDGEMENT: Definition =
    Definition::distribution("AcceptanceToAcknowledgement", Milliseconds);

/// The records of one batch of the stream.
pub static BATCH_SIZE: Definition = Definition::distribution("BatchSize", Count);

/// Events that wait for a retry, by the `Class` of the failure.
pub static PUBLISH_FAILURES: Definition = Definition::count("PublishFailures", &[CLASS]);

/// Events of which at least one message became a dead letter.
pub static EVENTS_DEAD_LETTERED: Definition = Definition::count("EventsDeadLettered", &[]);

/// Dead letters that were published by a retry.
pub static EVENTS_REDRIVEN: Definition = Definition::count("EventsRedriven", &[]);

/// Events that a replay published.
pub static EVENTS_REPLAYED: Definition = Definition::count("EventsReplayed", &[]);

/// Events without a message in the format of any route that matches.
pub static EVENTS_SKIPPED: Definition = Definition::count("EventsSkipped", &[]);

/// Events that no route matches.
pub static EVENTS_UNROUTED: Definition = Definition::count("EventsUnrouted", &[]);

/// Events whose search items are written and whose gates are evaluated.
pub static EVENTS_INDEXED: Definition = Definition::count("EventsIndexed", &[]);

/// Records of the stream that can never be indexed.
pub static EVENTS_UNINDEXED: Definition = Definition::count("EventsUnindexed", &[]);

/// Completions of groups that were announced.
pub static GATES_COMPLETED: Definition = Definition::count("GatesCompleted", &[]);

/// Processes that began their work.
pub static COLD_STARTS: Definition = Definition::count("ColdStarts", &[]);

/// Events whose receiver's compiled schema was in the cache.
pub static SCHEMA_CACHE_HITS: Definition = Definition::count("SchemaCacheHits", &[]);

/// Events whose receiver had to be read.
pub static SCHEMA_CACHE_MISSES: Definition = Definition::count("SchemaCacheMisses", &[]);

/// Dead letters that wait for a retry.
pub static DEAD_LETTERS_WAITING: Definition = Definition::gauge("DeadLettersWaiting", Count);

/// Dead letters that only an operator retries.
pub static DEAD_LETTERS_PARKED: Definition = Definition::gauge("DeadLettersParked", Count);

/// The age of the oldest dead letter that waits.
pub static OLDEST_DEAD_LETTER_AGE: Definition = Definition::gauge("OldestDeadLetterAge", Seconds);

/// Replays that run.
pub static RUNNING_REPLAYS: Definition = Definition::gauge("RunningReplays", Count);

/// The longest time since the position of a running replay moved.
pub static OLDEST_STANDING_REPLAY_AGE: Definition = Definition::gauge("OldestStandingReplayAge", Seconds);

/// Events of the hours that the schedule compared.
pub static RECONCILED_EVENTS: Definition = Definition::gauge("ReconciledEvents", Count);

/// Records of those hours that are neither on their topics nor dead letters.
pub static MISSING_EVENTS: Definition = Definition::gauge("MissingEvents", Count);

/// Ids of those hours that are on a topic that should have no record of them.
pub static UNKNOWN_MESSAGES: Definition = Definition::gauge("UnknownMessages", Count);

/// Items of those hours under the keys of events that are no events.
pub static FOREIGN_ITEMS: Definition = Definition::gauge("ForeignItems", Count);

/// All metrics.
pub static ALL: [&Definition; 27] = [
    &REQUESTS,
    &EVENTS_PUBLISHED,
    &EVENT_PUBLISH_DURATION,
    &KAFKA_CONNECTION_STATUS,
    &ACCEPTANCE_TO_ACKNOWLEDGEMENT,
    &BATCH_SIZE,
    &PUBLISH_FAILURES,
    &EVENTS_DEAD_LETTERED,
    &EVENTS_REDRIVEN,
    &EVENTS_REPLAYED,
    &EVENTS_SKIPPED,
    &EVENTS_UNROUTED,
    &EVENTS_INDEXED,
    &EVENTS_UNINDEXED,
    &GATES_COMPLETED,
    &COLD_STARTS,
    &SCHEMA_CACHE_HITS,
    &SCHEMA_CACHE_MISSES,
    &DEAD_LETTERS_WAITING,
    &DEAD_LETTERS_PARKED,
    &OLDEST_DEAD_LETTER_AGE,
    &RUNNING_REPLAYS,
    &OLDEST_STANDING_REPLAY_AGE,
    &RECONCILED_EVENTS,
    &MISSING_EVENTS,
    &UNKNOWN_MESSAGES,
    &FOREIGN_ITEMS,
];

//! The DynamoDB tables: keys, items, conditional and transactional writes, and the records of the stream.
//!
//! The table is the outbox. A create writes its entity and an event item in one atomic step. The stream delivers every
//! event item to the publisher, which needs no other item.

mod batch_reads;
mod client;
mod condition;
mod created_by;
mod dead_letters;
mod error;
mod event_items;
mod event_reader;
mod event_receiver_groups;
mod event_receivers;
mod events;
mod gate_reads;
mod gates;
mod greens;
mod group_changes;
mod idempotency;
mod index;
mod keys;
mod lag;
mod ledger;
mod lists;
mod new_items;
mod receiver_names;
mod replay_items;
mod replays;
mod running_replays;
mod search_days;
mod search_items;
mod search_keys;
mod search_reads;
mod stream_batch;
mod stream_image;
mod stream_record;
mod table;
#[cfg(any(test, feature = "testing"))]
mod test_table;
#[cfg(feature = "testing")]
pub mod testing;
mod transaction;
mod trusted_roots;

pub use dead_letters::{DeadLetter, DeadLetterState, DeadLetters};
pub use error::StoreError;
pub use event_reader::{EventPage, EventReader, PageItem};
pub use gates::CommitOutcome;
pub use group_changes::ModifyOutcome;
pub use index::Index;
pub use keys::{EVENT_PREFIX, InvalidKey, Key, LAST_CHARACTERS, PARTITION_KEY, SORT_KEY};
pub use lag::Lag;
pub use lists::{GroupFilter, ReceiverFilter};
pub use receiver_names::ReceiverName;
pub use replays::{CancelOutcome, LeaseOutcome, Ownership, StartOutcome};
pub use running_replays::{ReplayedRange, Replays};
pub use search_days::DaysPage;
pub use search_reads::SummaryPage;
pub use stream_batch::InvalidBatch;
pub use stream_record::{RecordKind, StreamRecord, UnknownShape};
pub use table::Table;
pub use trusted_roots::InvalidBundle;

//! The keys of search items in the index table.

use chrono::NaiveDate;
use xzepr_domain::{Event, EventId, ReceiverId, ShortText};

use crate::keys::Key;

/// The partition key of the days that have events.
pub(crate) const DAYS: &str = "DAYS";

/// The partition key of the events with this name. A name of 255 characters has at most 1,020 bytes, and a partition
/// key may have 2,048.
pub(crate) fn name_partition(name: &ShortText) -> String {
    format!("NAME#{name}")
}

/// The partition key of the events of this receiver. The events of a group's gate are under the group's ULID.
pub(crate) fn receiver_partition(receiver: ReceiverId) -> String {
    format!("RECEIVER-EVENTS#{receiver}")
}

/// The key of the marker of a day.
pub(crate) fn day_key(day: NaiveDate) -> Key {
    Key { partition: DAYS.to_owned(), sort: day.to_string() }
}

/// The key of an event in one of the partitions above.
pub(crate) fn search_key(partition: String, id: EventId) -> Key {
    Key { partition, sort: id.to_string() }
}

impl Key {
    /// The keys of the index table that a successful event of a caller is written to: under its name, under its receiver,
    /// the marker of its day, and the successes of its artifact.
    pub fn in_index(event: &Event) -> Vec<Self> {
        let day = event.id.time().map(|time| day_key(time.date_naive()));
        [name_partition(&event.name), receiver_partition(event.event_receiver_id)]
            .map(|partition| search_key(partition, event.id))
            .into_iter()
            .chain(day)
            .chain([Self::greens(&event.artifact())])
            .collect()
    }
}

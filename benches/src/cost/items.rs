//! The sizes of items, and their request units:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

/// Bytes that the item of an event has beyond the JSON of the event: keys, kind and the sender's name, less the syntax.
const EXTRA_BYTES: f64 = 60.0;

/// Bytes of a search item, which has no payload.
pub(crate) const SEARCH_ITEM_BYTES: f64 = 250.0;

/// Bytes of a completion: the event that announces it, and the item of the gate.
pub(crate) const COMPLETION_BYTES: f64 = 1000.0;

/// Bytes that the storage of each item is billed with beside its own.
pub(crate) const BYTES_BESIDE_AN_ITEM: f64 = 100.0;

/// Bytes of a write unit.
const WRITE_UNIT: f64 = 1024.0;

/// Bytes of a read unit of a consistent read.
pub(crate) const READ_UNIT: f64 = 4096.0;

/// Bytes of the item of an event.
pub(crate) fn event_item_bytes(event_bytes: f64) -> f64 {
    event_bytes + EXTRA_BYTES
}

/// Write units of an item of this size. A transaction takes twice as many.
pub(crate) fn write_units(bytes: f64) -> f64 {
    (bytes / WRITE_UNIT).ceil()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_costs_a_unit_for_each_kb_that_it_begins() {
        assert_eq!([1.0, 1024.0, 1025.0, 2049.0].map(write_units), [1.0, 1.0, 2.0, 3.0]);
        assert_eq!(write_units(event_item_bytes(964.0)), 1.0);
        assert_eq!(write_units(event_item_bytes(965.0)), 2.0);
    }
}

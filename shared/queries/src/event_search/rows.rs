//! The rows of a page: the events as callers read them, as far as a response has room for them.

use std::collections::HashMap;

use xzepr_domain::{Event, EventId, EventSummary};

use crate::{page_bytes::PageBytes, records::EventRecord};

/// The rows of a page that is being filled.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    records: Vec<EventRecord>,
    bytes: PageBytes,
}

impl Rows {
    /// Adds events without their payloads. If one does not fit, it returns its id and adds none after it.
    pub(crate) fn add_summaries(&mut self, events: Vec<EventSummary>) -> Option<EventId> {
        events.into_iter().map(|event| (event.id, event.into())).find_map(|(id, record)| self.add(id, record))
    }

    /// Adds whole events in the order of their ids. An id whose event does not exist is passed over: a table that was
    /// restored can have fewer events than its index.
    pub(crate) fn add_events(&mut self, ids: &[EventId], events: Vec<Event>) -> Option<EventId> {
        let mut events: HashMap<_, _> = events.into_iter().map(|event| (event.id, event)).collect();
        ids.iter().find_map(|id| self.add(*id, EventRecord::new(events.remove(id)?, None)))
    }

    /// Returns the id if the page has no room for the record.
    fn add(&mut self, id: EventId, record: EventRecord) -> Option<EventId> {
        if !self.bytes.add(&record) {
            return Some(id);
        }
        self.records.push(record);
        None
    }

    pub(crate) fn into_records(self) -> Vec<EventRecord> {
        self.records
    }
}

impl From<EventSummary> for EventRecord {
    /// The event without its payload, the attributes of CloudEvents and its receiver.
    fn from(event: EventSummary) -> Self {
        Self {
            id: event.id.to_string(),
            name: event.name.into(),
            version: event.version.into(),
            release: event.release.into(),
            platform_id: event.platform_id.into(),
            package: event.package.into(),
            description: event.description.into(),
            payload: None,
            success: event.success,
            created_at: event.id.created_at(),
            event_receiver_id: event.event_receiver_id.to_string(),
            time: None,
            subject: None,
            dataschema: None,
            datacontenttype: None,
            r#type: event.r#type.map(Into::into),
            kind: event.kind.as_str(),
            is_override: event.is_override,
            event_receiver: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use xzepr_domain::JsonText;
    use xzepr_fixtures::{event, event_with_id};

    use super::*;

    fn large(ms: u64) -> Event {
        let payload = format!("\"{}\"", "\\\"".repeat(100_000));
        Event { payload: JsonText::try_from(payload).unwrap(), ..event_with_id(EventId::first_of(ms)) }
    }

    #[test]
    fn a_page_ends_before_the_event_that_a_response_has_no_room_for() {
        let events: Vec<_> = (1..=20).map(large).collect();
        let ids: Vec<_> = events.iter().map(|event| event.id).collect();
        let mut rows = Rows::default();
        // Each payload has 200,000 bytes, and twice as many within the string of the response.
        assert_eq!(rows.add_events(&ids, events), Some(ids[12]));
        assert_eq!(rows.into_records().len(), 12);
    }

    #[test]
    fn an_event_that_does_not_exist_is_passed_over() {
        let (one, other) = (event_with_id(EventId::first_of(1)), event_with_id(EventId::first_of(3)));
        let ids = [one.id, EventId::first_of(2), other.id];
        let mut rows = Rows::default();
        assert_eq!(rows.add_events(&ids, vec![other.clone(), one.clone()]), None);
        let found: Vec<_> = rows.into_records().into_iter().map(|record| record.id).collect();
        assert_eq!(found, [one.id.to_string(), other.id.to_string()]);
    }

    #[test]
    fn a_row_without_payload_has_the_other_members_of_the_event() {
        let event = event();
        let whole = EventRecord::new(event.clone(), None);
        let row = EventRecord::from(EventSummary::from(&event));
        let text = |record: &EventRecord| serde_json::to_string(record).unwrap();
        assert_eq!(text(&row), text(&whole).replace("\"payload\":{},", ""));
    }
}

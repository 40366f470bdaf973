//! The search as its callers see it: the pages of a list, joined, are the events that match.

mod memory;
mod properties;
mod real_tables;
mod tables;

use chrono::{DateTime, Utc};
use xzepr_domain::{Event, EventSummary, Order};

use super::*;

const ORDERS: [Order; 2] = [Order::NewestFirst, Order::OldestFirst];

/// The ids of all pages of a list, and the number of its pages. Each page follows from the cursor alone.
async fn all_pages<S: SearchEvents>(
    search: &EventSearch<S>,
    filter: &EventFilter,
    order: Order,
    limit: usize,
    with_payload: bool,
    now: DateTime<Utc>,
) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut cursor) = (Vec::new(), 0, None::<String>);
    loop {
        let query = EventQuery::new(filter.clone(), order, limit, cursor.as_deref(), with_payload).unwrap();
        let page = search.page_at(&query, now).await.unwrap();
        assert!(page.data.len() <= limit);
        assert!(page.data.iter().all(|record| record.payload.is_some() == with_payload));
        assert_eq!(page.pagination.has_more, page.pagination.next.is_some());
        ids.extend(page.data.into_iter().map(|record| record.id));
        pages += 1;
        assert!(pages < 5000, "each page makes progress");
        cursor = page.pagination.next;
        if cursor.is_none() {
            return (ids, pages);
        }
    }
}

/// The ids of the events that match, found by a look at each event.
fn matching(events: &[Event], filter: &EventFilter, order: Order) -> Vec<String> {
    let is_in_time = |event: &Event| {
        let time = event.id.time().unwrap();
        filter.from.is_none_or(|from| time >= from) && filter.to.is_none_or(|to| time < to)
    };
    let is = |wanted: &Option<xzepr_domain::ShortText>, text: &str| {
        wanted.as_ref().is_none_or(|wanted| **wanted == *text)
    };
    let mut ids: Vec<_> = events
        .iter()
        .filter(|event| {
            is(&filter.name, &event.name)
                && is(&filter.version, &event.version)
                && is(&filter.release, &event.release)
                && is(&filter.platform_id, &event.platform_id)
                && is(&filter.package, &event.package)
                && filter.success.is_none_or(|success| success == event.success)
                && filter.event_receiver_id.is_none_or(|id| id == event.event_receiver_id)
                && is_in_time(event)
        })
        .map(|event| event.id)
        .collect();
    ids.sort_by(|one, other| order.compare(one, other));
    ids.iter().map(ToString::to_string).collect()
}

fn summaries(events: &[Event]) -> Vec<EventSummary> {
    events.iter().map(EventSummary::from).collect()
}

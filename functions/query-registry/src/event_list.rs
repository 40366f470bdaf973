//! `GET /api/v1/events`: the events that match, page by page.

use xzepr_domain::Order;
use xzepr_http::{HttpError, Kept, Parameters, Query};
use xzepr_queries::{EventFilter, EventQuery, EventSearch, SearchEvents};

const NAMES: [&str; 13] = [
    "name",
    "version",
    "release",
    "platform_id",
    "package",
    "success",
    "event_receiver_id",
    "from",
    "to",
    "sort",
    "limit",
    "cursor",
    "payload",
];

const ORDERS: [(&str, Order); 2] =
    [("created_at:desc", Order::NewestFirst), ("created_at:asc", Order::OldestFirst)];

/// A page of events. It is true at this moment alone, so nobody keeps it.
pub(crate) async fn list<S: SearchEvents>(search: &EventSearch<S>, query: Query) -> Result<Kept, HttpError> {
    let query = read(&query)?;
    Ok(Kept::never(&search.page(&query).await?))
}

fn read(Query(query): &Query) -> Result<EventQuery, HttpError> {
    if query.first("offset").is_some() {
        let rule = "does not exist for events: send pagination.next of the previous page as cursor";
        return Err(HttpError::invalid_parameter("offset", rule));
    }
    let parameters = Parameters::new(query, &NAMES)?;
    let (from, to) = parameters.times("from", "to")?;
    let filter = EventFilter {
        name: parameters.text("name")?,
        version: parameters.text("version")?,
        release: parameters.text("release")?,
        platform_id: parameters.text("platform_id")?,
        package: parameters.text("package")?,
        success: parameters.flag("success")?,
        event_receiver_id: parameters.id("event_receiver_id")?,
        from,
        to,
    };
    let order = parameters.one_of("sort", &ORDERS)?.unwrap_or_default();
    let limit = usize::try_from(parameters.number("limit", 1..=1000, 50)?).unwrap_or(1000);
    let with_payload = parameters.flag("payload")?.unwrap_or_default();
    EventQuery::new(filter, order, limit, parameters.value("cursor"), with_payload)
        .map_err(HttpError::invalid_cursor)
}

//! The fixed inputs: ids, times, texts and their order are the same in every run.

use axum::body::Bytes;
use local::{Context, Result};
use serde_json::json;
use xzepr_domain::{Event, EventId, EventReceiverGroup, ReceiverId};

use crate::measure::{dynamodb::CannedDynamodb, inputs};

/// The time of the first event, in milliseconds since 1970: that of the samples.
const FIRST_MS: u64 = 1_703_009_539_000;

/// The events of a search's page.
const PAGE: usize = 50;

/// The records of the batch that is published.
const PUBLISHED: usize = 500;

/// How often the receivers of the batch that is evaluated take turns. All events are of one artifact, so that the requests
/// to the table follow each other.
const TURNS: usize = 6;

/// The other member of the group.
const OTHER_RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";

/// A receiver that no group has.
const LONE_RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W20";

/// The id of an event, by its number. Ids follow each other by a millisecond, and their partitions take turns.
fn id(number: usize) -> EventId {
    let number = number as u64;
    EventId::of_number(EventId::first_of(FIRST_MS + number).to_number() + u128::from(number))
}

fn event(number: usize) -> Event {
    xzepr_fixtures::event_with_id(id(number))
}

/// A batch of the stream for publish-events.
pub(super) async fn published(dynamodb: &CannedDynamodb) -> Result<Bytes> {
    let payload = inputs::payload(inputs::PAYLOAD_BYTES)?;
    let event = |number| Event { payload: payload.clone(), ..event(number) };
    let events: Vec<_> = (0..PUBLISHED).map(event).collect();
    Ok(inputs::batch(&inputs::records_of(dynamodb, &events).await?))
}

/// API Gateway's event for a search by name. Its page is full and has a next one.
pub(super) async fn search(dynamodb: &CannedDynamodb) -> Result<Bytes> {
    let events: Vec<_> = (0..2 * PAGE).map(event).collect();
    dynamodb.index().put_search_items(&events).await.context("storing search items")?;
    let name = xzepr_fixtures::event().name.to_string();
    let limit = PAGE.to_string();
    let days = [("from", "2023-12-19T00:00:00Z"), ("to", "2023-12-20T00:00:00Z")];
    inputs::requests::get("events", &[("name", &name), days[0], days[1], ("limit", &limit)])
}

/// A batch of the stream for index-events: successes of both members of a group, a failure, and events that no group needs.
/// The table forgets each completion, so the events after it complete the group again.
pub(super) async fn evaluated(dynamodb: &CannedDynamodb) -> Result<Bytes> {
    let parse = |id: &str| id.parse::<ReceiverId>().context("the id of a receiver");
    let first = xzepr_fixtures::event().event_receiver_id;
    let (second, lone) = (parse(OTHER_RECEIVER)?, parse(LONE_RECEIVER)?);
    let group = EventReceiverGroup { event_receiver_ids: vec![first, second], ..xzepr_fixtures::group() };
    inputs::create_group(dynamodb, &group).await?;
    let turn = [(first, true), (second, true), (lone, true), (first, false)];
    let events: Vec<_> = (0..TURNS)
        .flat_map(|_| turn)
        .enumerate()
        .map(|(number, (event_receiver_id, success))| Event {
            event_receiver_id,
            success,
            ..event(PUBLISHED + number)
        })
        .collect();
    let mut records = inputs::records_of(dynamodb, &events).await?;
    for record in &mut records {
        record["dynamodb"]["ApproximateCreationDateTime"] = json!(FIRST_MS / 1000);
    }
    Ok(inputs::batch(&records))
}

//! Warm requests of every kind to the functions of the API.

use local::{Context, Result};
use xzepr_domain::{Event, EventReceiver, EventReceiverGroup, GroupId, ReceiverId};
use xzepr_fixtures::{GROUP, RECEIVER};

use super::{
    requests,
    warm::{self, CPU, Case, HELLO_CPU, Plan, WALL},
};
use crate::measure::{
    Bench,
    inputs::{self, PAYLOAD_BYTES, requests as api},
    report::{Column, Matrix},
    subject::Subject,
};

/// The events that a search finds, and the receivers and groups of a list. A page has 50.
const LISTED: usize = 60;

const PLAN: Plan = Plan { starts: 8, invocations: 50 };

/// Each request to its function, beside the hello world.
pub(super) async fn functions(bench: &Bench) -> Result<Matrix> {
    let hello = Subject::new(bench, "hello world", "hello-world");
    let columns = [
        ("CPU", Column::Median(CPU)),
        ("hello world", Column::Multiple(CPU, HELLO_CPU)),
        ("wall", Column::Median(WALL)),
        ("wall, slowest of 100", Column::P99(WALL)),
    ];
    let mut matrix = Matrix::new("Warm requests", "Request", columns);
    for (function, case) in cases(bench).await? {
        let subject = Subject::new(bench, function, function);
        warm::measure(&mut matrix, &subject, &hello, &case, &PLAN, requests::check).await?;
    }
    Ok(matrix)
}

/// The functions and their requests. The table has all that they read.
async fn cases(bench: &Bench) -> Result<Vec<(&'static str, Case)>> {
    let event = store(bench).await?;
    let artifact = [
        ("name", &*event.name),
        ("package", &*event.package),
        ("platform_id", &*event.platform_id),
        ("release", &*event.release),
        ("version", &*event.version),
    ];
    let page = [("limit", "50")];
    let search = [("limit", "50"), ("name", &*event.name)];
    let whole = [("limit", "50"), ("name", &*event.name), ("payload", "true")];
    let (create, query) = ("create-event", "query-registry");
    let cases = [
        (create, "POST of an event", inputs::post(PAYLOAD_BYTES)?),
        (create, "POST of a failed event", api::post_failure()?),
        (create, "POST of a CloudEvent, structured", api::unchanged("create-event-structured")?),
        (create, "POST of a CloudEvent, binary", api::unchanged("create-event-binary")?),
        (create, "POST of a batch of 10", api::post_batch(10, PAYLOAD_BYTES)?),
        (create, "POST of a batch of 100", api::post_batch(100, PAYLOAD_BYTES)?),
        ("create-event-receiver", "POST of a receiver", api::unchanged("create-event-receiver")?),
        ("create-event-receiver-group", "POST of a group", api::unchanged("create-event-receiver-group")?),
        ("modify-event-receiver-group", "PATCH of a group", api::unchanged("modify-event-receiver-group")?),
        (query, "GET of an event", inputs::get_event(&event.id.to_string())?),
        (query, "GET of a receiver", api::get(&format!("event-receivers/{RECEIVER}"), &[])?),
        (query, "GET of a schema", api::get(&format!("event-receivers/{RECEIVER}/schema"), &[])?),
        (query, "GET of a group", api::get(&format!("event-receiver-groups/{GROUP}"), &[])?),
        (query, "search by name, 50 events", api::get("events", &search)?),
        (query, "search by name, 50 events with payloads", api::get("events", &whole)?),
        (query, "list of 50 receivers", api::get("event-receivers", &page)?),
        (query, "list of 50 groups", api::get("event-receiver-groups", &page)?),
        (query, "GET of a gate", api::get(&format!("event-receiver-groups/{GROUP}/gate"), &artifact)?),
        (query, "GET of an artifact's gates", api::get("gates", &artifact)?),
        ("describe-api", "GET of the OpenAPI document", api::get("openapi.json", &[])?),
        ("describe-api", "GET of the status", api::unchanged("get-status")?),
    ];
    let case = |(function, name, event)| (function, Case { name: String::from(name), event, records: 1 });
    Ok(cases.map(case).into())
}

/// Stores events, receivers and groups. Returns an event that counts for the gate of a group.
async fn store(bench: &Bench) -> Result<Event> {
    let (table, index) = (bench.dynamodb.table(), bench.dynamodb.index());
    inputs::declare_receiver(&bench.dynamodb).await?;
    let text = |text: String| text.try_into().context("a name");
    for number in 0..LISTED {
        let name = text(format!("receiver-{number}"))?;
        let receiver = EventReceiver { id: ReceiverId::generate(), name, ..xzepr_fixtures::receiver() };
        table
            .declare_receiver(&receiver, &xzepr_fixtures::event(), None, None)
            .await
            .context("a receiver")?;
        // Groups of other receivers, so that an artifact has one gate.
        let group = EventReceiverGroup {
            id: GroupId::generate(),
            name: text(format!("group-{number}"))?,
            event_receiver_ids: vec![receiver.id],
            ..xzepr_fixtures::group()
        };
        inputs::create_group(&bench.dynamodb, &group).await?;
    }
    let group = xzepr_fixtures::group();
    inputs::create_group(&bench.dynamodb, &group).await?;
    let mut events = Vec::with_capacity(LISTED);
    for _ in 0..LISTED {
        let event = Event { payload: inputs::payload(PAYLOAD_BYTES)?, ..xzepr_fixtures::event() };
        table.put_event(&event, None, None).await.context("storing an event")?;
        events.push(event);
    }
    index.put_search_items(&events).await.context("storing search items")?;
    let event = events.pop().ok_or_else(|| local::Error::new("no event is stored"))?;
    index.raise_green(&event).await.context("storing a success")?;
    Ok(event)
}

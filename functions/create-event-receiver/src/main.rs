//! `POST /api/v1/event-receivers`: an event receiver, declared as often as its pipeline runs, is
//! stored once.

use std::process::ExitCode;

use lambda_http::{run, service_fn};
use xzepr_domain::{Event, EventId, EventReceiverRequest, Idempotency, ReceiverId};
use xzepr_http::{EVENT_RECEIVERS, Error};
use xzepr_settings::Settings;
use xzepr_store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    xzepr_telemetry::exit_code(serve().await)
}

async fn serve() -> Result<(), lambda_http::Error> {
    let table = Table::connect(Settings::load()?.table()?);
    table.warm_up().await;
    run(service_fn(|request| {
        EVENT_RECEIVERS.answer(request, async |body, key| create(&table, body, key).await)
    }))
    .await
}

async fn create(table: &Table, body: &str, idempotency: Option<&Idempotency>) -> Result<String, Error> {
    if let Some(answer) = table.first_response(idempotency).await? {
        return Ok(answer);
    }
    let receiver = EventReceiverRequest::parse(body)?.accept(ReceiverId::generate())?;
    let created = Event::receiver_created(&receiver, EventId::generate());
    Ok(table.declare_receiver(&receiver, &created, idempotency).await?)
}

//! `POST /api/v1/event-receiver-groups`: a group of existing receivers, stored with its memberships.

use std::process::ExitCode;

use lambda_http::{run, service_fn};
use xzepr_domain::{Event, EventId, EventReceiverGroupRequest, GroupId, Idempotency};
use xzepr_http::{EVENT_RECEIVER_GROUPS, Error};
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
        EVENT_RECEIVER_GROUPS.answer(request, async |body, key| create(&table, body, key).await)
    }))
    .await
}

async fn create(table: &Table, body: &str, idempotency: Option<&Idempotency>) -> Result<String, Error> {
    if let Some(answer) = table.first_response(idempotency).await? {
        return Ok(answer);
    }
    let request = EventReceiverGroupRequest::parse(body)?;
    let existing = table.existing_receivers(request.event_receiver_ids()).await?;
    let group = request.accept(&existing, GroupId::generate())?;
    let created = Event::group_created(&group, EventId::generate());
    Ok(table.create_group(&group, &created, idempotency).await?)
}

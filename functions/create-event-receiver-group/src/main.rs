//! `POST /api/v1/event-receiver-groups`: a group of existing receivers is stored with its memberships.

mod create_event_receiver_group;
mod store;

use std::process::ExitCode;

use create_event_receiver_group::CreateEventReceiverGroup;
use lambda_http::{Error, run, service_fn};
use xzepr_settings::Settings;
use xzepr_store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    xzepr_telemetry::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let table = Table::connect(Settings::load()?.table()?)?;
    table.warm_up().await;
    let create_event_receiver_group = CreateEventReceiverGroup::new(table);
    let api = create_event_receiver_group.api();
    run(service_fn(|request| api.respond(request))).await
}

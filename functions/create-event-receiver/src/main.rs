//! `POST /api/v1/event-receivers`: an event receiver is stored once, although each run of its pipeline declares it.

mod create_event_receiver;
mod store;

use std::process::ExitCode;

use create_event_receiver::CreateEventReceiver;
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
    let create_event_receiver = CreateEventReceiver::new(table);
    let api = create_event_receiver.api();
    run(service_fn(|request| api.respond(request))).await
}

//! `POST /api/v1/events`: an event that is valid against its receiver's schema becomes one item. A batch is stored event
//! by event.

mod cache;
mod costs;
mod create_batch;
mod create_event;
#[cfg(test)]
mod fake_store;
mod schemas;
mod store;

use std::process::ExitCode;

use create_event::CreateEvent;
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
    let create_event = CreateEvent::new(table);
    let api = create_event.api();
    run(service_fn(|request| api.respond(request))).await
}

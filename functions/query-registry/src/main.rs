//! `GET` of events, event receivers, groups and gates: by id, in lists, and with the reasons why a gate is not complete.

mod event_list;
mod events;
mod gates;
mod groups;
mod query_registry;
mod receivers;
mod window;

use std::process::ExitCode;

use lambda_http::{Error, run, service_fn};
use query_registry::QueryRegistry;
use xzepr_settings::Settings;
use xzepr_store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    xzepr_telemetry::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::load()?;
    let table = Table::connect(settings.table()?)?;
    table.warm_up().await;
    let index = table.index(settings.index()?);
    let query_registry = QueryRegistry::new(table, index);
    let api = query_registry.api();
    run(service_fn(|request| api.respond(request))).await
}

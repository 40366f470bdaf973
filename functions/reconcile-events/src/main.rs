//! Schedule or operator → table and topics: compares the events of a time range in the table with the records on the
//! topics, and returns the differences.

mod expected;
mod letters;
mod lists;
mod reconcile_events;
mod records;
mod report;
mod request;
mod sources;
mod totals;

use std::process::ExitCode;

use lambda_runtime::{Error, run, service_fn};
use reconcile_events::ReconcileEvents;
use xzepr_messages::Messages;
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
    let dead_letters = table.dead_letters(settings.dead_letters()?);
    let kafka = settings.kafka()?;
    let messages = Messages::new(settings.messages()?);
    let function = ReconcileEvents::new(messages, table, dead_letters, kafka);
    run(service_fn(|request| function.reconcile(request))).await
}

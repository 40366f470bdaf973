//! Operator → table and topic: which events of a time range are missing on the topic, doubled, or not ours.

mod reconcile;
mod report;

use std::process::ExitCode;

use lambda_runtime::{Error, run, service_fn};
use reconcile::ReconcileEvents;
use xzepr_settings::Settings;
use xzepr_store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    xzepr_telemetry::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::load()?;
    let function = ReconcileEvents::new(Table::connect(settings.table()?), settings.kafka()?);
    run(service_fn(|request| function.reconcile(request))).await
}

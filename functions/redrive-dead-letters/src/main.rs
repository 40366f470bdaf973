//! Schedule or operator → dead letters: retries, lists and drops the items that could not be published.

mod redrive_dead_letters;
mod request;
mod response;
mod store;

use std::process::ExitCode;

use lambda_runtime::{Error, run, service_fn};
use redrive_dead_letters::RedriveDeadLetters;
use xzepr_publishing::{Publisher, stop_with_the_process};
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
    // Most runs find nothing, so the publisher connects to Kafka only when it has something to publish.
    let publisher = Publisher::new(&settings, table.clone(), dead_letters.clone()).await?;
    stop_with_the_process(&publisher).await;
    let function = RedriveDeadLetters::new(table, dead_letters, publisher);
    run(service_fn(|request| function.respond(request))).await
}

//! On-failure queue → replay: lets replays publish the records that the event source mapping gave up.

mod replay_unpublished;
mod store;
mod window;

use std::process::ExitCode;

use lambda_runtime::{Error, run, service_fn};
use replay_unpublished::ReplayUnpublished;
use xzepr_lambda::ReplayWorker;
use xzepr_settings::Settings;
use xzepr_store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    xzepr_telemetry::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::load()?;
    let table = Table::connect(settings.table()?);
    let worker = ReplayWorker::connect(settings.replay()?.function_name);
    let function = ReplayUnpublished::new(table, worker);
    run(service_fn(|messages| function.replay(messages))).await
}

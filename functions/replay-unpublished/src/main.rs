//! On-failure queue → replay: lets replays publish or index the records that an event source mapping gave up.

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
    let table = Table::connect(settings.table()?)?;
    let replay = settings.replay()?;
    let worker = ReplayWorker::connect(replay.function_name);
    let function = ReplayUnpublished::new(table, worker, replay.index_events_function_name);
    run(service_fn(|messages| function.replay(messages))).await
}

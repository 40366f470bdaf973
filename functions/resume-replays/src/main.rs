//! Schedule → replays: invokes replay-events for every replay that no invocation works on, and measures the longest
//! time without progress.

mod resume_replays;
mod store;

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use resume_replays::ResumeReplays;
use serde::de::IgnoredAny;
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
    let worker = ReplayWorker::connect(settings.replay()?.function_name);
    let function = ResumeReplays::new(table, worker);
    run(service_fn(|_: LambdaEvent<IgnoredAny>| function.resume())).await
}

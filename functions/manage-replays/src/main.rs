//! `POST /api/v1/admin/replay-events` starts a replay. `GET` and `DELETE /api/v1/admin/replays/{id}` return its
//! progress and cancel it. The function replay-events does the work.

mod manage_replays;
mod parameters;
mod report;
mod store;

use std::process::ExitCode;

use lambda_http::{Error, run, service_fn};
use manage_replays::ManageReplays;
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
    table.warm_up().await;
    let manage_replays = ManageReplays::new(table, worker);
    let api = manage_replays.api();
    run(service_fn(|request| api.respond(request))).await
}

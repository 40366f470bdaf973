//! `GET /api/v1/openapi.json` describes the API. `GET /api/v1/status` tells the version and whether the table responds,
//! and so do the paths that the health checks of other registries ask for.

mod describe_api;
mod document;
mod health;
mod table_state;

use std::process::ExitCode;

use describe_api::DescribeApi;
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
    let describe_api = DescribeApi::new(table);
    let api = describe_api.api();
    run(service_fn(|request| api.respond(request))).await
}

//! The route `$default`: a request that no other route matches gets 404. That route has no authorizer, so the function
//! has no rights on the tables.

mod refuse_unknown_path;

use std::process::ExitCode;

use lambda_http::{run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    let api = refuse_unknown_path::api();
    xzepr_telemetry::exit_code(run(service_fn(|request| api.respond(request))).await)
}

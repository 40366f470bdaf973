//! The routes without an authorizer, so the function has no rights on the tables: `$default`, where a request that no
//! other route matches gets 404, and with CORS those of browsers' preflight requests.

mod refuse_unknown_path;

use std::process::ExitCode;

use lambda_http::{run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    let api = refuse_unknown_path::api();
    let respond = |request| refuse_unknown_path::respond(&api, request);
    xzepr_telemetry::exit_code(run(service_fn(respond)).await)
}

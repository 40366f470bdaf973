//! The route `$default`: a request that no other route takes is answered 404. That route has no authorizer, so
//! the function has no rights on the tables.

use std::process::ExitCode;

use lambda_http::{Request, run, service_fn};
use xzepr_http::Success;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    xzepr_telemetry::exit_code(run(service_fn(|request| xzepr_http::answer(request, refuse))).await)
}

async fn refuse(_: &Request) -> Result<Success<()>, xzepr_http::Error> {
    Err(xzepr_http::Error::NotFound)
}

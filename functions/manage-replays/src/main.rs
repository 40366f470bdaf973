//! `POST /api/v1/admin/replay-events`, `GET` and `DELETE /api/v1/admin/replays/{id}`: starts a replay, tells
//! how far it is, cancels it. The work itself is replay-events'.

mod parameters;
mod report;

use std::process::ExitCode;

use lambda_http::{
    Error, Request, RequestExt,
    http::{Method, StatusCode},
    run, service_fn,
};
use report::Report;
use xzepr_domain::{Replay, ReplayId};
use xzepr_http::Success;
use xzepr_lambda::{InvokeWorker, ReplayWorker};
use xzepr_settings::Settings;
use xzepr_store::{CancelOutcome, StartOutcome, Table};

const START: &str = "/api/v1/admin/replay-events";
const REPLAYS: &str = "/api/v1/admin/replays/";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xzepr_telemetry::init();
    xzepr_telemetry::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let settings = Settings::load()?;
    let table = Table::connect(settings.table()?);
    let worker = ReplayWorker::connect(settings.replay()?.function_name);
    table.warm_up().await;
    let answer = async |request: &Request| route(&table, &worker, request).await;
    run(service_fn(|request| xzepr_http::answer(request, &answer))).await
}

async fn route(
    table: &Table,
    worker: &ReplayWorker,
    request: &Request,
) -> Result<Success<Report>, xzepr_http::Error> {
    let path = request.raw_http_path();
    let path = path.strip_suffix('/').unwrap_or(path);
    if path == START {
        return match *request.method() {
            Method::POST => start(table, worker, request).await,
            _ => Err(xzepr_http::Error::MethodNotAllowed { allow: "POST" }),
        };
    }
    let id = path.strip_prefix(REPLAYS).and_then(|id| id.parse().ok()).ok_or(xzepr_http::Error::NotFound)?;
    match *request.method() {
        Method::GET => tell(table, id).await,
        Method::DELETE => cancel(table, id).await,
        _ => Err(xzepr_http::Error::MethodNotAllowed { allow: "GET, DELETE" }),
    }
}

async fn start(
    table: &Table,
    worker: &ReplayWorker,
    request: &Request,
) -> Result<Success<Report>, xzepr_http::Error> {
    let replay: Replay = parameters::read(&request.query_string_parameters())?;
    match table.start_replay(&replay).await? {
        StartOutcome::Started => {
            let id = replay.id.to_string();
            tracing::info!(replay = id, "a replay starts");
            worker.invoke(&id).await;
            Ok(Success { status: StatusCode::ACCEPTED, data: Report::Id(id) })
        }
        StartOutcome::TooMany => Err(xzepr_http::Error::Conflict {
            code: "too_many_replays",
            message: "As many replays run as may run at once: wait for one, or cancel one.".to_owned(),
            id: None,
        }),
        StartOutcome::AlreadyRunning(running) => Err(xzepr_http::Error::Conflict {
            code: "replay_running",
            message: format!(
                "Replay {running} of a part of this range is running: wait for it, or cancel it."
            ),
            id: Some(running),
        }),
    }
}

async fn tell(table: &Table, id: ReplayId) -> Result<Success<Report>, xzepr_http::Error> {
    let replay = table.replay(id).await?.ok_or(xzepr_http::Error::NotFound)?;
    Ok(Success { status: StatusCode::OK, data: Report::from(&replay) })
}

async fn cancel(table: &Table, id: ReplayId) -> Result<Success<Report>, xzepr_http::Error> {
    match table.cancel_replay(id).await? {
        CancelOutcome::Cancelled => {
            tracing::info!(replay = id.to_string(), "a replay is cancelled");
            Ok(Success { status: StatusCode::OK, data: Report::Id(id.to_string()) })
        }
        CancelOutcome::AlreadyEnded => Err(xzepr_http::Error::Conflict {
            code: "replay_ended",
            message: format!("Replay {id} has ended."),
            id: Some(id.to_string()),
        }),
        CancelOutcome::Unknown => Err(xzepr_http::Error::NotFound),
    }
}

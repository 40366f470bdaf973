//! The end of a process: SIGTERM, which Lambda sends to a sandbox before it takes it away.

use std::time::Duration;

use lambda_runtime::spawn_graceful_shutdown_handler;
use tokio::time::sleep;

use crate::publisher::Publisher;

/// Lambda gives 500 ms: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
const LEFT_FOR_THE_ANSWER: Duration = Duration::from_millis(300);

/// From now on SIGTERM ends the process in order. A batch that is under way stops waiting, what has no
/// report is purged, and its answer goes out: nothing is acknowledged that nobody is told of, and nothing
/// goes out behind a failure that was told.
///
/// Registers an extension with Lambda, which sends no SIGTERM without one. To be called in init.
pub async fn stop_with_the_process(publisher: &Publisher) {
    let stop = publisher.stop();
    spawn_graceful_shutdown_handler(|| async move {
        stop.cancel();
        sleep(LEFT_FOR_THE_ANSWER).await;
    })
    .await;
}

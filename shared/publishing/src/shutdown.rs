//! The end of a process. Lambda sends SIGTERM to a sandbox before it removes the sandbox.

use std::time::Duration;

use lambda_runtime::spawn_graceful_shutdown_handler;
use tokio::time::sleep;

use crate::publisher::Publisher;

/// Lambda ends the process 500 ms after SIGTERM:
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
const TIME_FOR_RESPONSE: Duration = Duration::from_millis(300);

/// Makes SIGTERM end the process in order. A running batch ends its wait and purges the messages without a delivery
/// report, and its response is still sent. So Kafka accepts no message that the response does not report, and no
/// message is sent after its failure was reported.
///
/// Registers an extension with Lambda, which sends no SIGTERM without one. Must be called in init.
pub async fn stop_with_the_process(publisher: &Publisher) {
    let stop = publisher.stop_token();
    spawn_graceful_shutdown_handler(|| async move {
        stop.cancel();
        sleep(TIME_FOR_RESPONSE).await;
    })
    .await;
}

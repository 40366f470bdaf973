//! A function of the HTTP API dies or hangs: its caller gets an error, and the next request succeeds.

use std::time::{Duration, Instant};

use end_to_end::{Response, System};
use insta::{allow_duplicates, assert_snapshot};
use local::{Signal, samples};
use serde_json::json;
use tokio::time::sleep;

const EVENTS: &str = "/api/v1/events";

/// API Gateway's response when a function fails.
fn assert_gateway_error(response: &Response) {
    allow_duplicates! {
        assert_snapshot!(response, @r#"
        HTTP 500
        content-type: application/json

        {"message":"Internal Server Error"}
        "#);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_function_dies_gets_an_error_and_the_next_request_succeeds() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = samples::event(&receiver);
    let functions = &system.stack.functions;
    functions.signal("create-event", Signal::Freeze).await.unwrap();
    let kill = async {
        // The fault: a function that dies half a second after it got a request.
        sleep(Duration::from_millis(500)).await;
        functions.signal("create-event", Signal::Kill).await.unwrap();
        Instant::now()
    };
    let (response, killed) = tokio::join!(system.post(EVENTS, event.to_string()), kill);
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
    assert_gateway_error(&response);
    system.create(EVENTS, &event).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_hangs_is_ended_at_its_timeout_and_its_caller_gets_an_error() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = samples::event(&receiver);
    let functions = &system.stack.functions;
    let deaths = *functions.deaths("create-event").unwrap().borrow();
    functions.signal("create-event", Signal::Freeze).await.unwrap();
    let began = Instant::now();
    let response = system.post(EVENTS, event.to_string()).await;
    assert_gateway_error(&response);
    // The template's timeout is 10 s.
    assert!(began.elapsed() >= Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(*functions.deaths("create-event").unwrap().borrow(), deaths + 1);
    system.create(EVENTS, &event).await;
    // An invocation that no request caused is ended in the same way.
    functions.signal("create-event", Signal::Freeze).await.unwrap();
    let error = system.stack.invoke("create-event", &json!({})).await.unwrap_err().to_string();
    assert!(error.contains("timed out after 10 s"), "{error}");
}

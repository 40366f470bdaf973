//! A function behind the API dies or hangs: its caller hears of it, and the next request is answered.

use std::time::{Duration, Instant};

use end_to_end::{Answer, System};
use local::{Signal, samples};
use serde_json::json;

const EVENTS: &str = "/api/v1/events";

fn assert_gateway_error(answer: &Answer) {
    assert_eq!((answer.status, &answer.body), (500, &json!({"message": "Internal Server Error"})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_function_dies_is_answered_and_the_next_one_served() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = samples::event(&receiver);
    let functions = &system.stack.functions;
    functions.signal("create-event", Signal::Freeze).await.unwrap();
    let kill = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        functions.signal("create-event", Signal::Kill).await.unwrap();
        Instant::now()
    };
    let (answer, killed) = tokio::join!(system.post(EVENTS, event.to_string()), kill);
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
    assert_gateway_error(&answer);
    system.create(EVENTS, &event).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_hangs_is_ended_at_its_timeout_and_its_caller_answered() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = samples::event(&receiver);
    let functions = &system.stack.functions;
    let deaths = *functions.deaths("create-event").unwrap().borrow();
    functions.signal("create-event", Signal::Freeze).await.unwrap();
    let began = Instant::now();
    let answer = system.post(EVENTS, event.to_string()).await;
    assert_gateway_error(&answer);
    // The template's timeout is 10 s.
    assert!(began.elapsed() >= Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(*functions.deaths("create-event").unwrap().borrow(), deaths + 1);
    system.create(EVENTS, &event).await;
    // An invocation of its own is ended in the same way.
    functions.signal("create-event", Signal::Freeze).await.unwrap();
    let error = system.stack.invoke("create-event", &json!({})).await.unwrap_err().to_string();
    assert!(error.contains("timed out after 10 s"), "{error}");
}

//! A function that receives any event and returns an empty object: the least that a function in Rust costs.
//!
//! It reads the event into a `Value`, as the example of `lambda_runtime` does. With `HELLO_WITHOUT_READING=1` it only
//! finds the end of the event's JSON.

use std::env;

use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing::init_default_subscriber};
use serde_json::{Value, json, value::RawValue};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    init_default_subscriber();
    if env::var_os("HELLO_WITHOUT_READING").is_some() {
        return run(service_fn(async |_: LambdaEvent<Box<RawValue>>| Ok::<_, Error>(json!({})))).await;
    }
    run(service_fn(async |_: LambdaEvent<Value>| Ok::<_, Error>(json!({})))).await
}

//! Invokes functions through the Lambda API.

use serde_json::Value;

use crate::{
    error::{Context, Error, Result},
    table::REGION,
    template::Schedule,
};

/// The URL for invocations of a function.
pub(crate) fn invocations_url(api_url: &str, function: &str) -> String {
    format!("{api_url}/2015-03-31/functions/{function}/invocations")
}

/// The ARN of a function. Messages of failed invocations have it, as those of Lambda.
pub(crate) fn arn(function: &str) -> String {
    format!("arn:aws:lambda:{REGION}:000000000000:function:{function}")
}

/// Invokes a function and returns its response. If the function returns an error, the result is an error with its
/// message.
pub async fn invoke(api_url: &str, function: &str, payload: &Value) -> Result<Value> {
    let invoking = || format!("invoking {function} at {api_url}");
    let request = reqwest::Client::new().post(invocations_url(api_url, function)).json(payload);
    let http = request.send().await.context(invoking())?;
    let (is_success, body) = (http.status().is_success(), http.text().await.context(invoking())?);
    let response: Value = serde_json::from_str(&body).unwrap_or(Value::String(body));
    match response["errorMessage"].as_str() {
        Some(message) => Err(Error::new(format!("{function}: {message}"))),
        None if is_success => Ok(response),
        None => Err(Error::new(format!("{function}: {response}"))),
    }
}

/// Invokes a function by the clock, until it is aborted.
pub(crate) async fn run_by_schedule(api_url: String, schedule: Schedule) {
    loop {
        tokio::time::sleep(schedule.every).await;
        if let Err(error) = invoke(&api_url, &schedule.function, &schedule.input).await {
            eprintln!("schedule: {error}");
        }
    }
}

//! A function that puts the event of a POST into a table, and does nothing else: no schema, no limits, no checks, no log.
//!
//! With `BARE_WARM_UP=1` it opens the connection to the table in its init.

use std::env;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Region},
    types::AttributeValue,
};
use lambda_http::{Error, Request, Response, run, service_fn, tracing::init_default_subscriber};
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use ulid::Ulid;

const TABLE: &str = "xzepr";

#[derive(Deserialize)]
struct Event<'a> {
    name: String,
    version: String,
    release: String,
    platform_id: String,
    package: String,
    description: String,
    event_receiver_id: String,
    success: bool,
    #[serde(borrow)]
    payload: &'a RawValue,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    init_default_subscriber();
    let client = client();
    if env::var_os("BARE_WARM_UP").is_some() {
        let key = text("WARM-UP");
        client.get_item().table_name(TABLE).key("pk", key.clone()).key("sk", key).send().await?;
    }
    run(service_fn(|request| put(&client, request))).await
}

/// A client as the functions have it. The SDK's default chain of credentials would cost some 0.2 ms more.
fn client() -> Client {
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(env::var("AWS_REGION").ok().map(Region::new))
        .credentials_provider(EnvironmentVariableCredentialsProvider::new());
    config.set_endpoint_url(env::var("AWS_ENDPOINT_URL_DYNAMODB").ok());
    Client::from_conf(config.build())
}

async fn put(client: &Client, request: Request) -> Result<Response<String>, Error> {
    let event: Event<'_> = serde_json::from_slice(request.body())?;
    let id = Ulid::generate().to_string();
    client
        .put_item()
        .table_name(TABLE)
        .item("pk", text(format!("EVENT#{id}")))
        .item("sk", text(&id))
        .item("name", text(event.name))
        .item("version", text(event.version))
        .item("release", text(event.release))
        .item("platform_id", text(event.platform_id))
        .item("package", text(event.package))
        .item("description", text(event.description))
        .item("event_receiver_id", text(event.event_receiver_id))
        .item("success", AttributeValue::Bool(event.success))
        .item("payload", text(event.payload.get()))
        .condition_expression("attribute_not_exists(pk)")
        .send()
        .await?;
    let response = Response::builder().header("content-type", "application/json");
    Ok(response.body(json!({"data": id}).to_string())?)
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

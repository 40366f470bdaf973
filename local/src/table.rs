//! Creates the tables of the template.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::{
    Client,
    config::Credentials,
    error::DisplayErrorContext,
    operation::create_table::CreateTableError,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
        StreamSpecification, StreamViewType, TimeToLiveSpecification,
    },
};
use tokio::time::{sleep, timeout};

use crate::{
    error::{Context, Result},
    template::{self, Template},
};

/// Local DynamoDB APIs accept any region and credentials.
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const CREDENTIAL: &str = "local";

const STREAM_WITHIN: Duration = Duration::from_secs(10);

/// The SDK's configuration for a local DynamoDB API.
pub async fn sdk_config(url: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::from_static(REGION))
        .credentials_provider(Credentials::new(CREDENTIAL, CREDENTIAL, None, None, "local"))
        .endpoint_url(url)
        .load()
        .await
}

/// Creates the template's table of events with this name in a local DynamoDB API, unless it exists.
pub async fn create_table(url: &str, name: &str) -> Result<()> {
    ensure(&sdk_config(url).await, name, &Template::load()?.table).await
}

/// Creates the template's dead letters' table with this name in a local DynamoDB API.
pub async fn create_dead_letters_table(url: &str, name: &str) -> Result<()> {
    ensure(&sdk_config(url).await, name, &Template::load()?.dead_letters_table).await
}

/// Creates the template's index table with this name in a local DynamoDB API, unless it exists.
pub async fn create_index_table(url: &str, name: &str) -> Result<()> {
    ensure(&sdk_config(url).await, name, &Template::load()?.index_table).await
}

/// Creates a table unless it exists.
pub(crate) async fn ensure(config: &SdkConfig, name: &str, table: &template::Table) -> Result<()> {
    let client = Client::new(config);
    if create(&client, name, table).await? {
        expire(&client, name, table).await?;
    }
    Ok(())
}

/// Waits for a table's stream, and returns its ARN.
pub(crate) async fn stream(config: &SdkConfig, name: &str) -> Result<String> {
    let client = Client::new(config);
    timeout(STREAM_WITHIN, stream_arn(&client, name)).await.context(format!("table {name} has no stream"))?
}

/// Creates a table, and returns whether it is new.
async fn create(client: &Client, name: &str, table: &template::Table) -> Result<bool> {
    let mut request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    if let Some(stream) = &table.stream_specification {
        request = request.stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::from(stream.stream_view_type.as_str()))
                .build()
                .context("template.yaml")?,
        );
    }
    for definition in &table.attribute_definitions {
        request = request.attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name(&definition.attribute_name)
                .attribute_type(ScalarAttributeType::from(definition.attribute_type.as_str()))
                .build()
                .context("template.yaml")?,
        );
    }
    for element in &table.key_schema {
        request = request.key_schema(
            KeySchemaElement::builder()
                .attribute_name(&element.attribute_name)
                .key_type(KeyType::from(element.key_type.as_str()))
                .build()
                .context("template.yaml")?,
        );
    }
    match request.send().await {
        Ok(_) => Ok(true),
        Err(error)
            if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) =>
        {
            Ok(false)
        }
        Err(error) => Err(DisplayErrorContext(error)).context(format!("creating table {name}")),
    }
}

async fn expire(client: &Client, name: &str, table: &template::Table) -> Result<()> {
    let Some(time_to_live) = &table.time_to_live_specification else { return Ok(()) };
    let specification = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name(&time_to_live.attribute_name)
        .build()
        .context("template.yaml")?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(specification)
        .send()
        .await
        .map_err(DisplayErrorContext)
        .context(format!("enabling expiry on table {name}"))?;
    Ok(())
}

async fn stream_arn(client: &Client, name: &str) -> Result<String> {
    loop {
        let output = client
            .describe_table()
            .table_name(name)
            .send()
            .await
            .map_err(DisplayErrorContext)
            .context(format!("describing table {name}"))?;
        if let Some(arn) = output.table.and_then(|table| table.latest_stream_arn) {
            return Ok(arn);
        }
        sleep(Duration::from_millis(100)).await;
    }
}

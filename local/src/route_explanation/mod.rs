//! `local routes explain`: the routes that an event takes, and why it does not take the others.
//!
//! The decision and the messages are those of publishing ([`Messages`]). This only words them.

mod event;
mod receiver;
mod text;

use aws_config::BehaviorVersion;
use xzepr_domain::ShortText;
use xzepr_messages::Messages;
use xzepr_settings::Settings;
use xzepr_store::Table;

use self::receiver::Receiver;
use crate::{
    error::{Context, Result},
    table,
};

/// The text in the place of a file's name that means the standard input.
const STANDARD_INPUT: &str = "-";

/// The event to explain.
#[derive(Debug)]
pub struct Question {
    /// The id of an event in the table, or a file with the body of a POST of an event. `-` is the standard input.
    pub event: String,
    /// The type of the event's receiver. Without it, the receiver is read from the table if a route needs it.
    pub receiver_type: Option<ShortText>,
    /// A local DynamoDB API. Without it, the environment and the profile of the AWS SDK decide.
    pub dynamodb_endpoint: Option<String>,
}

/// Explains the routes of the current settings for an event, in lines for a person.
pub async fn explain_routes(question: Question) -> Result<String> {
    let settings = Settings::load().context("settings")?;
    let messages = Messages::new(settings.messages().context("settings")?);
    let table = table(&settings, question.dynamodb_endpoint.as_deref()).await?;
    let event = event::read(&question.event, &table).await?;
    let receiver = Receiver::find(&event.event, &messages, question.receiver_type, &table).await;
    Ok(text::of(&messages, &event, &receiver))
}

async fn table(settings: &Settings, endpoint: Option<&str>) -> Result<Table> {
    let config = match endpoint {
        Some(url) => table::sdk_config(url).await,
        None => aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await,
    };
    let client = aws_sdk_dynamodb::Client::new(&config);
    Ok(Table::with_client(client, settings.table().context("settings")?))
}

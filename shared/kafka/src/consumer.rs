//! A consumer with the producer's access, to read topics.

use std::time::SystemTime;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use xzepr_settings::KafkaSettings;

use crate::{access_error::AccessError, connection_context::ConnectionContext, session::Access};

impl ConsumerContext for ConnectionContext {}

/// Creates a consumer with further librdkafka properties. Its login token is not renewed, so the consumer works only
/// as long as the broker accepts the first login.
pub async fn consumer(
    settings: &KafkaSettings,
    properties: &[(&str, &str)],
) -> Result<BaseConsumer<ConnectionContext>, AccessError> {
    let mut access = Access::acquire(settings).await?;
    let mut config = access.config.clone();
    for (name, value) in properties {
        config.set(*name, *value);
    }
    let consumer: BaseConsumer<ConnectionContext> = config.create_with_context(access.context.clone())?;
    if let Some(token) = access.fresh_token(settings, SystemTime::now()).await? {
        token.set_on(consumer.client())?;
    }
    Ok(consumer)
}

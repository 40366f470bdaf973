//! A function that sends the messages of a batch of the stream, and has made them before: the cost of Kafka alone.
//!
//! It sends them `SENDS` times in each invocation, so that the invocation itself costs next to nothing. It makes the
//! messages when it gets a batch for the first time. `SENDER` chooses the producer: `xzepr-kafka`, as publish-events
//! has it, or `librdkafka`, with the same properties.

mod librdkafka;
mod prepared;

use std::{env, time::Duration};

use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing::init_default_subscriber};
use librdkafka::Librdkafka;
use prepared::Prepared;
use serde_json::value::RawValue;
use tokio::sync::Mutex;
use xzepr_kafka::Producer;
use xzepr_messages::Message;
use xzepr_settings::Settings;

/// The time for a send.
const WITHIN: Duration = Duration::from_secs(30);

enum Sender {
    Ours(Box<Producer>),
    Librdkafka(Librdkafka),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    init_default_subscriber();
    let settings = Settings::load()?;
    let sends: usize = env::var("SENDS")?.parse()?;
    let sender = match &*env::var("SENDER")? {
        "xzepr-kafka" => Sender::Ours(Box::new(Producer::new(settings.kafka()?)?)),
        "librdkafka" => Sender::Librdkafka(Librdkafka::new(&settings.kafka()?)?),
        other => return Err(format!("there is no sender {other}").into()),
    };
    let prepared = Prepared::new(settings.messages()?);
    let state = Mutex::new((sender, prepared));
    run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let (sender, prepared) = &mut *state.lock().await;
        let messages = prepared.of(&event.payload)?;
        for _ in 0..sends {
            sender.send(&messages).await?;
        }
        Ok::<_, Error>(RawValue::from_string("{}".to_owned())?)
    }))
    .await
}

impl Sender {
    async fn send(&mut self, messages: &[&Message]) -> Result<(), Error> {
        match self {
            Self::Ours(producer) => {
                let results = producer.publish(messages, WITHIN).await;
                results.into_iter().collect::<Result<(), _>>().map_err(Error::from)
            }
            Self::Librdkafka(producer) => producer.send(messages),
        }
    }
}

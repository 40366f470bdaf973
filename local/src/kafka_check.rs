//! Connects to Kafka with the current settings. It prints each step, and the step that fails.

use std::{
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

use xzepr_kafka::{Producer, Step, Undelivered};
use xzepr_messages::Message;
use xzepr_settings::{KafkaSettings, Settings};

use crate::error::{Context, Error, Result};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const PRODUCE_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the steps, printing a line for each, and sends a record to a topic if asked to. The error is the
/// step that failed.
pub async fn run(produce_to: Option<String>) -> Result<()> {
    let mut settings = Settings::load().context("settings")?.kafka().context("settings")?;
    if let Some(topic) = &produce_to {
        settings.default_topic.clone_from(topic);
    }
    say("settings", &describe(&settings));
    let mut producer = Producer::new(settings.clone()).context("settings")?;
    reach_brokers(&settings)?;

    let cluster = producer
        .describe_cluster(&settings.default_topic)
        .await
        .map_err(|error| stopped_at(&settings, &error))?;
    say_secured(&settings, Step::Login);
    say("metadata", &format!("brokers: {}", cluster.brokers.join(", ")));
    let topic = &settings.default_topic;
    match cluster.partitions {
        0 => say("topic", &format!("{topic} does not exist, or the login may not see it")),
        partitions => say("topic", &format!("{topic} has {partitions} partition(s)")),
    }
    if produce_to.is_some() {
        let message = Message {
            topic: topic.as_str().into(),
            key: "kafka-check".to_owned(),
            value: "{\"kafka_check\":true}".into(),
            headers: Vec::new(),
            compression: settings.compression,
        };
        let results = producer.publish(&[&message], PRODUCE_TIMEOUT).await;
        results.into_iter().collect::<std::result::Result<(), _>>().context("produce")?;
        say("produce", &format!("a record is on {topic}"));
    }
    Ok(())
}

fn say(step: &str, text: &str) {
    println!("{step:<9} {text}");
}

fn describe(settings: &KafkaSettings) -> String {
    let protocol = settings.security.protocol();
    let mechanism =
        settings.security.sasl.as_ref().map_or(String::new(), |sasl| format!(", {}", sasl.mechanism()));
    format!("{protocol}{mechanism}, brokers {}", settings.brokers)
}

/// Resolves and connects to each broker. One reachable broker is enough.
fn reach_brokers(settings: &KafkaSettings) -> Result<()> {
    let brokers = settings.brokers.to_string();
    let mut last_fault = None;
    let mut reached = false;
    for broker in brokers.split(',').map(str::trim) {
        match reach(broker) {
            Ok(()) => reached = true,
            Err(error) => {
                say("", &format!("{error}"));
                last_fault = Some(error);
            }
        }
    }
    match last_fault {
        Some(error) if !reached => Err(error),
        _ => Ok(()),
    }
}

fn reach(broker: &str) -> Result<()> {
    let addresses: Vec<_> =
        broker.to_socket_addrs().context(format!("resolve: {broker} (XZEPR_KAFKA_BROKERS)"))?.collect();
    say(
        "resolve",
        &format!("{broker} is {}", addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    );
    let started = Instant::now();
    let mut error = None;
    for address in &addresses {
        match TcpStream::connect_timeout(address, CONNECT_TIMEOUT) {
            Ok(_) => {
                say(
                    "connect",
                    &format!("{address} accepts connections after {} ms", started.elapsed().as_millis()),
                );
                return Ok(());
            }
            Err(refusal) => error = Some(refusal),
        }
    }
    let reason = error.map_or("it has no address".to_owned(), |error| error.to_string());
    Err(Error::new(format!("connect: {broker}: {reason} (XZEPR_KAFKA_BROKERS, firewalls, security groups)")))
}

/// Prints the secured steps up to `passed`.
fn say_secured(settings: &KafkaSettings, passed: Step) {
    if settings.security.tls.is_some() && passed >= Step::Tls {
        say("tls", "the broker's certificate is trusted");
    }
    if let Some(sasl) = settings.security.sasl.as_ref().filter(|_| passed >= Step::Login) {
        say("login", &format!("{} is accepted", sasl.mechanism()));
    }
}

fn stopped_at(settings: &KafkaSettings, error: &Undelivered) -> Error {
    let step = match error {
        Undelivered::Connection(fault) => match fault.step {
            Step::Resolve => "resolve",
            Step::Connect => "connect",
            Step::Tls => "tls",
            Step::Login => {
                say_secured(settings, Step::Tls);
                "login"
            }
        },
        Undelivered::NoAccess(_) => "login",
        _ => "metadata",
    };
    Error::new(format!("{step}: {error}"))
}

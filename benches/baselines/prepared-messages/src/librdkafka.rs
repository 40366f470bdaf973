//! librdkafka behind the thinnest layer of rdkafka: a call for each message with its headers, a callback that counts the
//! reports, and one wait for the whole batch.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, Thread},
};

use lambda_runtime::Error;
use rdkafka::{
    ClientConfig, ClientContext,
    message::{DeliveryResult, Header, OwnedHeaders},
    producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer},
};
use xzepr_kafka::{LINGER, flush};
use xzepr_messages::Message;
use xzepr_settings::KafkaSettings;

pub(crate) struct Librdkafka(ThreadedProducer<Counted>);

/// The messages without a report, the errors, and the thread that the last report wakes.
#[derive(Default)]
struct Counted {
    missing: AtomicUsize,
    failed: AtomicUsize,
    sender: Mutex<Option<Thread>>,
}

impl ClientContext for Counted {}

impl ProducerContext for Counted {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        if self.missing.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(sender) = &*self.sender.lock().unwrap_or_else(PoisonError::into_inner)
        {
            sender.unpark();
        }
    }
}

impl Librdkafka {
    /// A client with the properties of `shared/kafka/src/config.rs` that concern messages.
    pub(crate) fn new(settings: &KafkaSettings) -> Result<Self, Error> {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", settings.brokers.to_string())
            .set("acks", "all")
            .set("linger.ms", LINGER.as_millis().to_string())
            .set("enable.idempotence", "true")
            .set("partitioner", "murmur2_random")
            .set("compression.type", settings.compression.name())
            .set("compression.level", settings.compression.level().to_string())
            .create_with_context(Counted::default())?;
        Ok(Self(producer))
    }

    /// Sends messages and blocks the thread until each one has its report.
    pub(crate) fn send(&self, messages: &[&Message]) -> Result<(), Error> {
        let counted = self.0.context();
        *counted.sender.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current());
        counted.missing.store(messages.len(), Ordering::Release);
        for message in messages {
            let none = OwnedHeaders::new_with_capacity(message.headers.len());
            let headers = message
                .headers
                .iter()
                .fold(none, |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
            let record = BaseRecord::to(&message.topic).key(&message.key).payload(&message.value);
            self.0.send(record.headers(headers)).map_err(|(error, _)| error)?;
        }
        flush(self.0.client(), LINGER);
        while counted.missing.load(Ordering::Acquire) > 0 {
            thread::park();
        }
        match counted.failed.load(Ordering::Relaxed) {
            0 => Ok(()),
            failed => Err(format!("{failed} messages were not delivered").into()),
        }
    }
}

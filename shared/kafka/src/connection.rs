//! What librdkafka says while it connects: its log lines, and why it does not get through.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{ClientContext, config::RDKafkaLogLevel, error::KafkaError, types::RDKafkaErrorCode};
use tokio::sync::watch;
use xzepr_settings::{ExposeSecret, SecretString};

use crate::fault::{ConnectionFault, Step};

/// How long a login that has begun may take: brokers hold back the answer to a refused one for a while.
const IN_FLIGHT: Duration = Duration::from_millis(1_500);

/// A client's context. Its copies are one.
#[derive(Clone)]
pub struct Connection {
    secrets: Arc<[SecretString]>,
    trouble: Arc<watch::Sender<Trouble>>,
}

#[derive(Debug, Default)]
struct Trouble {
    last_fault: Option<ConnectionFault>,
    refused: bool,
    all_brokers_down: bool,
    patient_until: Option<Instant>,
}

impl Connection {
    /// `secrets` are the texts that no log line may have.
    pub(crate) fn new(secrets: Vec<SecretString>) -> Self {
        Self { secrets: secrets.into(), trouble: Arc::default() }
    }

    /// Why the last connection failed, if one did since the last [`Self::forget_fault`].
    pub(crate) fn last_fault(&self) -> Option<ConnectionFault> {
        self.trouble.borrow().last_fault.clone()
    }

    /// What is tried from now on has faults of its own.
    pub(crate) fn forget_fault(&self) {
        self.trouble.send_modify(|trouble| {
            trouble.last_fault = None;
            trouble.refused = false;
        });
    }

    /// A broker has answered.
    pub(crate) fn is_up(&self) {
        self.trouble.send_modify(|trouble| trouble.all_brokers_down = false);
    }

    /// Refusals for a short time from now on may be of the credentials that were just replaced.
    pub(crate) fn has_new_credentials(&self) {
        let until = Instant::now() + IN_FLIGHT;
        self.trouble.send_modify(|trouble| trouble.patient_until = Some(until));
    }

    /// Ends when no broker is left, and one has refused TLS or login: to wait longer with the same
    /// certificates and credentials does not help.
    pub(crate) async fn refused(&self) {
        // The sender lives as long as `self`.
        let _ =
            self.trouble.subscribe().wait_for(|trouble| trouble.all_brokers_down && trouble.refused).await;
    }

    /// A broker that only hangs up is no error to librdkafka, but a line in its log.
    fn note_lost_connection(&self, line: &str) {
        let reason = line.split_once("]: ").map_or(line, |(_thread, reason)| reason);
        let fault = ConnectionFault::new(RDKafkaErrorCode::BrokerTransportFailure, reason.to_owned());
        self.trouble.send_modify(|trouble| trouble.last_fault = trouble.last_fault.take().or(fault));
    }

    fn without_secrets(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| {
            let secret = secret.expose_secret();
            if secret.is_empty() { text } else { text.replace(secret, "[redacted]") }
        })
    }
}

impl ClientContext for Connection {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        let line = self.without_secrets(line);
        if facility == "FAIL" {
            self.note_lost_connection(&line);
        }
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error => tracing::error!(facility, "librdkafka: {line}"),
            RDKafkaLogLevel::Warning => tracing::warn!(facility, "librdkafka: {line}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => tracing::info!(facility, "librdkafka: {line}"),
            RDKafkaLogLevel::Debug => tracing::debug!(facility, "librdkafka: {line}"),
        }
    }

    /// Not logged here: the batch that cannot be published names the fault.
    fn error(&self, error: KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else { return };
        let fault = ConnectionFault::new(code, self.without_secrets(reason));
        self.trouble.send_modify(|trouble| {
            trouble.all_brokers_down |= code == RDKafkaErrorCode::AllBrokersDown;
            let patient = trouble.patient_until.is_some_and(|until| Instant::now() < until);
            trouble.refused |= !patient && fault.as_ref().is_some_and(|fault| fault.step >= Step::Tls);
            trouble.last_fault = fault.or_else(|| trouble.last_fault.take());
        });
    }
}

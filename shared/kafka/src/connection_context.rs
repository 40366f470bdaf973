//! librdkafka's context of a client: writes its log lines, and keeps why a connection failed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{ClientContext, config::RDKafkaLogLevel, error::KafkaError, types::RDKafkaErrorCode};
use tokio::sync::watch;
use xzepr_settings::{ExposeSecret, SecretString};

use crate::fault::{ConnectionFault, Step};

/// How long a login that has begun may take. A broker delays the response to a refused login (Kafka's
/// `connection.failed.authentication.delay.ms`, 100 ms by default).
const LOGIN_TIME: Duration = Duration::from_millis(1_500);

/// The context that librdkafka calls with a client's log lines and errors. Its copies share one state.
#[derive(Clone)]
pub struct ConnectionContext {
    secrets: Arc<[SecretString]>,
    trouble: Arc<watch::Sender<Trouble>>,
}

#[derive(Debug, Default)]
struct Trouble {
    last_fault: Option<ConnectionFault>,
    is_refused: bool,
    all_brokers_down: bool,
    ignore_refusals_until: Option<Instant>,
}

impl ConnectionContext {
    /// `secrets` are the texts that no log line may contain.
    pub(crate) fn new(secrets: Vec<SecretString>) -> Self {
        Self { secrets: secrets.into(), trouble: Arc::default() }
    }

    /// Why the last connection failed, if one did since the last [`Self::forget_fault`].
    pub(crate) fn last_fault(&self) -> Option<ConnectionFault> {
        self.trouble.borrow().last_fault.clone()
    }

    /// Forgets earlier faults, so that a new request fails only for faults of its own.
    pub(crate) fn forget_fault(&self) {
        self.trouble.send_modify(|trouble| {
            trouble.last_fault = None;
            trouble.is_refused = false;
        });
    }

    /// Notes that a broker has responded.
    pub(crate) fn note_connected(&self) {
        self.trouble.send_modify(|trouble| trouble.all_brokers_down = false);
    }

    /// Ignores refusals for a short time: they may still be of the credentials that were just replaced.
    pub(crate) fn expect_refusals_of_old_credentials(&self) {
        let until = Instant::now() + LOGIN_TIME;
        self.trouble.send_modify(|trouble| trouble.ignore_refusals_until = Some(until));
    }

    /// Waits until no broker is connected and one has refused TLS or login. A longer wait with the same
    /// certificates and credentials does not help. The caller must bound the wait.
    pub(crate) async fn wait_for_refusal(&self) {
        // No error is possible, because `self` holds the sender.
        let _ =
            self.trouble.subscribe().wait_for(|trouble| trouble.all_brokers_down && trouble.is_refused).await;
    }

    /// A broker that only closes the connection makes a line in librdkafka's log, and no error.
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

impl ClientContext for ConnectionContext {
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

    /// Writes no log line, because the error of the batch names the fault.
    fn error(&self, error: KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else { return };
        let fault = ConnectionFault::new(code, self.without_secrets(reason));
        self.trouble.send_modify(|trouble| {
            trouble.all_brokers_down |= code == RDKafkaErrorCode::AllBrokersDown;
            let ignores_refusals = trouble.ignore_refusals_until.is_some_and(|until| Instant::now() < until);
            trouble.is_refused |=
                !ignores_refusals && fault.as_ref().is_some_and(|fault| fault.step >= Step::Tls);
            trouble.last_fault = fault.or_else(|| trouble.last_fault.take());
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    fn context() -> ConnectionContext {
        ConnectionContext::new(vec![SecretString::from("pass-word"), SecretString::from("")])
    }

    fn fail(context: &ConnectionContext, code: RDKafkaErrorCode, reason: &str) {
        context.error(KafkaError::Global(code), reason);
    }

    async fn is_refused(context: &ConnectionContext) -> bool {
        timeout(Duration::from_millis(1), context.wait_for_refusal()).await.is_ok()
    }

    #[tokio::test]
    async fn a_refusal_ends_the_wait_only_when_no_broker_is_left() {
        let context = context();
        fail(&context, RDKafkaErrorCode::Authentication, "refused");
        assert!(!is_refused(&context).await);
        fail(&context, RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down");
        assert!(is_refused(&context).await);
        context.forget_fault();
        assert!(!is_refused(&context).await);
    }

    #[tokio::test]
    async fn a_broker_that_cannot_be_reached_refuses_nothing() {
        let context = context();
        fail(&context, RDKafkaErrorCode::BrokerTransportFailure, "Connection refused");
        fail(&context, RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down");
        assert!(!is_refused(&context).await);
    }

    #[tokio::test]
    async fn a_refusal_right_after_new_credentials_does_not_count() {
        let context = context();
        context.expect_refusals_of_old_credentials();
        fail(&context, RDKafkaErrorCode::Authentication, "refused");
        fail(&context, RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down");
        assert!(!is_refused(&context).await);
        assert_eq!(context.last_fault().map(|fault| fault.step), Some(Step::Login));
    }

    #[test]
    fn an_error_is_kept_rather_than_the_log_line_of_the_lost_connection() {
        let context = context();
        fail(&context, RDKafkaErrorCode::Authentication, "pass-word is wrong");
        context.log(RDKafkaLogLevel::Error, "FAIL", "[thrd:x]: x://b:1/1: Disconnected");
        let reason = || context.last_fault().map(|fault| fault.reason);
        assert_eq!(reason().as_deref(), Some("[redacted] is wrong"));
        context.forget_fault();
        context.log(RDKafkaLogLevel::Error, "FAIL", "[thrd:x]: x://b:1/1: Disconnected");
        assert_eq!(reason().as_deref(), Some("x://b:1/1: Disconnected"));
    }
}

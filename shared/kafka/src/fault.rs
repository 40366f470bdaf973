//! Why a connection to a broker failed, and the setting to change.

use std::fmt;

use rdkafka::types::RDKafkaErrorCode;

/// Where a connection stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The broker's name.
    Resolve,
    /// The TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The SASL login.
    Login,
}

/// A connection that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionFault {
    /// Where it stopped.
    pub step: Step,
    /// librdkafka's text, without secrets.
    pub reason: String,
}

impl ConnectionFault {
    /// `None` for an error that is not about a connection.
    pub(crate) fn new(code: RDKafkaErrorCode, reason: String) -> Option<Self> {
        let step = match code {
            RDKafkaErrorCode::Resolve => Step::Resolve,
            // With TLS 1.3 a client certificate is refused after the handshake, which looks like a lost connection.
            RDKafkaErrorCode::BrokerTransportFailure if reason.contains("SSL alert") => Step::Tls,
            RDKafkaErrorCode::SSL => Step::Tls,
            RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed => Step::Login,
            RDKafkaErrorCode::BrokerTransportFailure => Step::Connect,
            _ => return None,
        };
        Some(Self { step, reason })
    }

    /// Whether the broker's certificate was refused. librdkafka's text does not name the fault.
    pub(crate) fn is_untrusted_certificate(&self) -> bool {
        self.step == Step::Tls && self.reason.contains("certificate verify failed")
    }

    /// The broker's `host:port`, with which librdkafka's text begins: `ssl://host:port/bootstrap: …`.
    pub(crate) fn broker(&self) -> Option<&str> {
        let (_, broker) = self.reason.split_once("://")?;
        broker.split_once('/').map(|(broker, _)| broker)
    }

    /// The fault, as far as the text names it, and the setting to check.
    fn advice(&self) -> &'static str {
        let has = |words: &str| self.reason.contains(words);
        match self.step {
            Step::Resolve => "a broker's name cannot be resolved: see XZEPR_KAFKA_BROKERS",
            // A broker that requires TLS closes a connection without it, and the other way round.
            Step::Connect if has("Disconnected") || has("disconnected") => {
                "a broker closed the connection: see XZEPR_KAFKA_SECURITY_PROTOCOL, which must be that of its listener"
            }
            Step::Connect => {
                "a broker cannot be reached: see XZEPR_KAFKA_BROKERS, and in a VPC its subnets and security groups"
            }
            Step::Tls if has("certificate has expired") => "the broker's certificate has expired",
            Step::Tls if has("certificate is not yet valid") => "the broker's certificate is not valid yet",
            Step::Tls if has("hostname mismatch") || has("IP address mismatch") => {
                "the broker's certificate is for another host: see XZEPR_KAFKA_BROKERS"
            }
            Step::Tls if self.is_untrusted_certificate() => {
                "the broker's certificate is of no trusted CA: see XZEPR_KAFKA_SSL_CA_LOCATION and XZEPR_KAFKA_SSL_CA_PEM"
            }
            Step::Tls if has("SSL alert") => {
                "the broker refuses the client's certificate, or wants one: see XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION, \
                 XZEPR_KAFKA_SSL_KEY_LOCATION and XZEPR_KAFKA_SSL_SECRET_ARN"
            }
            Step::Tls => "the TLS handshake failed: see XZEPR_KAFKA_SECURITY_PROTOCOL",
            Step::Login if has("Unsupported SASL mechanism") => {
                "the broker does not have this XZEPR_KAFKA_SASL_MECHANISM"
            }
            Step::Login => "the broker refuses the login: see XZEPR_KAFKA_SASL_MECHANISM and its credentials",
        }
    }
}

impl fmt::Display for ConnectionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.advice(), self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// librdkafka's texts, the last three of the TLS ones with the reason of [`crate::handshake`] before them.
    const FAULTS: [(RDKafkaErrorCode, &str, Step, &str); 15] = [
        (
            RDKafkaErrorCode::Resolve,
            "ssl://kafka.invalid:9092/bootstrap: Failed to resolve 'kafka.invalid:9092': Name or service not known",
            Step::Resolve,
            "a broker's name cannot be resolved: see XZEPR_KAFKA_BROKERS",
        ),
        (
            RDKafkaErrorCode::BrokerTransportFailure,
            "kafka:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused (after 0ms)",
            Step::Connect,
            "a broker cannot be reached: see XZEPR_KAFKA_BROKERS, and in a VPC",
        ),
        (
            RDKafkaErrorCode::BrokerTransportFailure,
            "kafka:9092/bootstrap: Connection setup timed out in state CONNECT (after 5001ms)",
            Step::Connect,
            "a broker cannot be reached: see XZEPR_KAFKA_BROKERS, and in a VPC",
        ),
        (
            RDKafkaErrorCode::BrokerTransportFailure,
            "kafka:9092/bootstrap: Disconnected while requesting ApiVersion: might be caused by incorrect \
             security.protocol configuration (connecting to a SSL listener?)",
            Step::Connect,
            "a broker closed the connection: see XZEPR_KAFKA_SECURITY_PROTOCOL",
        ),
        (
            RDKafkaErrorCode::BrokerTransportFailure,
            "kafka:9092/1: Connection closed: disconnected (after 2ms in state APIVERSION_QUERY)",
            Step::Connect,
            "a broker closed the connection: see XZEPR_KAFKA_SECURITY_PROTOCOL",
        ),
        (
            RDKafkaErrorCode::SSL,
            "ssl://kafka:9092/bootstrap: SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?",
            Step::Tls,
            "the TLS handshake failed: see XZEPR_KAFKA_SECURITY_PROTOCOL",
        ),
        (
            RDKafkaErrorCode::SSL,
            "ssl://kafka:9092/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed",
            Step::Tls,
            "the broker's certificate is of no trusted CA: see XZEPR_KAFKA_SSL_CA_LOCATION and XZEPR_KAFKA_SSL_CA_PEM",
        ),
        (
            RDKafkaErrorCode::SSL,
            "ssl://kafka:9092/1: SSL handshake failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: \
             SSL alert number 42",
            Step::Tls,
            "the broker refuses the client's certificate, or wants one: see XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION",
        ),
        (
            RDKafkaErrorCode::BrokerTransportFailure,
            "ssl://kafka:9092/1: Receive failed: error:0A00045C:SSL routines::tlsv13 alert certificate required: \
             SSL alert number 116",
            Step::Tls,
            "the broker refuses the client's certificate, or wants one: see XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION",
        ),
        (
            RDKafkaErrorCode::SSL,
            "certificate has expired: ssl://kafka:9092/bootstrap: SSL handshake failed: certificate verify failed",
            Step::Tls,
            "the broker's certificate has expired",
        ),
        (
            RDKafkaErrorCode::SSL,
            "certificate is not yet valid: ssl://kafka:9092/bootstrap: SSL handshake failed: certificate verify failed",
            Step::Tls,
            "the broker's certificate is not valid yet",
        ),
        (
            RDKafkaErrorCode::SSL,
            "hostname mismatch: ssl://kafka:9092/bootstrap: SSL handshake failed: certificate verify failed",
            Step::Tls,
            "the broker's certificate is for another host: see XZEPR_KAFKA_BROKERS",
        ),
        (
            RDKafkaErrorCode::Authentication,
            "sasl_ssl://kafka:9092/bootstrap: SASL authentication error: Authentication failed during authentication \
             due to invalid credentials with SASL mechanism SCRAM-SHA-512",
            Step::Login,
            "the broker refuses the login: see XZEPR_KAFKA_SASL_MECHANISM and its credentials",
        ),
        (
            RDKafkaErrorCode::SaslAuthenticationFailed,
            "sasl_ssl://kafka:9092/1: Authentication failed",
            Step::Login,
            "the broker refuses the login: see XZEPR_KAFKA_SASL_MECHANISM and its credentials",
        ),
        (
            RDKafkaErrorCode::Authentication,
            "sasl_ssl://kafka:9092/1: SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism",
            Step::Login,
            "the broker does not have this XZEPR_KAFKA_SASL_MECHANISM",
        ),
    ];

    #[test]
    fn each_reason_of_librdkafka_is_explained_with_the_setting_to_change() {
        for (code, reason, step, advice) in FAULTS {
            let fault = ConnectionFault::new(code, reason.to_owned()).expect(reason);
            assert_eq!(fault.step, step, "{reason}");
            let text = fault.to_string();
            assert!(text.starts_with(advice) && text.ends_with(&format!("({reason})")), "{text}");
        }
    }

    #[test]
    fn an_error_that_is_not_about_a_connection_is_no_fault() {
        for code in [RDKafkaErrorCode::AllBrokersDown, RDKafkaErrorCode::MessageTimedOut] {
            assert_eq!(ConnectionFault::new(code, String::new()), None);
        }
    }

    #[test]
    fn the_broker_of_a_refused_certificate_is_read_from_the_text() {
        let (code, reason, ..) = FAULTS[6];
        let fault = ConnectionFault::new(code, reason.to_owned()).unwrap();
        assert!(fault.is_untrusted_certificate());
        assert_eq!(fault.broker(), Some("kafka:9092"));
    }
}

//! Why a connection to a broker failed, and what to change.

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
    /// librdkafka's own words, without secrets.
    pub reason: String,
}

impl ConnectionFault {
    /// `None` for an error that is not about a connection.
    pub(crate) fn new(code: RDKafkaErrorCode, reason: String) -> Option<Self> {
        let step = match code {
            RDKafkaErrorCode::Resolve => Step::Resolve,
            // With TLS 1.3 a client certificate is refused after the handshake, and comes as a lost connection.
            RDKafkaErrorCode::BrokerTransportFailure if reason.contains("SSL alert") => Step::Tls,
            RDKafkaErrorCode::SSL => Step::Tls,
            RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed => Step::Login,
            RDKafkaErrorCode::BrokerTransportFailure => Step::Connect,
            _ => return None,
        };
        Some(Self { step, reason })
    }

    /// librdkafka does not tell what is wrong with a broker's certificate.
    pub(crate) fn is_untrusted_certificate(&self) -> bool {
        self.step == Step::Tls && self.reason.contains("certificate verify failed")
    }

    /// The broker's `host:port`, which librdkafka's words begin with: `ssl://host:port/bootstrap: …`.
    pub(crate) fn broker(&self) -> Option<&str> {
        let (_, broker) = self.reason.split_once("://")?;
        broker.split_once('/').map(|(broker, _)| broker)
    }

    /// What is wrong, as far as the words tell, and the setting to look at.
    fn advice(&self) -> &'static str {
        let says = |words: &str| self.reason.contains(words);
        match self.step {
            Step::Resolve => "a broker's name cannot be resolved: see XZEPR_KAFKA_BROKERS",
            // A broker that wants TLS ends a connection without it, and the other way round.
            Step::Connect if says("Disconnected") || says("disconnected") => {
                "a broker ended the connection: see XZEPR_KAFKA_SECURITY_PROTOCOL, which its listener must have"
            }
            Step::Connect => {
                "a broker cannot be reached: see XZEPR_KAFKA_BROKERS, and in a VPC its subnets and security groups"
            }
            Step::Tls if says("certificate has expired") => "the broker's certificate has expired",
            Step::Tls if says("certificate is not yet valid") => "the broker's certificate is not valid yet",
            Step::Tls if says("hostname mismatch") || says("IP address mismatch") => {
                "the broker's certificate is for another host: see XZEPR_KAFKA_BROKERS"
            }
            Step::Tls if self.is_untrusted_certificate() => {
                "the broker's certificate is of no trusted CA: see XZEPR_KAFKA_SSL_CA_LOCATION and XZEPR_KAFKA_SSL_CA_PEM"
            }
            Step::Tls if says("SSL alert") => {
                "the broker refuses the client's certificate, or wants one: see XZEPR_KAFKA_SSL_CERTIFICATE_LOCATION, \
                 XZEPR_KAFKA_SSL_KEY_LOCATION and XZEPR_KAFKA_SSL_SECRET_ARN"
            }
            Step::Tls => "the TLS handshake failed: see XZEPR_KAFKA_SECURITY_PROTOCOL",
            Step::Login if says("Unsupported SASL mechanism") => {
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

//! `kafka.auth`: how the connection to the brokers is secured.

use crate::{
    reader::{Name, Reader},
    sasl::{self, Sasl},
    tls::{self, Tls},
};

const PROTOCOL: Name = ("XZEPR_KAFKA_SECURITY_PROTOCOL", "kafka.auth.security_protocol");

/// How the connection to the brokers is secured; neither part is `PLAINTEXT`.
#[derive(Debug, Clone, Default)]
pub struct Security {
    /// With `SSL` and `SASL_SSL`.
    pub tls: Option<Tls>,
    /// With `SASL_PLAINTEXT` and `SASL_SSL`.
    pub sasl: Option<Sasl>,
}

impl Security {
    /// Kafka's name for the combination.
    pub fn protocol(&self) -> &'static str {
        match (&self.tls, &self.sasl) {
            (None, None) => "PLAINTEXT",
            (Some(_), None) => "SSL",
            (None, Some(_)) => "SASL_PLAINTEXT",
            (Some(_), Some(_)) => "SASL_SSL",
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let protocol = reader.text(PROTOCOL).unwrap_or_else(|| "PLAINTEXT".to_owned());
        let (with_tls, with_sasl) = match protocol.as_str() {
            "PLAINTEXT" => (false, false),
            "SSL" => (true, false),
            "SASL_PLAINTEXT" => (false, true),
            "SASL_SSL" => (true, true),
            _ => {
                reader.fault(PROTOCOL, "must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL");
                return Self::default();
            }
        };
        let tls = if with_tls {
            Some(Tls::read(reader))
        } else {
            refuse_unused(reader, &tls::NAMES, "SSL or SASL_SSL");
            None
        };
        let sasl = if with_sasl {
            Sasl::read(reader, with_tls)
        } else {
            refuse_unused(reader, &sasl::NAMES, "SASL_PLAINTEXT or SASL_SSL");
            None
        };
        Self { tls, sasl }
    }
}

/// Who sets a certificate means to have TLS: a setting that would be ignored is refused.
fn refuse_unused(reader: &mut Reader<'_>, names: &[Name], protocols: &str) {
    let (protocol, _) = PROTOCOL;
    for name in names {
        if reader.text(*name).is_some() {
            reader.fault(*name, &format!("has no use unless {protocol} is {protocols}"));
        }
    }
}

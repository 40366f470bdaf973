//! Kafka's security protocols.

use std::str::FromStr;

/// How clients talk to a listener of a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Plaintext,
    Ssl,
    SaslPlaintext,
    SaslSsl,
}

impl Protocol {
    const ALL: [Self; 4] = [Self::Plaintext, Self::Ssl, Self::SaslPlaintext, Self::SaslSsl];

    pub(crate) fn with(tls: bool, sasl: bool) -> Self {
        match (tls, sasl) {
            (false, false) => Self::Plaintext,
            (true, false) => Self::Ssl,
            (false, true) => Self::SaslPlaintext,
            (true, true) => Self::SaslSsl,
        }
    }

    pub(crate) fn has_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }

    pub(crate) fn has_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }

    /// Kafka's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        }
    }
}

impl FromStr for Protocol {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::security::SECURITY_PROTOCOL;

    #[test]
    fn a_protocol_is_read_by_its_name_and_named_in_the_rule() {
        for protocol in Protocol::ALL {
            assert!(SECURITY_PROTOCOL.rule.contains(protocol.name()), "{protocol:?}");
            assert_eq!(protocol.name().parse(), Ok(protocol));
            assert_eq!(Protocol::with(protocol.has_tls(), protocol.has_sasl()), protocol);
        }
        assert_eq!("sasl_ssl".parse::<Protocol>(), Err(()));
    }
}

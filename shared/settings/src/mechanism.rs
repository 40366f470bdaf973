//! The SASL mechanisms.

use std::str::FromStr;

/// A SASL mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    Password(PasswordMechanism),
    OauthBearer,
    MskIam,
    Kerberos,
}

/// A mechanism that needs a user and a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMechanism {
    /// The password is sent in clear text, so it belongs with `SASL_SSL`.
    Plain,
    /// <https://www.rfc-editor.org/rfc/rfc7677>
    ScramSha256,
    /// The same with SHA-512. Amazon MSK has this one.
    ScramSha512,
}

impl Mechanism {
    const ALL: [Self; 6] = [
        Self::Password(PasswordMechanism::Plain),
        Self::Password(PasswordMechanism::ScramSha256),
        Self::Password(PasswordMechanism::ScramSha512),
        Self::OauthBearer,
        Self::MskIam,
        Self::Kerberos,
    ];

    /// Its name in the settings.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Password(mechanism) => mechanism.name(),
            Self::OauthBearer => "OAUTHBEARER",
            Self::MskIam => "AWS_MSK_IAM",
            Self::Kerberos => "GSSAPI",
        }
    }
}

impl PasswordMechanism {
    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl FromStr for Mechanism {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sasl::MECHANISM;

    #[test]
    fn a_mechanism_is_read_by_its_name_and_named_in_the_rule() {
        for mechanism in Mechanism::ALL {
            assert_eq!(mechanism.name().parse(), Ok(mechanism));
            assert!(MECHANISM.rule.contains(mechanism.name()), "{mechanism:?}");
        }
        assert_eq!("plain".parse::<Mechanism>(), Err(()));
    }
}

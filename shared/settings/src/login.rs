//! User and password, from the settings or from a secret.

use secrecy::SecretString;

use crate::{
    mechanism::Mechanism,
    reader::Reader,
    secret_arn::{SECRET_ARN_RULE, SecretArn},
    setting::{ANY_TEXT, Setting, settings},
};

settings! {
    USERNAME = Setting {
        variable: "XZEPR_KAFKA_SASL_USERNAME",
        key: "kafka.auth.sasl.username",
        default: None,
        rule: ANY_TEXT,
    };
    PASSWORD = Setting {
        variable: "XZEPR_KAFKA_SASL_PASSWORD",
        key: "kafka.auth.sasl.password",
        default: None,
        rule: ANY_TEXT,
    };
    SECRET_ARN = Setting {
        variable: "XZEPR_KAFKA_SASL_SECRET_ARN",
        key: "kafka.auth.sasl.secret_arn",
        default: None,
        rule: SECRET_ARN_RULE,
    };
}

/// User and password, or client id and client secret.
#[derive(Debug, Clone)]
pub enum Login {
    /// The settings contain them.
    Given {
        /// The user.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// A secret with `username` and `password`, as Amazon MSK has them.
    ///
    /// <https://docs.aws.amazon.com/msk/latest/developerguide/msk-password-tutorial.html>
    Secret(SecretArn),
}

impl Login {
    pub(crate) fn read(reader: &mut Reader<'_>, mechanism: Mechanism) -> Option<Self> {
        let (username, password) = (reader.text(&USERNAME), reader.text(&PASSWORD));
        let both = [(&USERNAME, username.is_some()), (&PASSWORD, password.is_some())];
        if let Some(arn) = SecretArn::read(reader, &SECRET_ARN) {
            for (setting, _) in both.into_iter().filter(|(_, is_set)| *is_set) {
                reader.fault(setting, &format!("cannot be set together with {}", SECRET_ARN.variable));
            }
            return Some(Self::Secret(arn));
        }
        for (setting, _) in both.into_iter().filter(|(_, is_set)| !is_set) {
            let alternative = SECRET_ARN.variable;
            reader.fault(setting, &format!("or {alternative} is required with {}", mechanism.name()));
        }
        Some(Self::Given { username: username?, password: password?.into() })
    }
}

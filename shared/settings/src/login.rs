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

/// The settings that a login is read from.
pub(crate) struct LoginSettings {
    pub(crate) username: &'static Setting,
    pub(crate) password: &'static Setting,
    pub(crate) secret_arn: &'static Setting,
}

const SASL: LoginSettings =
    LoginSettings { username: &USERNAME, password: &PASSWORD, secret_arn: &SECRET_ARN };

impl Login {
    /// The login of a SASL mechanism that needs one.
    pub(crate) fn read(reader: &mut Reader<'_>, mechanism: Mechanism) -> Option<Self> {
        SASL.read(reader, mechanism.name())
    }
}

impl LoginSettings {
    /// The login. One that is not complete is a fault, which names the part that requires it.
    pub(crate) fn read(&self, reader: &mut Reader<'_>, required_with: &str) -> Option<Login> {
        let (username, password) = (reader.text(self.username), reader.text(self.password));
        let both = [(self.username, username.is_some()), (self.password, password.is_some())];
        if let Some(arn) = SecretArn::read(reader, self.secret_arn) {
            for (setting, _) in both.into_iter().filter(|(_, is_set)| *is_set) {
                reader.fault(setting, &format!("cannot be set together with {}", self.secret_arn.variable));
            }
            return Some(Login::Secret(arn));
        }
        for (setting, _) in both.into_iter().filter(|(_, is_set)| !is_set) {
            let alternative = self.secret_arn.variable;
            reader.fault(setting, &format!("or {alternative} is required with {required_with}"));
        }
        Some(Login::Given { username: username?, password: password?.into() })
    }

    /// The login, if one of its settings is set.
    pub(crate) fn read_if_set(&self, reader: &mut Reader<'_>) -> Option<Login> {
        let first = [self.secret_arn, self.username, self.password]
            .into_iter()
            .find(|setting| reader.given(setting).is_some())?;
        self.read(reader, first.variable)
    }
}

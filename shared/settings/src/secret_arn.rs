//! The name of a secret in AWS Secrets Manager.

use std::{fmt, str::FromStr};

use crate::{reader::Reader, setting::Setting};

pub(crate) const SECRET_ARN_RULE: &str = "must be the ARN of a secret in AWS Secrets Manager";

/// The ARN of a secret in AWS Secrets Manager, and the setting that it came from.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretArn {
    /// The variable, for messages.
    pub setting: &'static str,
    arn: Arn,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Arn(String);

impl SecretArn {
    /// The ARN that the setting contains. A text that is no ARN counts as one, with its fault noted: then the settings
    /// that an ARN excludes are faults too.
    pub(crate) fn read(reader: &mut Reader<'_>, setting: &Setting) -> Option<Self> {
        let text = reader.text(setting)?;
        let arn = reader.value(setting).unwrap_or(Arn(text));
        Some(Self { setting: setting.variable, arn })
    }

    /// The region that holds the secret.
    pub fn region(&self) -> &str {
        self.arn.0.split(':').nth(3).unwrap_or_default()
    }
}

impl fmt::Display for SecretArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn.0)
    }
}

impl FromStr for Arn {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<_> = text.splitn(7, ':').collect();
        match parts[..] {
            ["arn", partition, "secretsmanager", region, account, "secret", name]
                if !partition.is_empty() && !region.is_empty() && !account.is_empty() && !name.is_empty() =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(()),
        }
    }
}

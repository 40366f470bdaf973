//! The name of a secret in AWS Secrets Manager.

use std::{fmt, str::FromStr};

use crate::reader::{Name, Reader};

/// The ARN of a secret in AWS Secrets Manager, and the setting that it stands in.
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
    pub(crate) fn read(reader: &mut Reader<'_>, name: Name) -> Option<Self> {
        let text = reader.text(name)?;
        let arn = text.parse().unwrap_or_else(|rule| {
            reader.fault(name, rule);
            Arn(text)
        });
        Some(Self { setting: name.0, arn })
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
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<_> = text.splitn(7, ':').collect();
        match parts[..] {
            ["arn", partition, "secretsmanager", region, account, "secret", name]
                if !partition.is_empty() && !region.is_empty() && !account.is_empty() && !name.is_empty() =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err("must be the ARN of a secret in AWS Secrets Manager"),
        }
    }
}

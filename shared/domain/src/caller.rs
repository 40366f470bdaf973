//! The caller to whom an `Idempotency-Key` belongs.

use sha2::{Digest, Sha256};

use crate::fingerprint::hex;

/// The sender of a request, as the API's authorizer identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The API has no authorizer, so all senders are one caller.
    Anonymous,
    /// An IAM role. All of its sessions are one caller.
    Role {
        /// The AWS partition, such as `aws` or `aws-cn`.
        partition: String,
        /// The role's account.
        account: String,
        /// The role's name.
        role: String,
    },
    /// An IAM user, a federated user or an account's root. Its ARN names no session.
    Arn(String),
    /// An identity of a Cognito identity pool. All identities of a pool share one role.
    CognitoIdentity {
        /// The identity pool.
        pool: String,
        /// The identity.
        identity: String,
    },
    /// The subject of a JWT.
    Subject {
        /// The token's `iss`.
        issuer: String,
        /// The token's `sub`.
        subject: String,
    },
    /// The `principalId` of a Lambda authorizer.
    Principal(String),
}

impl Caller {
    /// The caller that an IAM ARN names. Each session of a role has its own ARN,
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`. The session is not part of the caller, because a
    /// pipeline may retry a request in a new session.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
    pub fn from_arn(arn: &str) -> Self {
        let mut parts = arn.splitn(6, ':');
        let mut part = || parts.next().unwrap_or_default();
        let (_arn, partition, service, _region, account, resource) =
            (part(), part(), part(), part(), part(), part());
        let role = resource.strip_prefix("assumed-role/").and_then(|resource| resource.rsplit_once('/'));
        match role {
            Some((role, _session)) if service == "sts" => Self::Role {
                partition: partition.to_owned(),
                account: account.to_owned(),
                role: role.to_owned(),
            },
            _ => Self::Arn(arn.to_owned()),
        }
    }

    /// The lower-case hex SHA-256 of the caller. It has the same length for every caller. Two different callers never
    /// have the same digest, even if they are of different kinds.
    pub fn digest(&self) -> String {
        let (kind, parts): (_, &[&str]) = match self {
            Self::Anonymous => ("anonymous", &[]),
            Self::Role { partition, account, role } => ("role", &[partition, account, role]),
            Self::Arn(arn) => ("arn", &[arn]),
            Self::CognitoIdentity { pool, identity } => ("cognito-identity", &[pool, identity]),
            Self::Subject { issuer, subject } => ("subject", &[issuer, subject]),
            Self::Principal(principal) => ("principal", &[principal]),
        };
        let mut hasher = Sha256::new();
        hasher.update(kind);
        for part in parts {
            // The lengths keep ("ab", "c") and ("a", "bc") apart.
            hasher.update(format!("\n{}:{part}", part.len()));
        }
        hex(&hasher.finalize())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_sessions_of_a_role_are_one_caller() {
        let caller = Caller::from_arn("arn:aws:sts::123456789012:assumed-role/ci/run-1");
        assert_eq!(caller, Caller::from_arn("arn:aws:sts::123456789012:assumed-role/ci/run-2"));
        for other in [
            "arn:aws:sts::123456789012:assumed-role/cd/run-1",
            "arn:aws:sts::210987654321:assumed-role/ci/run-1",
            "arn:aws-cn:sts::123456789012:assumed-role/ci/run-1",
            "arn:aws:iam::123456789012:user/ci/run-1",
            "arn:aws:iam::123456789012:root",
            "arn:aws:sts::123456789012:federated-user/ci",
        ] {
            assert_ne!(caller, Caller::from_arn(other), "{other}");
        }
    }

    #[test]
    fn callers_of_different_kinds_have_no_digest_in_common() {
        let subject = |issuer: &str, subject: &str| Caller::Subject {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        };
        let callers = [
            Caller::Anonymous,
            Caller::Principal("anonymous".to_owned()),
            Caller::Principal(String::new()),
            Caller::Principal("arn:aws:iam::1:user/a".to_owned()),
            Caller::from_arn("arn:aws:iam::1:user/a"),
            Caller::from_arn("arn:aws:sts::1:assumed-role/a/b"),
            Caller::Arn("aws1a".to_owned()),
            subject("https://idp", "a"),
            subject("https://idp a", ""),
            subject("https://idp\n1:a", ""),
            Caller::Principal("https://idp a".to_owned()),
            Caller::CognitoIdentity { pool: "https://idp".to_owned(), identity: "a".to_owned() },
        ];
        let digests: HashSet<_> = callers.iter().map(Caller::digest).collect();
        assert_eq!(digests.len(), callers.len());
        assert!(digests.iter().all(|digest| digest.len() == 64));
    }
}

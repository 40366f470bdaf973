//! Idempotency: the key with which a caller declares that two requests are the same.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::{Caller, cloud_event::CloudEventId, fingerprint::hex};

/// The maximum length of a key, in characters.
const MAX_LENGTH: usize = 255;

/// The key of a request:
///
/// - A header's key has 1 to 255 printable ASCII characters. The header may have it in quotes, as the draft demands, or
///   without.
/// - An element of a batch has the header's key and its own index.
/// - A CloudEvent without a header has its source and id.
///
/// A header's key has no double quote, and the others have one in different places. So no two kinds are equal.
///
/// <https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2>
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// A header without a valid key, or with several keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdempotencyKey {
    /// A text that is not a key.
    #[error("must be 1 to 255 printable ASCII characters, in quotes or without any")]
    Malformed,
    /// One request has two keys. To use one of them would hide that the other has no effect.
    #[error("has more than one key: a request has one, and a key that contains a comma is sent in quotes")]
    Several,
}

impl FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    /// Reads a header's value. API Gateway joins a header that was sent twice into one value with a comma
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
    /// The same key twice counts as one key.
    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let mut is_quoted = false;
        let mut members = value.split(|c| {
            is_quoted ^= c == '"';
            c == ',' && !is_quoted
        });
        let key = Self::from_member(members.next().unwrap_or_default())?;
        for member in members {
            if Self::from_member(member)? != key {
                return Err(InvalidIdempotencyKey::Several);
            }
        }
        Ok(key)
    }
}

impl IdempotencyKey {
    /// The key of one element of a batch that has this key.
    #[must_use]
    pub fn of_element(&self, index: usize) -> Self {
        Self(format!("{self}\"{index}"))
    }

    /// The key of a CloudEvent: a digest of its source and id, since a partition key of DynamoDB has at most 2,048 bytes.
    pub fn of_cloud_event(CloudEventId { source, id }: &CloudEventId) -> Self {
        // The length tells where the source ends.
        let digest = Sha256::digest(format!("{}\n{source}{id}", source.len()));
        Self(format!("\"cloudevent\"{}", hex(&digest)))
    }

    /// Whether it is the source and id of a CloudEvent, and not from a header.
    pub fn is_cloud_event(&self) -> bool {
        self.0.starts_with('"')
    }

    fn from_member(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let text = text.trim();
        let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let printable = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
        if (1..=MAX_LENGTH).contains(&key.len()) && key.chars().all(printable) {
            Ok(Self(key.to_owned()))
        } else {
            Err(InvalidIdempotencyKey::Malformed)
        }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key with its caller, and the request that it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The sender of the request.
    pub caller: Caller,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// The lower-case hex SHA-256 of the endpoint's path and the body, or of a CloudEvent's content.
    pub request_hash: String,
}

impl Idempotency {
    /// Ties a caller's key to a request.
    pub fn new(caller: Caller, key: IdempotencyKey, path: &str, body: &str) -> Self {
        // A path contains no line break, so path and body cannot be confused.
        Self { caller, key, request_hash: hex(&Sha256::digest(format!("{path}\n{body}"))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_with_and_without_quotes() {
        let key = |text: &str| text.parse::<IdempotencyKey>().map(|key| key.to_string());
        assert_eq!(key("\"8e03978e-40d5\""), key("8e03978e-40d5"));
        assert_eq!(key(" a b "), Ok("a b".to_owned()));
        for wrong in ["", "\"\"", "\"a", "a\"b", "a\\b", "ä", "a\tb", &"x".repeat(256)] {
            assert_eq!(key(wrong), Err(InvalidIdempotencyKey::Malformed), "{wrong}");
        }
    }

    #[test]
    fn a_header_that_was_sent_twice_is_refused_unless_both_keys_are_the_same() {
        let key = |text: &str| text.parse::<IdempotencyKey>().map(|key| key.to_string());
        for same in ["a,a", "a, a", "\"a\",a", "a,\"a\", a"] {
            assert_eq!(key(same), Ok("a".to_owned()), "{same}");
        }
        assert_eq!(key("\"a,b\""), Ok("a,b".to_owned()));
        assert_eq!(key("\"a,b\",\"a,b\""), Ok("a,b".to_owned()));
        for different in ["a,b", "a, b", "\"a\",\"b\"", "\"a,b\",\"a\"", "a,a,b"] {
            assert_eq!(key(different), Err(InvalidIdempotencyKey::Several), "{different}");
        }
        for wrong in ["a,", ",", "\"a,b", "a,\"b"] {
            assert_eq!(key(wrong), Err(InvalidIdempotencyKey::Malformed), "{wrong}");
        }
    }

    #[test]
    fn the_kinds_of_keys_differ() {
        let id = |source: &str, id: &str| {
            let (source, id) = (source.to_owned().try_into().unwrap(), id.to_owned().try_into().unwrap());
            IdempotencyKey::of_cloud_event(&CloudEventId { source, id })
        };
        assert_eq!(id("/a", "1"), id("/a", "1"));
        assert_ne!(id("/a", "1"), id("/a1", "1"));
        assert_ne!(id("/a", "b1"), id("/ab", "1"));
        let header: IdempotencyKey = "a".parse().unwrap();
        assert_ne!(header.of_element(1), "a1".parse::<IdempotencyKey>().unwrap().of_element(0));
        assert!(id("/a", "1").is_cloud_event());
        for key in [&header, &header.of_element(0)] {
            assert!(!key.is_cloud_event(), "{key}");
        }
        // A header cannot name a key of the other kinds.
        for key in [id("/a", "1"), header.of_element(0)] {
            assert_eq!(key.to_string().parse::<IdempotencyKey>(), Err(InvalidIdempotencyKey::Malformed));
            let quoted = format!("\"{key}\"").parse::<IdempotencyKey>();
            assert_eq!(quoted, Err(InvalidIdempotencyKey::Malformed));
        }
    }

    #[test]
    fn requests_differ_by_their_path_or_their_body() {
        let hash = |path: &str, body: &str| {
            Idempotency::new(Caller::Anonymous, "key".parse().unwrap(), path, body).request_hash
        };
        assert_eq!(hash("/a", "{}"), hash("/a", "{}"));
        assert_ne!(hash("/a", "{}"), hash("/b", "{}"));
        assert_ne!(hash("/a", "{}"), hash("/a", "{ }"));
    }
}

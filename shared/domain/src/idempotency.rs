//! The header `Idempotency-Key`, with which a caller declares that two requests are the same.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::{Caller, fingerprint::hex};

/// The maximum length of a key, in characters.
const MAX_LENGTH: usize = 255;

/// A key of 1 to 255 printable ASCII characters. The header may have it in quotes, as the draft demands, or without.
///
/// <https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2>
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// The lower-case hex SHA-256 of the endpoint's path and the body.
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
    fn requests_differ_by_their_path_or_their_body() {
        let hash = |path: &str, body: &str| {
            Idempotency::new(Caller::Anonymous, "key".parse().unwrap(), path, body).request_hash
        };
        assert_eq!(hash("/a", "{}"), hash("/a", "{}"));
        assert_ne!(hash("/a", "{}"), hash("/b", "{}"));
        assert_ne!(hash("/a", "{}"), hash("/a", "{ }"));
    }
}

//! A caller's promise that two requests are one: the header `Idempotency-Key`.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::fingerprint::hex;

/// The longest key.
const MAX_LENGTH: usize = 255;

/// A key: 1 to 255 printable ASCII characters, quoted as the draft has it or bare.
///
/// <https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 255 printable ASCII characters, in quotes or without any")]
pub struct InvalidIdempotencyKey;

impl FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let printable = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
        if (1..=MAX_LENGTH).contains(&key.len()) && key.chars().all(printable) {
            Ok(Self(key.to_owned()))
        } else {
            Err(InvalidIdempotencyKey)
        }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key, whose it is, and the request that it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Who sent the request.
    pub caller: String,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// The lower-case hex SHA-256 of the endpoint's path and the body.
    pub request_hash: String,
}

impl Idempotency {
    /// Ties a caller's key to a request.
    pub fn new(caller: String, key: IdempotencyKey, path: &str, body: &str) -> Self {
        // A path has no line end.
        Self { caller, key, request_hash: hex(&Sha256::digest(format!("{path}\n{body}"))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_key_is_the_bare_one() {
        let key = |text: &str| text.parse::<IdempotencyKey>().map(|key| key.to_string());
        assert_eq!(key("\"8e03978e-40d5\""), key("8e03978e-40d5"));
        assert_eq!(key(" a b "), Ok("a b".to_owned()));
        for wrong in ["", "\"\"", "\"a", "a\"b", "a\\b", "ä", "a\tb", &"x".repeat(256)] {
            assert_eq!(key(wrong), Err(InvalidIdempotencyKey), "{wrong}");
        }
    }

    #[test]
    fn a_request_is_its_path_and_its_body() {
        let hash = |path: &str, body: &str| {
            Idempotency::new("caller".into(), "key".parse().unwrap(), path, body).request_hash
        };
        assert_eq!(hash("/a", "{}"), hash("/a", "{}"));
        assert_ne!(hash("/a", "{}"), hash("/b", "{}"));
        assert_ne!(hash("/a", "{}"), hash("/a", "{ }"));
    }
}

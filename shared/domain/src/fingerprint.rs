//! The two hashes of an event receiver: the public fingerprint, and the identity that declarations share.

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use sha2::{Digest, Sha256};
use xzepr_json::JsonText;

use crate::text::{Description, ShortText};

/// `sha256:` and the lower-case hex SHA-256 of `v1 {type} {description} {name} {version}`. The Event Provenance
/// Registry (EPR) calculates the same,
/// so a receiver has one fingerprint in both systems. The schema is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    pub(crate) fn new(
        r#type: &ShortText,
        description: &Description,
        name: &ShortText,
        version: &ShortText,
    ) -> Self {
        let digest = Sha256::digest(format!("v1 {type} {description} {name} {version}"));
        Self(format!("{PREFIX}{}", hex(&digest)))
    }
}

/// The text before the digest.
const PREFIX: &str = "sha256:";

/// The error of a text that is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 64 hexadecimal digits, with or without sha256: before them")]
pub struct InvalidFingerprint;

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    /// Reads a fingerprint in either case. The prefix may be absent, since those of the Event Provenance Registry have
    /// none.
    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let digest = text.strip_prefix(PREFIX).unwrap_or(text);
        if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidFingerprint);
        }
        Ok(Self(format!("{PREFIX}{}", digest.to_ascii_lowercase())))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The lower-case hex SHA-256 of a receiver's five members, schema text included. Two declarations with the same
/// identity declare one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(String);

impl Identity {
    pub(crate) fn new(members: [&str; 4], schema: &JsonText) -> Self {
        let mut hasher = Sha256::new();
        // The lengths keep ("ab", "c") and ("a", "bc") apart.
        for member in members.into_iter().chain([schema.as_str()]) {
            hasher.update((member.len() as u64).to_be_bytes());
            hasher.update(member);
        }
        Self(hex(&hasher.finalize()))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(crate) fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(2 * digest.len()), |mut hex, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(r#type: &str, description: &str, name: &str, version: &str) -> String {
        let short = |text: &str| ShortText::try_from(text.to_owned()).unwrap();
        let description = Description::try_from(description.to_owned()).unwrap();
        Fingerprint::new(&short(r#type), &description, &short(name), &short(version)).to_string()
    }

    #[test]
    fn fingerprints_equal_those_that_epr_documents() {
        assert_eq!(
            fingerprint("foo.bar", "The event receiver of Brixton", "watcher-workshop", "1.0.0"),
            "sha256:b183c34c7ba56b17f89dfe0c0b22c0a340889cae88d8e87a3f16bc5bdc8f7acb",
        );
        assert_eq!(
            fingerprint(
                "dev.cdevents.artifact.packaged.0.1.1",
                "CDEvents Artifact Packaged",
                "artifact-packaged",
                "1.0.0",
            ),
            "sha256:ce507df4dc8dac35a365f720d540fd1be29fc8639e173a69804443ab4430aae8",
        );
    }

    #[test]
    fn a_fingerprint_is_read_with_and_without_its_prefix_and_in_either_case() {
        let text = fingerprint("t", "d", "n", "1");
        let digest = text.trim_start_matches("sha256:");
        for same in [&*text, digest, &*digest.to_uppercase(), &*format!("sha256:{}", digest.to_uppercase())] {
            assert_eq!(same.parse::<Fingerprint>().map(|read| read.to_string()), Ok(text.clone()), "{same}");
        }
        let wrong = ["", "sha256:", &text[1..], &text[..70], &format!("{digest}0"), &"g".repeat(64)];
        for wrong in wrong {
            assert_eq!(wrong.parse::<Fingerprint>(), Err(InvalidFingerprint), "{wrong}");
        }
    }

    #[test]
    fn an_identity_depends_on_where_a_member_ends() {
        let schema = JsonText::try_from("{}".to_owned()).unwrap();
        assert_ne!(Identity::new(["ab", "c", "", ""], &schema), Identity::new(["a", "bc", "", ""], &schema));
    }
}

//! The artifact that events are about.

use sha2::{Digest, Sha256};

use crate::{event::Event, fingerprint::hex, text::ShortText};

/// The artifact of an event: five texts. Two events are about one artifact if all five are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Artifact {
    /// Its name.
    pub name: ShortText,
    /// Its version.
    pub version: ShortText,
    /// Its release.
    pub release: ShortText,
    /// The platform that it is for.
    pub platform_id: ShortText,
    /// Its package.
    pub package: ShortText,
}

impl Artifact {
    /// The artifact of an event.
    pub fn of(event: &Event) -> Self {
        Self {
            name: event.name.clone(),
            version: event.version.clone(),
            release: event.release.clone(),
            platform_id: event.platform_id.clone(),
            package: event.package.clone(),
        }
    }

    /// The lower-case hex SHA-256 of the five texts. Each is preceded by its length, so that ("ab", "c") and ("a", "bc")
    /// differ.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for text in [&self.name, &self.version, &self.release, &self.platform_id, &self.package] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        hex(&hasher.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(texts: [&str; 5]) -> Artifact {
        let [name, version, release, platform_id, package] =
            texts.map(|text| ShortText::try_from(text.to_owned()).unwrap());
        Artifact { name, version, release, platform_id, package }
    }

    #[test]
    fn artifacts_that_differ_in_one_text_or_in_its_borders_have_different_digests() {
        let one = artifact(["ab", "c", "r", "p", "k"]).digest();
        assert_eq!(one.len(), 64);
        assert_eq!(artifact(["ab", "c", "r", "p", "k"]).digest(), one);
        for other in [["a", "bc", "r", "p", "k"], ["ab", "c", "r", "k", "p"], ["ab", "c", "r", "p", "K"]] {
            assert_ne!(artifact(other).digest(), one, "{other:?}");
        }
    }
}

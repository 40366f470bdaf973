//! The sender of a request, as it is kept on the items that the request makes.

use std::{fmt, ops::Deref, sync::Arc};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::fingerprint::hex;

/// The most bytes of a text. A longer one ends in a digest of all of it.
const MAX_BYTES: usize = 512;

/// The characters of a part that are encoded: those that could be taken for the end of the part, and the percent sign,
/// so that an encoded part is no other part. All that is not ASCII is encoded too.
const SEPARATORS: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'/');

/// The same, with the slash as it is. A URL of an issuer stays readable.
const SPACES: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// The `sub` of a token that has none.
const NO_SUBJECT: &str = "-";

/// The sender of a request, as the API's authorizer names it: a text of at most 512 bytes of printable ASCII.
///
/// Two senders never have the same text. It is for audit, so it names a session where
/// [`Caller`](crate::Caller) names a role. Nothing is decided by it, and no message contains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedBy(Arc<str>);

impl CreatedBy {
    /// An IAM principal: its ARN, with the session of a role.
    pub fn arn(arn: &str) -> Self {
        Self::bounded(encoded(arn, SPACES))
    }

    /// The subject of a JWT: `<iss> <sub>`, or `<iss> -` if the token has no `sub`.
    pub fn subject(issuer: &str, subject: Option<&str>) -> Self {
        let subject = match subject {
            None => NO_SUBJECT.to_owned(),
            Some(NO_SUBJECT) => "%2D".to_owned(),
            Some(subject) => encoded(subject, SPACES),
        };
        Self::bounded(format!("{} {subject}", encoded(issuer, SPACES)))
    }

    /// An identity of a Cognito identity pool: `cognito-identity:<pool>/<identity>`. All identities of a pool share one
    /// role.
    pub fn cognito_identity(pool: &str, identity: &str) -> Self {
        let (pool, identity) = (encoded(pool, SEPARATORS), encoded(identity, SEPARATORS));
        Self::bounded(format!("cognito-identity:{pool}/{identity}"))
    }

    /// The `principalId` of a Lambda authorizer: `principal:<id>`.
    pub fn principal(id: &str) -> Self {
        Self::bounded(format!("principal:{}", encoded(id, SPACES)))
    }

    /// A text that was kept on an item.
    pub fn kept(text: String) -> Self {
        Self(text.into())
    }

    /// Cuts a text that is too long, since it is part of every item. To refuse it would refuse the events of a sender
    /// because of its name. With the digest, two long names with one beginning stay two.
    fn bounded(text: String) -> Self {
        if text.len() <= MAX_BYTES {
            return Self(text.into());
        }
        // A whole text has two hexadecimal digits after each percent sign, so none looks like a cut one.
        let digest = format!("...%sha256:{}", hex(&Sha256::digest(&text)));
        // The text is ASCII, so no character is cut.
        let beginning = text.get(..MAX_BYTES - digest.len()).unwrap_or_default();
        Self(format!("{beginning}{digest}").into())
    }
}

impl Deref for CreatedBy {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CreatedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn encoded(part: &str, characters: &'static AsciiSet) -> String {
    utf8_percent_encode(part, characters).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_sender_is_named_as_its_authorizer_names_it() {
        let session = "arn:aws:sts::123456789012:assumed-role/ci/run-1";
        assert_eq!(&*CreatedBy::arn(session), session);
        let alice = CreatedBy::subject("https://idp.example.com/a?b=1", Some("auth0|alice"));
        assert_eq!(&*alice, "https://idp.example.com/a?b=1 auth0|alice");
        assert_eq!(&*CreatedBy::subject("https://idp.example.com/", None), "https://idp.example.com/ -");
        let identity = CreatedBy::cognito_identity("eu-west-1:p", "eu-west-1:i");
        assert_eq!(&*identity, "cognito-identity:eu-west-1:p/eu-west-1:i");
        assert_eq!(&*CreatedBy::principal("alice é"), "principal:alice%20%C3%A9");
    }

    #[test]
    fn two_senders_never_have_the_same_text() {
        let long = "x".repeat(2 * MAX_BYTES);
        let senders = [
            CreatedBy::subject("https://idp", Some("a b")),
            CreatedBy::subject("https://idp a", Some("b")),
            CreatedBy::subject("https://idp", Some("a%20b")),
            CreatedBy::subject("https://idp%20a", Some("b")),
            CreatedBy::subject("https://idp", Some("-")),
            CreatedBy::subject("https://idp", Some("%2D")),
            CreatedBy::subject("https://idp", None),
            CreatedBy::subject("https://idp", Some("a\nb")),
            CreatedBy::subject("principal:a", None),
            CreatedBy::principal("a"),
            CreatedBy::principal("a -"),
            CreatedBy::arn("arn:aws:iam::1:user/a"),
            CreatedBy::principal("arn:aws:iam::1:user/a"),
            CreatedBy::cognito_identity("a/b", "c"),
            CreatedBy::cognito_identity("a", "b/c"),
            CreatedBy::principal(&long),
            CreatedBy::principal(&format!("{long}y")),
            CreatedBy::principal(&format!("{long}é")),
        ];
        let texts: HashSet<&str> = senders.iter().map(|sender| &**sender).collect();
        assert_eq!(texts.len(), senders.len());
        for text in texts {
            assert!(
                text.len() <= MAX_BYTES && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_text_of_the_greatest_length_is_kept_whole() {
        let whole = "x".repeat(MAX_BYTES - "principal:".len());
        assert_eq!(&*CreatedBy::principal(&whole), format!("principal:{whole}"));
        let cut = CreatedBy::principal(&format!("{whole}x"));
        assert_eq!(cut.len(), MAX_BYTES);
        assert!(cut.starts_with("principal:xxx") && cut.contains("...%sha256:"), "{cut}");
        assert_ne!(CreatedBy::principal(cut.strip_prefix("principal:").unwrap()), cut);
    }
}

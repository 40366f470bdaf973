//! The values of the keyword `format` that are checked.
//!
//! A caller chooses both the text and its length. So every check reads the text a fixed number of times and does not
//! recurse. Where the cost of a library grows faster than the text, the length of the text is limited. The reason for
//! each limit is beside the call.

mod email;
mod hostname;
mod idn;
mod pointer;
mod regex;
mod template;
mod time;
mod uuid;

#[cfg(test)]
#[expect(clippy::disallowed_types, reason = "the samples are generated; no caller's text is read")]
mod peer_tests;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, Ipv6Addr};

use fluent_uri::{Iri, IriRef, Uri, UriRef};

use crate::draft::Draft;

/// A format that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// RFC 3339, section 5.6: `full-date`.
    Date,
    /// RFC 3339, section 5.6: `date-time`.
    DateTime,
    /// RFC 3339, section 5.6: `full-time`.
    Time,
    /// RFC 3339, appendix A: `duration`.
    Duration,
    /// RFC 5321, section 4.1.2: `Mailbox`.
    Email,
    /// RFC 6531, section 3.3: `Mailbox`.
    IdnEmail,
    /// RFC 1123, section 2.1, with the A-labels of RFC 5890, section 2.3.2.1.
    Hostname,
    /// RFC 1123, section 2.1, as drafts 4 and 6 cite it, before A-labels.
    HostnameDraft4,
    /// RFC 5890, section 2.3.2.3.
    IdnHostname,
    /// RFC 2673, section 3.2: the dotted quad.
    Ipv4,
    /// RFC 4291, section 2.2.
    Ipv6,
    /// RFC 3987, section 2.2: `IRI`.
    Iri,
    /// RFC 3987, section 2.2: `IRI-reference`.
    IriReference,
    /// RFC 6901, section 3.
    JsonPointer,
    /// The Internet-Draft on relative JSON pointers, section 3.
    RelativeJsonPointer,
    /// A regular expression of ECMA-262.
    Regex,
    /// RFC 3986, section 3: `URI`.
    Uri,
    /// RFC 3986, section 4.1: `URI-reference`.
    UriReference,
    /// RFC 6570, section 2.
    UriTemplate,
    /// RFC 4122, section 3.
    Uuid,
}

impl Format {
    /// The format with this name in this draft. `None` for a name without a check, which is not an error.
    pub(crate) fn named(name: &str, draft: Draft) -> Option<Self> {
        let (format, since) = match name {
            "date" => (Self::Date, Draft::Draft4),
            "date-time" => (Self::DateTime, Draft::Draft4),
            "time" => (Self::Time, Draft::Draft4),
            "duration" => (Self::Duration, Draft::Draft201909),
            "email" => (Self::Email, Draft::Draft4),
            "idn-email" => (Self::IdnEmail, Draft::Draft4),
            "hostname" if draft < Draft::Draft7 => (Self::HostnameDraft4, Draft::Draft4),
            "hostname" => (Self::Hostname, Draft::Draft7),
            "idn-hostname" => (Self::IdnHostname, Draft::Draft7),
            "ipv4" => (Self::Ipv4, Draft::Draft4),
            "ipv6" => (Self::Ipv6, Draft::Draft4),
            "iri" => (Self::Iri, Draft::Draft7),
            "iri-reference" => (Self::IriReference, Draft::Draft7),
            "json-pointer" => (Self::JsonPointer, Draft::Draft6),
            "relative-json-pointer" => (Self::RelativeJsonPointer, Draft::Draft7),
            "regex" => (Self::Regex, Draft::Draft4),
            "uri" => (Self::Uri, Draft::Draft4),
            "uri-reference" => (Self::UriReference, Draft::Draft6),
            "uri-template" => (Self::UriTemplate, Draft::Draft6),
            "uuid" => (Self::Uuid, Draft::Draft201909),
            _ => return None,
        };
        (draft >= since).then_some(format)
    }

    /// The format's name, for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Email => "email",
            Self::IdnEmail => "idn-email",
            Self::Hostname | Self::HostnameDraft4 => "hostname",
            Self::IdnHostname => "idn-hostname",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Iri => "iri",
            Self::IriReference => "iri-reference",
            Self::JsonPointer => "json-pointer",
            Self::RelativeJsonPointer => "relative-json-pointer",
            Self::Regex => "regex",
            Self::Uri => "uri",
            Self::UriReference => "uri-reference",
            Self::UriTemplate => "uri-template",
            Self::Uuid => "uuid",
        }
    }

    /// The steps that the check of a text costs.
    pub(crate) fn steps(self, text: &str) -> usize {
        let bytes = match self {
            // Each byte is mapped, normalised, encoded and decoded.
            Self::IdnEmail | Self::IdnHostname => 16 * text.len(),
            _ => text.len(),
        };
        10 + bytes
    }

    /// Whether the text has the format. Time and memory grow linearly with the text.
    pub(crate) fn matches(self, text: &str) -> bool {
        match self {
            Self::Date => time::is_date(text),
            Self::DateTime => time::is_date_time(text),
            Self::Time => time::is_time(text),
            Self::Duration => time::is_duration(text),
            Self::Email => email::is_email(text),
            Self::IdnEmail => email::is_idn_email(text),
            Self::Hostname => hostname::is_hostname(text),
            Self::HostnameDraft4 => hostname::is_ascii_hostname(text),
            Self::IdnHostname => idn::is_hostname(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Iri => Iri::parse(text).is_ok(),
            Self::IriReference => IriRef::parse(text).is_ok(),
            Self::JsonPointer => pointer::is_pointer(text),
            Self::RelativeJsonPointer => pointer::is_relative_pointer(text),
            Self::Regex => regex::is_regex(text),
            Self::Uri => Uri::parse(text).is_ok(),
            Self::UriReference => UriRef::parse(text).is_ok(),
            Self::UriTemplate => template::is_template(text),
            Self::Uuid => uuid::is_uuid(text),
        }
    }
}

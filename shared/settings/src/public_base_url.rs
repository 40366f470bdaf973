//! The URL that callers reach the API at.

use std::{fmt, str::FromStr};

use fluent_uri::Uri;
use url::Url;

/// An absolute URL for http or https, without a trailing slash.
///
/// It has neither a user nor a query nor a fragment, so that a path can be appended and the result can be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicBaseUrl(String);

/// A text that is no public base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", InvalidBaseUrl::RULE)]
pub struct InvalidBaseUrl;

impl InvalidBaseUrl {
    pub(crate) const RULE: &str = "must be an absolute http or https URL without user, query and fragment";
}

impl FromStr for PublicBaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        base_url(text).map(Self)
    }
}

/// An absolute URL for http or https without user, query and fragment. Slashes at its end are removed.
pub(crate) fn base_url(text: &str) -> Result<String, InvalidBaseUrl> {
    // `Url` alone would repair texts that consumers refuse. `Uri` alone accepts a host or a port that cannot exist.
    let url = Url::parse(text).map_err(|_| InvalidBaseUrl)?;
    let uri = Uri::parse(text).map_err(|_| InvalidBaseUrl)?;
    let is_http = matches!(url.scheme(), "http" | "https");
    let authority = uri.authority().ok_or(InvalidBaseUrl)?;
    let has_host = !authority.host().is_empty() && !authority.has_userinfo();
    if is_http && has_host && !uri.has_query() && !uri.has_fragment() {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(InvalidBaseUrl)
    }
}

impl fmt::Display for PublicBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_base_url_is_a_base_url() {
        let url = "https://example.com/".parse::<PublicBaseUrl>().map(|url| url.to_string());
        assert_eq!(url.as_deref(), Ok("https://example.com"));
        assert_eq!("example.com".parse::<PublicBaseUrl>(), Err(InvalidBaseUrl));
    }

    #[test]
    fn a_base_url_is_kept_without_its_trailing_slash() {
        for (text, kept) in [
            ("https://registry.example.com", "https://registry.example.com"),
            ("https://registry.example.com/", "https://registry.example.com"),
            ("https://example.com/registry/", "https://example.com/registry"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(base_url(text).as_deref(), Ok(kept));
        }
    }

    #[test]
    fn a_text_that_is_no_absolute_url_or_has_more_parts_is_refused() {
        for wrong in [
            "registry.example.com",
            "/registry",
            "ftp://example.com",
            "mailto:a@example.com",
            "http:example.com",
            "https:///registry",
            "https://user:secret@example.com",
            "https://example.com?a=b",
            "https://example.com#a",
            "https://example.com/a b",
            "https://example.com/ä",
            "https://example.com:99999",
            " https://example.com",
        ] {
            assert_eq!(base_url(wrong), Err(InvalidBaseUrl), "{wrong}");
        }
    }
}

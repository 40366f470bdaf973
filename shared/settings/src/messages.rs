//! The messages: their format, and the URL that they name schemas with.

use crate::{
    Settings, SettingsError,
    format::{Format, UnknownFormat},
    public_base_url::{InvalidBaseUrl, PublicBaseUrl},
    reader::Reader,
    setting::{Setting, settings},
};

settings! {
    FORMAT = Setting {
        variable: "XZEPR_FORMAT",
        key: "format",
        default: Some("xzepr"),
        rule: UnknownFormat::RULE,
    };
    PUBLIC_BASE_URL = Setting {
        variable: "XZEPR_PUBLIC_BASE_URL",
        key: "public_base_url",
        default: None,
        rule: InvalidBaseUrl::RULE,
    };
}

/// How messages are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSettings {
    /// The format of all messages.
    pub format: Format,
    /// The URL that consumers reach the API at. Without it, a message names no schema of a receiver.
    pub public_base_url: Option<PublicBaseUrl>,
}

impl MessageSettings {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(settings);
        let format = reader.value(&FORMAT);
        let public_base_url = reader.value(&PUBLIC_BASE_URL);
        reader.finish(|| Some(Self { format: format?, public_base_url }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str) -> Result<MessageSettings, SettingsError> {
        Settings::new(|_| None, file)?.messages()
    }

    #[test]
    fn the_default_is_the_format_xzepr_without_a_url() {
        assert_eq!(read("").unwrap(), MessageSettings { format: Format::Xzepr, public_base_url: None });
    }

    #[test]
    fn both_settings_are_read() {
        let settings = read("format: cloudevents\npublic_base_url: https://example.com/\n").unwrap();
        assert_eq!(settings.format, Format::CloudEvents);
        assert_eq!(settings.public_base_url.unwrap().to_string(), "https://example.com");
    }

    #[test]
    fn every_wrong_value_is_named_at_once() {
        let error = read("format: json\npublic_base_url: example.com\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "XZEPR_FORMAT (format) must be xzepr, cloudevents, cloudevents-binary, epr or cdevents; \
             XZEPR_PUBLIC_BASE_URL (public_base_url) must be an absolute http or https URL without user, query and \
             fragment"
        );
    }
}

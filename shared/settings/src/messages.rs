//! The messages: their format and routes, and the URL that they name schemas with.

use crate::{
    Settings, SettingsError,
    format::UnknownFormat,
    kafka::is_topic_name,
    public_base_url::{InvalidBaseUrl, PublicBaseUrl},
    reader::Reader,
    routes::{self, RouteSettings},
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
    ENVIRONMENT = Setting {
        variable: "XZEPR_ENVIRONMENT",
        key: "environment",
        default: None,
        rule: "must have 1 to 249 letters, digits, '.', '_' and '-', and not be '.' or '..'",
    };
}

/// How messages are made.
#[derive(Debug, Clone)]
pub struct MessageSettings {
    /// The routes, at least one.
    pub routes: Vec<RouteSettings>,
    /// The name of the deployment's environment.
    pub environment: Option<String>,
    /// The URL that consumers reach the API at. Without it, a message names no schema of a receiver.
    pub public_base_url: Option<PublicBaseUrl>,
}

impl MessageSettings {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(settings);
        let public_base_url = reader.value(&PUBLIC_BASE_URL);
        let environment = reader.checked(&ENVIRONMENT, |name: &String| is_topic_name(name));
        let routes = routes::read(&mut reader, environment.as_deref());
        reader.finish(|| Some(Self { routes: routes?, environment, public_base_url }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    fn read(file: &str) -> Result<MessageSettings, SettingsError> {
        Settings::new(|_| None, file)?.messages()
    }

    #[test]
    fn the_default_is_one_route_in_the_format_xzepr_without_a_url() {
        let settings = read("").unwrap();
        let [route] = &settings.routes[..] else { panic!("{settings:?}") };
        assert_eq!((&*route.name, route.format), ("default", Format::Xzepr));
        assert_eq!(route.topic.to_string(), "xzepr.dev.events");
        assert!(settings.public_base_url.is_none() && settings.environment.is_none());
    }

    #[test]
    fn the_settings_of_messages_are_read() {
        let settings =
            read("format: cloudevents\npublic_base_url: https://example.com/\nenvironment: dev\n").unwrap();
        assert_eq!(settings.routes[0].format, Format::CloudEvents);
        assert_eq!(settings.environment.as_deref(), Some("dev"));
        assert_eq!(settings.public_base_url.unwrap().to_string(), "https://example.com");
    }

    #[test]
    fn every_wrong_value_is_named_at_once() {
        let error = read("format: json\npublic_base_url: example.com\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "XZEPR_PUBLIC_BASE_URL (public_base_url) must be an absolute http or https URL without user, query and \
             fragment; \
             XZEPR_FORMAT (format) must be xzepr, cloudevents, cloudevents-binary, epr or cdevents"
        );
    }
}

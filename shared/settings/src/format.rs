//! The formats of messages.

use std::{fmt, str::FromStr};

/// The format of the messages on a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object with the members that existing consumers of XZepr expect.
    Xzepr,
    /// CloudEvents 1.0, structured content mode.
    CloudEvents,
    /// CloudEvents 1.0, binary content mode.
    CloudEventsBinary,
    /// The messages of the Event Provenance Registry.
    Epr,
    /// CDEvents as CloudEvents 1.0, structured content mode.
    CdEvents,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] =
        [Self::Xzepr, Self::CloudEvents, Self::CloudEventsBinary, Self::Epr, Self::CdEvents];

    /// The name of the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xzepr => "xzepr",
            Self::CloudEvents => "cloudevents",
            Self::CloudEventsBinary => "cloudevents-binary",
            Self::Epr => "epr",
            Self::CdEvents => "cdevents",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", UnknownFormat::RULE)]
pub struct UnknownFormat;

impl UnknownFormat {
    pub(crate) const RULE: &str = "must be xzepr, cloudevents, cloudevents-binary, epr or cdevents";
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_every_format_is_parsed_as_that_format_and_is_in_the_rule() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
            assert!(UnknownFormat::RULE.contains(format.as_str()), "{format}");
        }
        for unknown in ["", "XZEPR", "cloudevents ", "cloud-events"] {
            assert_eq!(unknown.parse::<Format>(), Err(UnknownFormat), "{unknown}");
        }
    }
}

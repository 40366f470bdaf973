//! The JSON Schemas of the formats.

use xzepr_settings::Format;

/// The JSON Schema (draft 2020-12) of the values of a format, as text.
///
/// The schema of [`Format::CloudEventsBinary`] describes the headers instead, as an object of strings, since the value
/// is the payload.
pub fn schema_of(format: Format) -> &'static str {
    match format {
        Format::Xzepr => include_str!("../schemas/xzepr.json"),
        Format::CloudEvents => include_str!("../schemas/cloudevents.json"),
        Format::CloudEventsBinary => include_str!("../schemas/cloudevents-binary.json"),
        Format::Epr => include_str!("../schemas/epr.json"),
        Format::CdEvents => include_str!("../schemas/cdevents.json"),
    }
}

//! YAML as JSON.

use saphyr::{Scalar, Yaml};
use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap},
};

/// A YAML node, written as the JSON of the same value.
pub(crate) struct YamlJson<'a>(pub(crate) &'a Yaml<'a>);

impl Serialize for YamlJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Yaml::Sequence(items) => serializer.collect_seq(items.iter().map(YamlJson)),
            Yaml::Mapping(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name.as_str().unwrap_or("?"), &YamlJson(value))?;
                }
                map.end()
            }
            Yaml::Value(Scalar::Boolean(value)) => serializer.serialize_bool(*value),
            Yaml::Value(Scalar::String(value)) => serializer.serialize_str(value),
            // A name such as 2026 is a text, although YAML takes it for a number.
            Yaml::Value(Scalar::Integer(value)) => serializer.collect_str(value),
            _ => Err(S::Error::custom("a value must be a text, a flag, a list or a mapping")),
        }
    }
}

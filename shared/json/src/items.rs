//! The items of a body that is an array, each as the text that was sent.

use std::fmt;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::parse::InvalidJson;

/// Splits the text of one JSON array into the texts of its items. A text is valid JSON, but nothing else is checked: an
/// item that [`Json::parse`](crate::Json::parse) refuses does not refuse the others.
pub fn split_array(text: &str) -> Result<Vec<&RawValue>, InvalidJson> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let items = reader.deserialize_seq(Items).map_err(InvalidJson)?;
    reader.end().map_err(InvalidJson)?;
    Ok(items)
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Option<Vec<&str>> {
        Some(split_array(text).ok()?.into_iter().map(RawValue::get).collect())
    }

    #[test]
    fn an_item_keeps_its_text_and_its_faults() {
        assert_eq!(items("[]"), Some(Vec::new()));
        let text = r#" [ {"z": 1.00} , {"a":1,"a":2}, "\ud800", 1e400 ] "#;
        assert_eq!(items(text), Some(vec![r#"{"z": 1.00}"#, r#"{"a":1,"a":2}"#, r#""\ud800""#, "1e400"]));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(items(&deep).map(|items| items.len()), Some(1));
    }

    #[test]
    fn text_that_is_not_one_array_is_refused() {
        for text in ["", "{}", "null", "[", "[1,]", "[1] 2", "[NaN]", "[{]", "\u{feff}[]"] {
            assert_eq!(items(text), None, "{text}");
        }
        let refusal = split_array("{}").unwrap_err().to_string();
        assert_eq!(refusal, "invalid type: map, expected a JSON array at line 1 column 0");
    }
}

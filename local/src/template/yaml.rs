//! YAML text as a JSON value.

use saphyr::{LoadableYamlNode, Scalar, Tag, Yaml};
use serde_json::{Map, Number, Value};

use crate::error::{Context, Error, Result};

/// Parses the first document of a text. Tags are dropped: CloudFormation's `!Ref Table` becomes the text `Table`.
pub(super) fn parse(text: &str) -> Result<Value> {
    parse_tagged(text, &|_, value| value)
}

/// Parses the first document of a text. `tagged` makes the value of a node with a tag.
pub(super) fn parse_tagged(text: &str, tagged: &impl Fn(&Tag, Value) -> Value) -> Result<Value> {
    let documents = Yaml::load_from_str(text).context("template.yaml")?;
    let document = documents.first().ok_or_else(|| Error::new("template.yaml is empty"))?;
    value(document, tagged)
}

fn value(node: &Yaml<'_>, tagged: &impl Fn(&Tag, Value) -> Value) -> Result<Value> {
    Ok(match node {
        Yaml::Tagged(tag, node) => tagged(tag, value(node, tagged)?),
        Yaml::Mapping(members) => members
            .iter()
            .map(|(name, member)| {
                let name =
                    name.as_str().ok_or_else(|| Error::new("template.yaml: every key must be a text"))?;
                Ok((name.to_owned(), value(member, tagged)?))
            })
            .collect::<Result<Map<_, _>>>()?
            .into(),
        Yaml::Sequence(nodes) => {
            nodes.iter().map(|node| value(node, tagged)).collect::<Result<Vec<_>>>()?.into()
        }
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => (*value).into(),
        Yaml::Value(Scalar::Integer(value)) => (*value).into(),
        Yaml::Value(Scalar::FloatingPoint(value)) => {
            Number::from_f64(value.0).map_or(Value::Null, Value::Number)
        }
        Yaml::Value(Scalar::String(value)) => value.as_ref().into(),
        Yaml::Alias(_) | Yaml::BadValue | Yaml::Representation(..) => {
            return Err(Error::new("template.yaml: `local` reads no aliases and no invalid values"));
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_keep_their_kinds_and_lose_their_tags() {
        let text = "{a: 10, b: '10', c: yes, d: true, e: , f: [!Ref A, !If [B, 1.5]], g: !Sub '${C}'}";
        let expected = json!({"a": 10, "b": "10", "c": "yes", "d": true, "e": null, "f": ["A", ["B", 1.5]], "g": "${C}"});
        assert_eq!(parse(text).unwrap(), expected);
    }

    #[test]
    fn an_invalid_text_and_an_empty_one_are_errors() {
        for text in ["", "{a: ", "{[a]: 1}"] {
            assert!(parse(text).unwrap_err().to_string().starts_with("template.yaml"), "{text:?}");
        }
    }
}

//! The functions of CloudFormation that the template calls, for the tests of its parameters.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::yaml;

/// The template with a value for each parameter.
pub(super) struct CloudFormation {
    pub(super) document: &'static Value,
    pub(super) parameters: BTreeMap<String, String>,
}

/// The document of a template, with functions in their long form: `!Ref Table` is `{"Ref": "Table"}`.
pub(super) fn document(text: &str) -> Value {
    yaml::parse_tagged(text, &|tag, value| {
        let name = match tag.suffix.as_str() {
            name @ ("Ref" | "Condition") => name.to_owned(),
            name => format!("Fn::{name}"),
        };
        Value::Object(Map::from_iter([(name, value)]))
    })
    .unwrap()
}

impl CloudFormation {
    /// The value with the results of its functions. `Null` is the absent value, as in `AWS::NoValue`.
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value(item));
                items.filter(|item| !item.is_null()).collect::<Vec<_>>().into()
            }
            Value::Object(members) => match members.iter().next() {
                Some((name, argument)) if members.len() == 1 && is_function(name, argument) => {
                    self.call(name, argument)
                }
                _ => {
                    let members = members.iter().map(|(name, member)| (name.clone(), self.value(member)));
                    Value::Object(members.filter(|(_, member)| !member.is_null()).collect())
                }
            },
            other => other.clone(),
        }
    }

    /// The text that a value is.
    pub(super) fn text(&self, value: &Value) -> String {
        match self.value(value) {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            other => panic!("{value} is no text: {other}"),
        }
    }

    fn texts(&self, value: &Value) -> Vec<String> {
        let Value::Array(items) = self.value(value) else { panic!("{value} is no list") };
        items.iter().map(|item| self.text(item)).collect()
    }

    /// Whether a condition holds.
    pub(super) fn holds(&self, condition: &Value) -> bool {
        self.value(condition).as_bool().unwrap_or_else(|| panic!("{condition} is no condition"))
    }

    fn call(&self, name: &str, argument: &Value) -> Value {
        match name {
            "Ref" => self.reference(argument.as_str().unwrap()),
            "Condition" => self.value(&self.document["Conditions"][argument.as_str().unwrap()]),
            "Fn::GetAtt" => format!("<{}>", argument.as_str().unwrap()).into(),
            "Fn::If" => {
                let condition = &self.document["Conditions"][argument[0].as_str().unwrap()];
                self.value(&argument[if self.holds(condition) { 1 } else { 2 }])
            }
            "Fn::Join" => self.texts(&argument[1]).join(argument[0].as_str().unwrap()).into(),
            "Fn::Split" => {
                let text = self.text(&argument[1]);
                text.split(argument[0].as_str().unwrap()).collect::<Vec<_>>().into()
            }
            "Fn::Select" => {
                let index = usize::try_from(argument[0].as_u64().unwrap()).unwrap();
                self.texts(&argument[1])[index].clone().into()
            }
            "Fn::Sub" => self.substitute(argument).into(),
            "Fn::Equals" => (self.text(&argument[0]) == self.text(&argument[1])).into(),
            "Fn::Contains" => self.texts(&argument[0]).contains(&self.text(&argument[1])).into(),
            "Fn::EachMemberEquals" => {
                let value = self.text(&argument[1]);
                self.texts(&argument[0]).iter().all(|member| *member == value).into()
            }
            "Fn::Not" => (!self.holds(&argument[0])).into(),
            "Fn::And" => argument.as_array().unwrap().iter().all(|part| self.holds(part)).into(),
            "Fn::Or" => argument.as_array().unwrap().iter().any(|part| self.holds(part)).into(),
            other => panic!("no test knows {other}"),
        }
    }

    fn reference(&self, name: &str) -> Value {
        if let Some(value) = self.parameters.get(name) {
            return match self.document["Parameters"][name]["Type"].as_str() {
                Some("CommaDelimitedList") => value.split(',').collect::<Vec<_>>().into(),
                _ => value.as_str().into(),
            };
        }
        if name == "AWS::NoValue" {
            return Value::Null;
        }
        match self.value(&self.document["Resources"][name]["Properties"]["TableName"]) {
            Value::String(table_name) => table_name.into(),
            _ => format!("<{name}>").into(),
        }
    }

    fn substitute(&self, argument: &Value) -> String {
        let (template, variables) = match argument {
            Value::Array(arguments) => (&arguments[0], &arguments[1]),
            template => (template, &Value::Null),
        };
        let mut parts = template.as_str().unwrap().split("${");
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            text += &match &variables[name] {
                Value::Null => self.text(&self.reference(name)),
                value => self.text(value),
            };
            text += rest;
        }
        text
    }
}

/// A statement of a policy has a member `Condition` too, which is no text.
fn is_function(name: &str, argument: &Value) -> bool {
    name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && argument.is_string())
}

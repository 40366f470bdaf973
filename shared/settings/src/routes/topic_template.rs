//! The topic of a route: a name with fields of the event in it.

use std::{borrow::Cow, fmt};

use leon::{Item, Template};

use super::field::{Field, names};
use crate::kafka::{MAX_TOPIC_NAME, is_topic_name};

/// A topic's name with fields in it, such as `builds.{package}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicTemplate {
    /// As it is in the settings.
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

/// The reason why a template's result is no topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTopic {
    /// The event lacks a field.
    #[error("the event has no {0}, which the name of its topic contains")]
    MissingField(Field),
    /// The name is empty, or longer than Kafka accepts.
    #[error("the name of its topic would have {0} characters; Kafka accepts 1 to {MAX_TOPIC_NAME}")]
    Length(usize),
    /// The name is `.` or `..`, which Kafka refuses, or begins with two underscores, as Kafka's own topics do, or is one.
    #[error("the name of its topic would be {0}")]
    Reserved(String),
}

impl TopicTemplate {
    /// The template of one topic.
    pub(super) fn fixed(name: String) -> Self {
        Self { text: name.clone(), parts: vec![Part::Text(name)] }
    }

    /// Parses a text. The value of the environment is inserted at once. All faults are returned.
    pub(super) fn parse(text: &str, environment: Option<&str>) -> Result<Self, Vec<String>> {
        let template = Template::parse(text)
            .map_err(|_| vec!["has a bracket without its partner, or no field in brackets".to_owned()])?;
        let mut faults = Vec::new();
        let mut parts = Vec::new();
        for item in template.items.iter() {
            match item {
                Item::Text(text) => parts.push(Part::Text((*text).to_owned())),
                Item::Key(key) => match key.parse() {
                    Ok(Field::Environment) => match environment {
                        Some(environment) => parts.push(Part::Text(environment.to_owned())),
                        None => faults.push("needs XZEPR_ENVIRONMENT".to_owned()),
                    },
                    Ok(field) if Field::is_for_topics(field) => parts.push(Part::Field(field)),
                    _ => {
                        let known = names(Field::ALL.into_iter().filter(|field| field.is_for_topics()));
                        faults.push(format!("has the unknown field {{{key}}}; there are {known}"));
                    }
                },
            }
        }
        let template = Self { text: text.to_owned(), parts };
        if faults.is_empty() {
            faults.extend(template.fault());
        }
        if faults.is_empty() { Ok(template) } else { Err(faults) }
    }

    /// The fault that its fixed text has for every event.
    fn fault(&self) -> Option<String> {
        const RULE: &str = "must be a topic's name: 1 to 249 letters, digits, '.', '_' and '-', not '.', '..' or \
                            '_', not beginning with '__', with fields in brackets, such as {package}";
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Field(_) => None,
        });
        let fixed: String = texts.collect();
        let is_valid = match self.fixed_name() {
            Some(name) => is_topic_name(&name) && !is_reserved(&name),
            // Letters stand for the fields, which are never empty.
            None => is_topic_name(&(fixed + "a")),
        };
        (!is_valid).then(|| RULE.to_owned())
    }

    /// The name of the topic if it has no field.
    pub fn fixed_name(&self) -> Option<String> {
        let is_fixed = self.fields().next().is_none();
        is_fixed.then(|| self.fixed_start())
    }

    /// The text before the first field.
    pub fn fixed_start(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Field(_) => None,
        };
        self.parts.iter().map_while(text).collect()
    }

    /// The fields that it contains.
    pub fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Field(field) => Some(*field),
        })
    }

    /// The topic of an event with these values. A character that no topic's name has becomes an underscore.
    pub fn render<'a>(&self, value: impl Fn(Field) -> Option<Cow<'a, str>>) -> Result<String, InvalidTopic> {
        let mut name = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Field(field) => {
                    let value = value(*field).ok_or(InvalidTopic::MissingField(*field))?;
                    name.extend(value.chars().map(|c| if is_topic_character(c) { c } else { '_' }));
                }
            }
        }
        if is_reserved(&name) {
            Err(InvalidTopic::Reserved(name))
        } else if is_topic_name(&name) {
            Ok(name)
        } else {
            Err(InvalidTopic::Length(name.len()))
        }
    }
}

impl fmt::Display for TopicTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_topic_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

/// Kafka refuses `.` and `..`. A caller's values must not name a topic of Kafka's own, such as `__consumer_offsets`, and a
/// single underscore says nothing about its events.
fn is_reserved(name: &str) -> bool {
    matches!(name, "." | ".." | "_") || name.starts_with("__")
}

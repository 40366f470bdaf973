//! The topics that the functions may use.

use std::str::FromStr;

use crate::kafka::is_topic_name;

use super::{TOPICS, TopicTemplate};

/// Names and prefixes of topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Topics(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    Name(String),
    Prefix(String),
}

impl Topics {
    /// Whether every topic that the template can name is contained.
    pub(super) fn cover(&self, template: &TopicTemplate) -> bool {
        self.0.iter().any(|entry| match entry {
            Entry::Name(name) => template.fixed_name().as_ref() == Some(name),
            Entry::Prefix(prefix) => template.fixed_start().starts_with(prefix),
        })
    }
}

impl FromStr for Topics {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entry = |text: &str| {
            let text = text.trim();
            match text.strip_suffix('*') {
                Some(prefix) if prefix.is_empty() || is_topic_name(prefix) => {
                    Some(Entry::Prefix(prefix.to_owned()))
                }
                None if is_topic_name(text) => Some(Entry::Name(text.to_owned())),
                _ => None,
            }
        };
        text.split(',').map(entry).collect::<Option<_>>().map(Self).ok_or(TOPICS.rule)
    }
}

//! Reads the attributes of a CloudEvent and collects all of their faults.

use xzepr_json::{Json, JsonText};

use super::{AttributeValue, FindAttribute};
use crate::{event::MAX_PAYLOAD_BYTES, fault::Faults, id::ReceiverId};

/// The one version of the specification that is accepted.
const SPECVERSION: &str = "1.0";

/// The most levels of data that is a text of its own. In a body, a payload is one level deeper, and
/// [`Json::parse`] reads 127 levels.
const MAX_LEVELS: usize = 126;

/// A CloudEvent that is being read. A method that reads an attribute returns `None` after it has added a fault.
pub(crate) struct AttributeReader<S> {
    pub(crate) source: S,
    pub(crate) faults: Faults,
}

impl<S: FindAttribute> AttributeReader<S> {
    pub(crate) fn new(source: S) -> Self {
        Self { source, faults: Faults::default() }
    }

    pub(crate) fn require_version(&mut self) {
        if self.required_text("specversion").is_some_and(|version| version != SPECVERSION) {
            self.faults.add_invalid("specversion", "must be 1.0");
        }
    }

    pub(crate) fn required<T>(&mut self, name: &'static str) -> Option<T>
    where
        T: TryFrom<String, Error: ToString>,
    {
        let text = self.required_text(name)?;
        self.faults.keep(name, text.try_into())
    }

    pub(crate) fn optional<T>(&mut self, name: &'static str) -> Option<T>
    where
        T: TryFrom<String, Error: ToString>,
    {
        let text = self.text(name)??;
        self.faults.keep(name, text.try_into())
    }

    /// An attribute that is ignored if it breaks its rule.
    pub(crate) fn if_valid<T: TryFrom<String>>(&self, name: &str) -> Option<T> {
        match self.source.find(name)? {
            AttributeValue::Text(text) => text.try_into().ok(),
            AttributeValue::Flag(_) | AttributeValue::Wrong(_) => None,
        }
    }

    pub(crate) fn receiver_id(&mut self, name: &'static str) -> Option<ReceiverId> {
        let text = self.required_text(name)?;
        self.faults.keep(name, text.parse())
    }

    /// An optional boolean. It is `false` if it is absent. Headers have only texts, and so do the extensions of some
    /// SDKs.
    pub(crate) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let flag = match self.source.find(name) {
            None => Ok(false),
            Some(AttributeValue::Flag(flag)) => Ok(flag),
            Some(AttributeValue::Text(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(AttributeValue::Text(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err("must be true or false"),
        };
        self.faults.keep(name, flag)
    }

    /// Data whose text is JSON.
    pub(crate) fn json(&mut self, name: &'static str, text: &str) -> Option<(JsonText, Json<'static>)> {
        if text.len() > MAX_PAYLOAD_BYTES {
            self.faults.add_too_large(name, MAX_PAYLOAD_BYTES);
            return None;
        }
        let read = Json::parse(text).and_then(|value| Ok((JsonText::try_from(text.to_owned())?, value)));
        let read = read.map_err(|invalid| format!("is not valid JSON: {invalid}"));
        let (text, value) = self.faults.keep(name, read)?;
        if value.levels() > MAX_LEVELS {
            return self.refuse(name, "must have at most 126 arrays and objects inside each other");
        }
        Some((text, value.to_static()))
    }

    pub(crate) fn refuse<T>(&mut self, name: &'static str, rule: &str) -> Option<T> {
        self.faults.add_invalid(name, rule);
        None
    }

    fn required_text(&mut self, name: &'static str) -> Option<String> {
        self.text(name).unwrap_or_else(|| self.refuse(name, "is required"))
    }

    /// `None` if the attribute is absent, and `Some(None)` after a fault is added.
    fn text(&mut self, name: &'static str) -> Option<Option<String>> {
        Some(match self.source.find(name)? {
            AttributeValue::Text(text) => Some(text),
            AttributeValue::Flag(_) => self.refuse(name, "must be a string"),
            AttributeValue::Wrong(rule) => self.refuse(name, rule),
        })
    }
}

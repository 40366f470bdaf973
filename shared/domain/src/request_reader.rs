//! Reads the members of a request's body and collects all of their faults.

use xzepr_json::{InvalidJson, Json, JsonText, Member, Members};

use crate::{fault::Faults, id::ReceiverId, text::Text};

/// A body that is being read. A method that reads a member returns `None` after it has added a fault.
pub(crate) struct RequestReader<'a> {
    members: Members<'a>,
    pub(crate) faults: Faults,
}

impl<'a> RequestReader<'a> {
    pub(crate) fn new(body: &'a str) -> Result<Self, InvalidJson> {
        Ok(Self { members: Members::parse(body)?, faults: Faults::default() })
    }

    pub(crate) fn read_text<const MAX: usize>(&mut self, field: &'static str) -> Option<Text<MAX>> {
        let text = self.read_string(field)?;
        self.faults.keep(field, text.try_into())
    }

    pub(crate) fn read_receiver_id(&mut self, field: &'static str) -> Option<ReceiverId> {
        let text = self.read_string(field)?;
        self.faults.keep(field, text.parse())
    }

    /// An optional boolean. It is `false` if it is absent.
    pub(crate) fn read_flag(&mut self, field: &'static str) -> Option<bool> {
        match self.members.get(field).map(|member| member.value.as_bool()) {
            None => Some(false),
            Some(None) => self.refuse(field, "must be a boolean"),
            Some(flag) => flag,
        }
    }

    /// A required boolean.
    pub(crate) fn read_required_flag(&mut self, field: &'static str) -> Option<bool> {
        let flag = self.require(field)?.value.as_bool();
        flag.or_else(|| self.refuse(field, "must be a boolean"))
    }

    /// A required array of strings.
    pub(crate) fn read_texts(&mut self, field: &'static str) -> Option<Vec<String>> {
        let items = self.require(field)?.value.as_array();
        let texts =
            items.and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        texts.or_else(|| self.refuse(field, "must be an array of strings"))
    }

    /// A required member of any type, whose JSON text has at most `max` bytes.
    pub(crate) fn read_json(&mut self, field: &'static str, max: usize) -> Option<JsonText> {
        let text = self.require(field)?.text;
        if text.get().len() > max {
            self.faults.add_too_large(field, max);
            return None;
        }
        Some(text.into())
    }

    /// The same with the value. The member is `null` afterwards.
    pub(crate) fn take_json(&mut self, field: &'static str, max: usize) -> Option<(JsonText, Json<'a>)> {
        let text = self.read_json(field, max)?;
        let (value, _) = self.members.take(field)?;
        Some((text, value))
    }

    /// An optional string. `null` counts as absent, as in the CloudEvents JSON format.
    pub(crate) fn read_optional<T>(&mut self, field: &'static str) -> Option<T>
    where
        T: TryFrom<String, Error: ToString>,
    {
        let value = self.members.get(field)?.value;
        if matches!(value, Json::Null) {
            return None;
        }
        let Some(text) = value.as_str().map(str::to_owned) else {
            return self.refuse(field, "must be a string");
        };
        self.faults.keep(field, text.try_into())
    }

    fn read_string(&mut self, field: &'static str) -> Option<String> {
        let text = self.require(field)?.value.as_str().map(str::to_owned);
        text.or_else(|| self.refuse(field, "must be a string"))
    }

    fn require(&mut self, field: &'static str) -> Option<Member<'_>> {
        if self.members.get(field).is_none() {
            self.faults.add_invalid(field, "is required");
        }
        self.members.get(field)
    }

    fn refuse<T>(&mut self, field: &'static str, rule: &str) -> Option<T> {
        self.faults.add_invalid(field, rule);
        None
    }
}

//! Reads the members of a request's body and collects all of their faults.

use xzepr_json::{InvalidJson, Json, JsonText, Member, Members};
use xzepr_json_schema::{Mismatch, Schema, TooMuchWork};

use crate::{
    fault::{Fault, FaultKind, Rejected},
    id::ReceiverId,
    text::Text,
};

/// A body that is being read. A method that reads a member returns `None` after it has added a fault.
pub(crate) struct RequestReader<'a> {
    members: Members<'a>,
    faults: Vec<Fault>,
}

impl<'a> RequestReader<'a> {
    pub(crate) fn new(body: &'a str) -> Result<Self, InvalidJson> {
        Ok(Self { members: Members::parse(body)?, faults: Vec::new() })
    }

    pub(crate) fn read_text<const MAX: usize>(&mut self, field: &'static str) -> Option<Text<MAX>> {
        let text = self.read_string(field)?;
        text.try_into().map_err(|invalid| self.add_invalid(field, &invalid)).ok()
    }

    pub(crate) fn read_receiver_id(&mut self, field: &'static str) -> Option<ReceiverId> {
        let text = self.read_string(field)?;
        text.parse().map_err(|invalid| self.add_invalid(field, &invalid)).ok()
    }

    /// An optional boolean. It is `false` if it is absent.
    pub(crate) fn read_flag(&mut self, field: &'static str) -> Option<bool> {
        match self.members.get(field).map(|member| member.value.as_bool()) {
            None => Some(false),
            Some(None) => self.refuse(field, "must be a boolean"),
            Some(flag) => flag,
        }
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
            self.add_fault(FaultKind::TooLarge, field, format!("must have at most {} KiB", max / 1024));
            return None;
        }
        Some(text.into())
    }

    /// Checks a member against a schema. An absent member matches: its fault is added when it is read.
    pub(crate) fn check(&self, field: &'static str, schema: &Schema) -> Result<Vec<Mismatch>, TooMuchWork> {
        self.members.get(field).map_or(Ok(Vec::new()), |member| schema.mismatches(member.value))
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
        text.try_into().map_err(|invalid| self.add_invalid(field, &invalid)).ok()
    }

    fn read_string(&mut self, field: &'static str) -> Option<String> {
        let text = self.require(field)?.value.as_str().map(str::to_owned);
        text.or_else(|| self.refuse(field, "must be a string"))
    }

    fn require(&mut self, field: &'static str) -> Option<Member<'_>> {
        if self.members.get(field).is_none() {
            self.add_invalid(field, &"is required");
        }
        self.members.get(field)
    }

    fn refuse<T>(&mut self, field: &'static str, rule: &str) -> Option<T> {
        self.add_invalid(field, &rule);
        None
    }

    fn add_invalid(&mut self, field: &'static str, problem: &impl ToString) {
        self.add_fault(FaultKind::InvalidField, field, problem.to_string());
    }

    pub(crate) fn add_fault(&mut self, kind: FaultKind, field: &'static str, problem: String) {
        self.add_fault_at(kind, field, String::new(), problem);
    }

    pub(crate) fn add_fault_at(
        &mut self,
        kind: FaultKind,
        field: &'static str,
        place: String,
        problem: String,
    ) {
        self.faults.push(Fault { kind, field, place, problem });
    }

    /// The result of `build`, or the faults if there are any.
    pub(crate) fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Rejected> {
        match build() {
            Some(accepted) if self.faults.is_empty() => Ok(accepted),
            _ => Err(Rejected { faults: self.faults }),
        }
    }
}

//! Reads the members of a request body and collects every fault on the way.

use xzepr_json::{InvalidJson, JsonText, Member, Members};
use xzepr_json_schema::{Mismatch, Schema, TooMuchWork};

use crate::{
    fault::{Fault, FaultKind, Rejected},
    id::ReceiverId,
    text::Text,
};

/// A body that is being read. Each reading method returns `None` after it has noted a fault.
pub(crate) struct RequestReader<'a> {
    members: Members<'a>,
    faults: Vec<Fault>,
}

impl<'a> RequestReader<'a> {
    pub(crate) fn new(body: &'a str) -> Result<Self, InvalidJson> {
        Ok(Self { members: Members::parse(body)?, faults: Vec::new() })
    }

    pub(crate) fn text<const MAX: usize>(&mut self, field: &'static str) -> Option<Text<MAX>> {
        let text = self.string(field)?;
        text.try_into().map_err(|invalid| self.invalid(field, &invalid)).ok()
    }

    pub(crate) fn id(&mut self, field: &'static str) -> Option<ReceiverId> {
        let text = self.string(field)?;
        text.parse().map_err(|invalid| self.invalid(field, &invalid)).ok()
    }

    /// A boolean that is `false` when it is absent.
    pub(crate) fn flag(&mut self, field: &'static str) -> Option<bool> {
        match self.members.get(field).map(|member| member.value.as_bool()) {
            None => Some(false),
            Some(None) => self.refuse(field, "must be a boolean"),
            Some(flag) => flag,
        }
    }

    /// A required array of strings.
    pub(crate) fn texts(&mut self, field: &'static str) -> Option<Vec<String>> {
        let items = self.required(field)?.value.as_array();
        let texts =
            items.and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        texts.or_else(|| self.refuse(field, "must be an array of strings"))
    }

    /// A required member of at most `max` bytes of JSON text.
    pub(crate) fn json_up_to(&mut self, field: &'static str, max: usize) -> Option<JsonText> {
        let text = self.required(field)?.text;
        if text.get().len() > max {
            self.fault(FaultKind::TooLarge, field, format!("must have at most {} KiB", max / 1024));
            return None;
        }
        Some(text.into())
    }

    /// Checks a member against a schema; an absent one has been noted before.
    pub(crate) fn check(&self, field: &'static str, schema: &Schema) -> Result<Vec<Mismatch>, TooMuchWork> {
        self.members.get(field).map_or(Ok(Vec::new()), |member| schema.mismatches(member.value))
    }

    fn string(&mut self, field: &'static str) -> Option<String> {
        let text = self.required(field)?.value.as_str().map(str::to_owned);
        text.or_else(|| self.refuse(field, "must be a string"))
    }

    fn required(&mut self, field: &'static str) -> Option<Member<'_>> {
        if self.members.get(field).is_none() {
            self.invalid(field, &"is required");
        }
        self.members.get(field)
    }

    fn refuse<T>(&mut self, field: &'static str, rule: &str) -> Option<T> {
        self.invalid(field, &rule);
        None
    }

    fn invalid(&mut self, field: &'static str, problem: &impl ToString) {
        self.fault(FaultKind::InvalidField, field, problem.to_string());
    }

    pub(crate) fn fault(&mut self, kind: FaultKind, field: &'static str, problem: String) {
        self.fault_at(kind, field, String::new(), problem);
    }

    pub(crate) fn fault_at(&mut self, kind: FaultKind, field: &'static str, place: String, problem: String) {
        self.faults.push(Fault { kind, field, place, problem });
    }

    /// What `build` makes of the fields that were read, or their faults.
    pub(crate) fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Rejected> {
        match build() {
            Some(accepted) if self.faults.is_empty() => Ok(accepted),
            _ => Err(Rejected { faults: self.faults }),
        }
    }
}

//! Reads the members of a request body and collects every fault on the way.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{
    fault::{Fault, FaultKind, Rejected},
    id::ReceiverId,
    json::{InvalidJson, JsonText, Members},
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
        let text: String = self.value(field, "must be a string")?;
        text.try_into().map_err(|invalid| self.invalid(field, &invalid)).ok()
    }

    pub(crate) fn id(&mut self, field: &'static str) -> Option<ReceiverId> {
        let text: String = self.value(field, "must be a string")?;
        text.parse().map_err(|invalid| self.invalid(field, &invalid)).ok()
    }

    /// A boolean that is `false` when it is absent.
    pub(crate) fn flag(&mut self, field: &'static str) -> Option<bool> {
        match self.members.get(field) {
            None => Some(false),
            Some(_) => self.value(field, "must be a boolean"),
        }
    }

    /// A required member of at most `max` bytes of JSON text.
    pub(crate) fn json_up_to(&mut self, field: &'static str, max: usize) -> Option<JsonText> {
        let raw = self.raw(field)?;
        if raw.get().len() > max {
            self.fault(FaultKind::TooLarge, field, format!("must have at most {} KiB", max / 1024));
            return None;
        }
        Some(raw.into())
    }

    pub(crate) fn value<T: DeserializeOwned>(&mut self, field: &'static str, rule: &str) -> Option<T> {
        let raw = self.raw(field)?;
        serde_json::from_str(raw.get()).map_err(|_| self.invalid(field, &rule)).ok()
    }

    fn raw(&mut self, field: &'static str) -> Option<&'a RawValue> {
        let raw = self.members.get(field);
        if raw.is_none() {
            self.invalid(field, &"is required");
        }
        raw
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

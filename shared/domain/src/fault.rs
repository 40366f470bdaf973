//! The faults of a request, worded for its caller.

use std::fmt;

/// The class of a fault. The first fault of a request decides its error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A field is missing, of the wrong type, or breaks its rule.
    InvalidField,
    /// An event receiver that the request names does not exist.
    UnknownReceiver,
    /// The schema does not compile or reaches out of its document.
    InvalidSchema,
    /// The payload does not match the receiver's schema.
    PayloadMismatch,
    /// The check of the payload against the receiver's schema takes more work than one request may use.
    PayloadTooComplex,
    /// The payload or the schema is longer than its limit.
    TooLarge,
}

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The class of the fault.
    pub kind: FaultKind,
    /// The member of the body.
    pub field: &'static str,
    /// The place in the field as a JSON Pointer. It is empty for the field as a whole.
    pub place: String,
    /// The rule that is broken, worded to follow the field's name.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}: {}", self.field, self.place, self.problem)
    }
}

/// The refusal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// All faults, in the order in which they were found. The first decides the error code.
    pub faults: Vec<Fault>,
}

/// The faults of a request that is being read.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, kind: FaultKind, field: &'static str, problem: String) {
        self.add_at(kind, field, String::new(), problem);
    }

    pub(crate) fn add_at(&mut self, kind: FaultKind, field: &'static str, place: String, problem: String) {
        self.0.push(Fault { kind, field, place, problem });
    }

    pub(crate) fn add_invalid(&mut self, field: &'static str, problem: impl ToString) {
        self.add(FaultKind::InvalidField, field, problem.to_string());
    }

    /// The value, or `None` after its fault is added.
    pub(crate) fn keep<T, E: ToString>(&mut self, field: &'static str, read: Result<T, E>) -> Option<T> {
        read.map_err(|invalid| self.add_invalid(field, invalid)).ok()
    }

    /// The fault of a payload or a schema that is longer than its limit.
    pub(crate) fn add_too_large(&mut self, field: &'static str, max: usize) {
        self.add(FaultKind::TooLarge, field, format!("must have at most {} KiB", max / 1024));
    }

    /// The result of `build`, or the faults if there are any.
    pub(crate) fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Rejected> {
        match build() {
            Some(accepted) if self.is_empty() => Ok(accepted),
            _ => Err(Rejected { faults: self.0 }),
        }
    }
}

//! What is wrong with a request, worded for its caller.

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
    /// To check the payload against the receiver's schema takes more work than one request may cost.
    PayloadTooComplex,
    /// The payload or the schema has more bytes than its limit.
    TooLarge,
}

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The class of the fault.
    pub kind: FaultKind,
    /// The member of the body.
    pub field: &'static str,
    /// Where in the field (a JSON Pointer or an index), empty for the field as a whole.
    pub place: String,
    /// What is wrong, worded to follow the field's name.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}: {}", self.field, self.place, self.problem)
    }
}

/// Why a request is not accepted: its faults, in the order in which they were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// All faults; the first decides the error code.
    pub faults: Vec<Fault>,
}

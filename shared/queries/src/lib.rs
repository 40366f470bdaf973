//! The questions that the registry answers: events, receivers, groups and gates.
//!
//! Nothing here knows HTTP, so that each interface of the registry asks the same way.

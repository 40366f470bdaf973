//! Writes the index of events, and evaluates the gates that they belong to.
//!
//! The stream and a rebuild use it the same way. Everything that it writes can be written again.

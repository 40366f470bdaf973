//! Figures about the registry: its costs and its limits.

pub mod cost;
pub mod scale;

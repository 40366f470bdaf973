//! Figures about the registry: its costs, its limits and its speed.

pub mod cost;
pub mod measure;
pub mod scale;

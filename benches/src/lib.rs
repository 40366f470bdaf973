//! Figures about the registry that no test needs: its costs.

pub mod cost;

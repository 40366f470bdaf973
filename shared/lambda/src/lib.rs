//! Invokes another function of the stack, and does not wait for its end.

mod function;
mod replay_worker;

pub use replay_worker::{InvokeWorker, ReplayWorker};

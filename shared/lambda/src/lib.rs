//! Invokes another function of the stack without waiting for its end.

mod function;
mod replay_worker;

pub use replay_worker::{InvokeWorker, ReplayWorker};

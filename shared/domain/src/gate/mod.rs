//! Gates: whether a group is complete for an artifact, and when that is announced.
//!
//! A group is complete for an artifact if the latest event of each of its receivers is successful and the group is
//! enabled. The latest event is the one with the greatest id. Three guarantees hold in every order of POSTs, deliveries,
//! crashes and redeliveries:
//!
//! - S1: When a completion is committed, the latest accepted event of each member is successful, and the group is enabled.
//! - U1: There is no further completion until a member has failed after the events that the last one rests on.
//! - L1: When all events are processed and the latest ones are all successful, the last completion is newer than each
//!   failure.
//!
//! They follow from three sources of facts:
//!
//! - [`Reds`], the ledger: the POST of a failed event writes it in its own transaction. So it has each accepted failure.
//! - [`Greens`]: the consumer of the stream writes them. So each of them was accepted, but some may be missing yet.
//! - [`Gate`]: the completions so far. Each change has a revision.
//!
//! [`evaluate`] makes a [`Commit`] of them. Its conditions say which facts must not have changed in the meantime.
//! `tests/gate_model` searches all orders.

mod commit;
mod evaluate;
mod events;
mod latest;
mod state;

pub use commit::{Commit, GateEvents};
pub use evaluate::{MemberState, evaluate, member_state};
pub use latest::Latest;
pub use state::{Gate, Greens, Reds};

#[cfg(test)]
mod tests;

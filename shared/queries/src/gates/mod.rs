//! Why a group is or is not complete for an artifact.
//!
//! [`explain`] answers it for one group, with six requests to the tables: the group, the greens, the lag, the names of the
//! receivers, the ledger of failures, and the completions. A group with more than 100 receivers needs one more request
//! for each further 100, since a request reads 100 names. [`gates_of`] answers it for all groups that concern an
//! artifact, in pages.
//!
//! Failures are read from the ledger after the greens. So a group that is called complete was complete at the moment when
//! the ledger was read: no failure that was accepted before then is missing. Greens may be missing for as long as the
//! stream needs.

mod cursor;
mod explain;
mod explanation;
mod list;
mod store;
#[cfg(test)]
mod testing;
mod words;

pub use cursor::{Cursor, InvalidCursor};
pub use explain::explain;
pub use explanation::{Completion, Explanation, Freshness, Member, MemberEvent, State};
pub use list::{GatePage, PageLimits, gates_of};
pub use store::{ReadGates, Tables};

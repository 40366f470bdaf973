//! The questions that the registry answers: events, receivers, groups and gates.
//!
//! Nothing here knows HTTP, so that each interface of the registry asks the same way.

mod page_bytes;
mod records;

pub use page_bytes::{MAX_PAGE_BYTES, PageBytes};
pub use records::{EventRecord, GroupRecord, ReceiverRecord, WithData};

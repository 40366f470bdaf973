//! The questions that the registry answers: events, receivers, groups and gates.
//!
//! Nothing here knows HTTP, so that each interface of the registry asks the same way.

mod entities;
mod event_search;
pub mod gates;
mod kept_receivers;
mod list;
mod page_bytes;
mod records;
mod store;

pub use entities::Entities;
pub use event_search::{
    EventFilter, EventPage, EventPagination, EventQuery, EventSearch, EventTables, InvalidCursor,
    PartitionRead, SearchBudget, SearchEvents,
};
pub use list::{List, Pagination, Window};
pub use page_bytes::{MAX_PAGE_BYTES, PageBytes};
pub use records::{EventRecord, GroupRecord, ReceiverRecord, WithData};
pub use store::ReadEntities;
pub use xzepr_store::{GroupFilter, ReceiverFilter};

//! Events, receivers and groups as callers read them. The members and their order are those of the Event Provenance
//! Registry, with ours after them.

mod event_record;
mod group_record;
mod receiver_record;
mod with_data;

#[cfg(test)]
mod tests;

pub use event_record::EventRecord;
pub use group_record::GroupRecord;
pub use receiver_record::ReceiverRecord;
pub use with_data::WithData;

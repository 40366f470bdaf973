//! From the body of a PATCH to a changed event receiver group.

use std::fmt::Display;

use xzepr_domain::{Event, EventId, EventReceiverGroup, GroupChange, GroupId};
use xzepr_http::{Api, Change, HttpError, Noun, Stored, Success, routes};
use xzepr_store::ModifyOutcome;

use crate::store::ChangeGroups;

pub(crate) struct ModifyEventReceiverGroup<S> {
    store: S,
}

impl<S: ChangeGroups> ModifyEventReceiverGroup<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api::new().endpoint(routes::MODIFY_EVENT_RECEIVER_GROUP, |change| self.modify(change))
    }

    async fn modify(&self, change: Change<GroupId>) -> Result<Success<String>, HttpError> {
        let Change { id, body, created_by, traceparent } = change;
        let GroupChange { enabled } = GroupChange::parse(&body)??;
        let group = self.store.find(id).await?.ok_or(HttpError::UnknownId(Noun::EventReceiverGroup))?;
        let modified = EventId::generate();
        let outcome = if group.enabled == enabled {
            ModifyOutcome::Unchanged
        } else {
            let changed = EventReceiverGroup { enabled, updated_at: modified.time(), ..group };
            let mut event = Event::group_modified(&changed, modified);
            event.attributes.traceparent = traceparent;
            self.store.modify(&changed, &event, created_by.as_ref()).await?
        };
        let is_repeated = outcome == ModifyOutcome::Unchanged;
        let event = (!is_repeated).then_some(&modified as &dyn Display);
        Stored { is_repeated, event, group: Some(&id), ..Stored::default() }.log();
        Ok(Success::ok(id.to_string()))
    }
}

#[cfg(test)]
mod tests;

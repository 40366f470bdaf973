//! Tables whose requests fail as a test demands.

use std::{
    cell::{Cell, RefCell},
    future::Future,
};

use xzepr_domain::{
    Artifact, Event, EventReceiverGroup, GroupId, ReceiverId,
    gate::{Commit, Gate, Greens, Reds},
};
use xzepr_store::{CommitOutcome, StoreError};

use crate::{Store, Tables};

/// A request, with the artifact or the group that it is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Request {
    SearchItems,
    RaiseGreen(Artifact),
    RaiseRed,
    Greens,
    Reds,
    Gate(GroupId),
    GroupsOf,
    Groups(Vec<GroupId>),
    Group(GroupId),
    Commit,
    Restore,
}

/// The fate of a request.
pub(super) enum Fate {
    Works,
    /// It fails and does nothing.
    Fails(StoreError),
    /// It works, and its response is lost.
    IsLost,
}

pub(super) struct Faulty<F> {
    pub(super) tables: Tables,
    fate: F,
    pub(super) requests: RefCell<Vec<Request>>,
    /// So many commits find that the facts have changed.
    pub(super) changes: Cell<usize>,
}

impl<F: Fn(usize, &Request) -> Fate> Faulty<F> {
    /// `fate` gets the number of the request, from 0.
    pub(super) fn new(tables: Tables, fate: F) -> Self {
        Self { tables, fate, requests: RefCell::default(), changes: Cell::new(0) }
    }

    pub(super) fn count(&self, is_counted: impl Fn(&Request) -> bool) -> usize {
        self.requests.borrow().iter().filter(|request| is_counted(request)).count()
    }

    async fn run<T>(
        &self,
        request: Request,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let number = self.requests.borrow().len();
        self.requests.borrow_mut().push(request.clone());
        match (self.fate)(number, &request) {
            Fate::Works => work.await,
            Fate::Fails(error) => Err(error),
            Fate::IsLost => {
                work.await?;
                Err(unavailable())
            }
        }
    }
}

pub(super) fn unavailable() -> StoreError {
    StoreError::Unavailable("no response in time".to_owned())
}

impl<F: Fn(usize, &Request) -> Fate> Store for Faulty<F> {
    async fn put_search_items(&self, events: &[Event]) -> Result<(), StoreError> {
        self.run(Request::SearchItems, self.tables.put_search_items(events)).await
    }

    async fn raise_green(&self, event: &Event) -> Result<Greens, StoreError> {
        self.run(Request::RaiseGreen(event.artifact()), self.tables.raise_green(event)).await
    }

    async fn raise_red(&self, event: &Event) -> Result<(), StoreError> {
        self.run(Request::RaiseRed, self.tables.raise_red(event)).await
    }

    async fn greens(&self, artifact: &Artifact) -> Result<Greens, StoreError> {
        self.run(Request::Greens, self.tables.greens(artifact)).await
    }

    async fn reds(&self, artifact: &Artifact) -> Result<Reds, StoreError> {
        self.run(Request::Reds, self.tables.reds(artifact)).await
    }

    async fn gate(&self, artifact: &Artifact, group: GroupId) -> Result<Gate, StoreError> {
        self.run(Request::Gate(group), self.tables.gate(artifact, group)).await
    }

    async fn groups_of(&self, receiver: ReceiverId) -> Result<Vec<GroupId>, StoreError> {
        self.run(Request::GroupsOf, self.tables.groups_of(receiver)).await
    }

    async fn groups(&self, ids: &[GroupId]) -> Result<Vec<EventReceiverGroup>, StoreError> {
        self.run(Request::Groups(ids.to_vec()), self.tables.groups(ids)).await
    }

    async fn group(&self, id: GroupId) -> Result<Option<EventReceiverGroup>, StoreError> {
        self.run(Request::Group(id), self.tables.group(id)).await
    }

    async fn commit(&self, artifact: &Artifact, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        if self.changes.get() > 0 {
            self.changes.set(self.changes.get() - 1);
            return self.run(Request::Commit, async { Ok(CommitOutcome::Changed) }).await;
        }
        self.run(Request::Commit, self.tables.commit(artifact, commit)).await
    }

    async fn restore(&self, event: &Event) -> Result<(), StoreError> {
        self.run(Request::Restore, self.tables.restore(event)).await
    }
}

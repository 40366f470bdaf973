//! The gates of one event.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::Utc;
use futures_util::{
    StreamExt,
    future::{OptionFuture, join, try_join},
    stream,
};
use tokio::time::sleep;
use xzepr_domain::{
    Artifact, Event, EventId, EventReceiverGroup, GroupId, ReceiverId,
    gate::{Commit, Gate, Greens, Reds, evaluate},
};
use xzepr_store::{CommitOutcome, StoreError};
use xzepr_telemetry::metrics::{definitions::GATES_COMPLETED, record};

use crate::{
    due::{is_due, is_recent, last_event},
    indexer::Indexer,
    outcome::Failure,
    store::Store,
};

/// How many gates of one artifact are read at once.
const READS: usize = 16;

/// How often a gate is evaluated if it or the ledger changes before each commit.
const MAX_ROUNDS: u32 = 10;

/// The longest wait before a gate is evaluated again is up to this time. It doubles with each round.
const FIRST_WAIT: Duration = Duration::from_millis(10);
const MAX_WAIT: Duration = Duration::from_millis(320);

/// The ledger and the gates of an artifact as they were read for an event.
#[derive(Default)]
struct Facts {
    reds: Option<Result<Reds, StoreError>>,
    gates: HashMap<GroupId, Result<Gate, StoreError>>,
}

impl<S: Store> Indexer<S> {
    /// Evaluates the gates that a caller's event may have changed. A gate or group that cannot be read fails the event
    /// only after the others are evaluated.
    pub(crate) async fn evaluate(&self, event: &Event) -> Result<(), Failure> {
        let raised = if event.success {
            Some(self.store.raise_green(event).await?)
        } else {
            self.store.raise_red(event).await?;
            None
        };
        let artifact = event.artifact();
        let mut facts = Facts::default();
        // For a known group the facts are read beside the memberships, since a completion waits for each request in turn.
        let early = async {
            if let Some(greens) = &raised {
                let known = self.groups.known_of(event.event_receiver_id);
                let known = known.iter().filter(|group| may_change(group, event, greens));
                self.read(&mut facts, &artifact, known.map(|group| group.id).collect()).await;
            }
        };
        let ((), groups) = join(early, self.groups_of(event.event_receiver_id)).await;
        let (groups, mut result) = groups?;
        if groups.is_empty() {
            return result;
        }
        let greens = match raised {
            Some(greens) => greens,
            None => self.store.greens(&artifact).await?,
        };
        let groups: Vec<_> = groups.into_iter().filter(|group| may_change(group, event, &greens)).collect();
        if groups.is_empty() {
            return result;
        }
        self.read(&mut facts, &artifact, groups.iter().map(|group| group.id).collect()).await;
        let Some(reds) = facts.reds.transpose()? else { return result };
        for group in groups {
            let settled = match facts.gates.remove(&group.id) {
                Some(Ok(gate)) => self.settle(&group, &artifact, &greens, reds.clone(), gate).await,
                Some(Err(error)) => Err(error.into()),
                None => Ok(()),
            };
            match settled {
                Err(failure) if failure.is_permanent() => result = Err(failure),
                other => other?,
            }
        }
        result
    }

    /// Reads the ledger and the gates of groups, but for those that were read before. All gates are read before the first
    /// commit. The time of a request would run out while none of them is polled.
    ///
    /// The greens must have been raised, or read, before. With an older ledger or gate the rules may find nothing to
    /// commit, and a completion would be missed.
    async fn read(&self, facts: &mut Facts, artifact: &Artifact, mut groups: Vec<GroupId>) {
        groups.retain(|group| !facts.gates.contains_key(group));
        if groups.is_empty() {
            return;
        }
        let gates = stream::iter(groups)
            .map(|group| async move { (group, self.store.gate(artifact, group).await) })
            .buffered(READS)
            .collect::<Vec<_>>();
        let reds = OptionFuture::from(facts.reds.is_none().then(|| self.store.reds(artifact)));
        let (reds, gates) = join(reds, gates).await;
        facts.reds = facts.reds.take().or(reds);
        facts.gates.extend(gates);
    }

    /// Reads the groups of a receiver, and whether one of them cannot be read.
    ///
    /// The memberships are read for each event, and after it is raised. A read for the whole batch would miss completions:
    /// of two members' events in two shards, the first is read into a batch before the group is created, and the second
    /// is accepted after that. If the second one is evaluated before the first is raised, it does not see the first. So
    /// the first must see the group, although the first is older.
    async fn groups_of(
        &self,
        receiver: ReceiverId,
    ) -> Result<(Vec<Arc<EventReceiverGroup>>, Result<(), Failure>), Failure> {
        let (mut groups, mut unread) = (Vec::new(), Vec::new());
        let ids = self.store.groups_of(receiver).await?;
        self.groups.keep_memberships(receiver, &ids);
        for id in ids {
            match self.groups.get(id) {
                Some(group) => groups.push(group),
                None => unread.push(id),
            }
        }
        let mut result = Ok(());
        if unread.is_empty() {
            return Ok((groups, result));
        }
        match self.store.groups(&unread).await {
            Ok(read) => groups.extend(read.into_iter().map(|group| self.groups.keep(group))),
            // One of them cannot be read. Each by itself, so that the others are evaluated.
            Err(StoreError::InvalidItem(_)) => {
                for id in unread {
                    match self.store.group(id).await {
                        Ok(group) => groups.extend(group.map(|group| self.groups.keep(group))),
                        Err(error @ StoreError::InvalidItem(_)) => result = Err(error.into()),
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok((groups, result))
    }

    /// Commits the change of a gate that the facts demand, if there is one. The facts are read again if they change before
    /// the commit.
    async fn settle(
        &self,
        group: &EventReceiverGroup,
        artifact: &Artifact,
        greens: &Greens,
        mut reds: Reds,
        mut gate: Gate,
    ) -> Result<(), Failure> {
        for round in 1..=MAX_ROUNDS {
            let Some(commit) = evaluate(group, artifact, greens, &reds, &gate, EventId::generate()) else {
                return Ok(());
            };
            if !self.is_due(group, greens, &reds).await? {
                return Ok(());
            }
            match self.store.commit(artifact, &commit).await? {
                CommitOutcome::Committed => {
                    announced(&commit);
                    return Ok(());
                }
                CommitOutcome::Disabled => {
                    self.groups.keep_disabled(group);
                    return Ok(());
                }
                CommitOutcome::Changed => {}
            }
            sleep(wait_after(round)).await;
            (reds, gate) = try_join(self.store.reds(artifact), self.store.gate(artifact, group.id)).await?;
        }
        Err(Failure::Contended)
    }

    /// Whether a commit is to be tried. The group is read again if it was disabled, which saves the refused transactions
    /// of each event, and if all events are old, as in a rebuild.
    async fn is_due(
        &self,
        group: &EventReceiverGroup,
        greens: &Greens,
        reds: &Reds,
    ) -> Result<bool, Failure> {
        let Some(last_event) = last_event(group, greens, reds) else { return Ok(false) };
        let is_disabled = self.groups.get(group.id).is_some_and(|kept| !kept.enabled);
        if is_recent(last_event, Utc::now()) && !is_disabled {
            return Ok(is_due(group, last_event));
        }
        let Some(group) = self.store.group(group.id).await? else { return Ok(false) };
        let group = self.groups.keep(group);
        Ok(group.enabled && is_due(&group, last_event))
    }
}

/// Whether an event may have changed the gate of a group. Without a success of each member the group was never complete. In
/// a rebuild the successes may be missing, so a failure then also counts for a group that announces the end of a
/// completion.
fn may_change(group: &EventReceiverGroup, event: &Event, greens: &Greens) -> bool {
    let has_all = || group.event_receiver_ids.iter().all(|member| greens.latest.get(*member).is_some());
    (!event.success && group.notify_incomplete) || has_all()
}

/// A random time, so that evaluations of one gate that conflict do not conflict again.
fn wait_after(round: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << round.min(16)).min(MAX_WAIT).mul_f64(fastrand::f64())
}

fn announced(commit: &Commit) {
    let group_id = commit.group.to_string();
    if let Some(event) = &commit.events.incomplete {
        let (event_id, completion) = (event.id.to_string(), commit.gate.incomplete);
        tracing::info!(event_id, group_id, completion, "a group is no longer complete");
    }
    if let Some(event) = &commit.events.complete {
        let (event_id, completion) = (event.id.to_string(), commit.gate.completions);
        tracing::info!(event_id, group_id, completion, "a group is complete");
        record(GATES_COMPLETED.of(1));
    }
}

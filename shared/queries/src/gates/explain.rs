//! The answer about one group, read from the tables.

use chrono::{DateTime, Utc};
use futures_util::future::try_join3;
use xzepr_domain::{Artifact, GroupId};
use xzepr_store::StoreError;

use super::{
    explanation::{Explanation, Facts},
    store::ReadGates,
};

/// Whether a group is complete for an artifact, and why it is not; `None` if there is no such group.
pub async fn explain(
    store: &impl ReadGates,
    group: GroupId,
    artifact: &Artifact,
    now: DateTime<Utc>,
) -> Result<Option<Explanation>, StoreError> {
    let Some(group) = store.group(group).await? else { return Ok(None) };
    let (greens, lag, names) =
        try_join3(store.greens(artifact), store.lag(), store.names(&group.event_receiver_ids)).await?;
    // After the greens, so that no failure is missing that was accepted before one of them. The gate comes last, so that
    // no completion is called unannounced that was announced in the meantime.
    let reds = store.reds(artifact).await?;
    let gate = store.gate(artifact, group.id).await?;
    let names = names.into_iter().map(|name| (name.id, name)).collect();
    let facts = Facts { artifact, greens: &greens, reds: &reds, names: &names, lag, now };
    Ok(Some(facts.explain(&group, &gate)))
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;

//! Reads of the completions of many groups.

use aws_sdk_dynamodb::types::AttributeValue;
use xzepr_domain::{Artifact, GroupId, gate::Gate};

use crate::{
    error::StoreError,
    gates::gate,
    keys::{GATE_PREFIX, Key, PARTITION_KEY, SORT_KEY, artifact_partition},
    table::Table,
};

/// It sorts after every id.
const AFTER_ALL: &str = "~";

impl Table {
    /// Reads the completions of groups for an artifact: one request for each 100. The result has only the groups that
    /// were complete once, in no order.
    pub async fn gates_of(
        &self,
        artifact: &Artifact,
        groups: &[GroupId],
    ) -> Result<Vec<(GroupId, Gate)>, StoreError> {
        let keys = groups.iter().map(|group| Key::gate(artifact, *group)).collect();
        self.get_all(keys, &[]).await?.into_iter().map(gate).collect()
    }

    /// Reads the groups that were complete once for an artifact, in the order of their ids: at most `limit` after this
    /// one, in one request. There may be more unless the result is empty.
    pub async fn gates_after(
        &self,
        artifact: &Artifact,
        after: Option<GroupId>,
        limit: u16,
    ) -> Result<Vec<(GroupId, Gate)>, StoreError> {
        let after = after.map_or_else(String::new, |group| group.to_string());
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#sk", SORT_KEY)
            .expression_attribute_values(":pk", AttributeValue::S(artifact_partition(artifact)))
            // No key has a `!`, which sorts before each character of an id.
            .expression_attribute_values(":first", AttributeValue::S(format!("{GATE_PREFIX}{after}!")))
            .expression_attribute_values(":last", AttributeValue::S(format!("{GATE_PREFIX}{AFTER_ALL}")))
            .consistent_read(true)
            .limit(limit.into())
            .send()
            .await?;
        output.items.unwrap_or_default().into_iter().map(gate).collect()
    }
}

#[cfg(test)]
mod tests {
    use xzepr_domain::{
        EventId, EventReceiverGroup,
        gate::{Greens, Reds, evaluate},
    };
    use xzepr_fixtures::{event, group};

    use super::*;
    use crate::{gates::CommitOutcome, test_table::table};

    #[tokio::test]
    async fn the_groups_that_were_complete_are_read_by_their_ids_and_in_order() {
        let table = table().await;
        let artifact = event().artifact();
        let receiver = event().event_receiver_id;
        let greens =
            Greens { latest: [(receiver, EventId::generate())].into_iter().collect(), ..Greens::default() };
        let mut complete = Vec::new();
        for _ in 0..7 {
            let id = GroupId::generate();
            let group = EventReceiverGroup { id, ..group() };
            let created = xzepr_domain::Event::group_created(&group, EventId::generate());
            table.create_group(&group, &created, None, None).await.unwrap();
            let commit =
                evaluate(&group, &artifact, &greens, &Reds::default(), &Gate::default(), EventId::generate());
            let commit = commit.unwrap();
            assert_eq!(table.commit(&artifact, &commit).await.unwrap(), CommitOutcome::Committed);
            complete.push((id, commit.gate));
        }
        complete.sort_by_key(|(id, _)| *id);
        let ids: Vec<_> = complete.iter().map(|(id, _)| *id).chain([GroupId::generate()]).collect();
        let mut read = table.gates_of(&artifact, &ids).await.unwrap();
        read.sort_by_key(|(id, _)| *id);
        assert_eq!(read, complete);
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = table.gates_after(&artifact, after, 3).await.unwrap();
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            assert!(page.len() <= 3);
            pages.extend(page);
        }
        assert_eq!(pages, complete);
    }
}

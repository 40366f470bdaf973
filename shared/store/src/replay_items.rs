//! The item of a replay.

use serde::{Deserialize, Serialize};
use xzepr_domain::{
    CreatedBy, Position, Replay, ReplayCounts, ReplayFilter, ReplayId, ReplayState, ReplayTarget, TimeRange,
};

use crate::{error::StoreError, keys::Key};

#[derive(Serialize, Deserialize)]
pub(crate) struct ReplayItem {
    pk: String,
    sk: String,
    start: String,
    end: String,
    r#type: Option<String>,
    receiver: Option<String>,
    topic: Option<String>,
    dry_run: bool,
    state: ReplayState,
    slice: u64,
    position: Option<String>,
    counts: ReplayCounts,
    last_error: Option<String>,
    // Items of earlier releases do not have these attributes.
    #[serde(default)]
    target: ReplayTarget,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
    #[serde(default)]
    leased_until_ms: u64,
    #[serde(default)]
    progressed_at_ms: u64,
    #[serde(default)]
    foreign: Vec<String>,
}

impl From<&Replay> for ReplayItem {
    fn from(replay: &Replay) -> Self {
        let key = Key::replay(replay.id);
        let (start, end) = replay.range.to_texts();
        Self {
            pk: key.partition,
            sk: key.sort,
            start,
            end,
            r#type: replay.filter.r#type.clone(),
            receiver: replay.filter.receiver.map(|receiver| receiver.to_string()),
            topic: replay.filter.topic.clone(),
            dry_run: replay.dry_run,
            target: replay.target,
            created_by: replay.created_by.as_ref().map(ToString::to_string),
            state: replay.state,
            slice: replay.slice,
            position: replay.position.as_ref().map(ToString::to_string),
            counts: replay.counts,
            last_error: replay.last_error.clone(),
            leased_until_ms: replay.leased_until_ms,
            progressed_at_ms: replay.progressed_at_ms,
            foreign: replay.foreign.clone(),
        }
    }
}

impl ReplayItem {
    pub(crate) fn into_replay(self, id: ReplayId) -> Result<Replay, StoreError> {
        let invalid = |attribute: &str| {
            StoreError::InvalidItem(format!("the item of replay {id} has an invalid {attribute}"))
        };
        Ok(Replay {
            id,
            range: TimeRange::parse(&self.start, &self.end).map_err(|error| invalid(error.bound().name()))?,
            filter: ReplayFilter {
                r#type: self.r#type,
                receiver: self.receiver.map(|id| id.parse()).transpose().map_err(|_| invalid("receiver"))?,
                topic: self.topic,
            },
            dry_run: self.dry_run,
            target: self.target,
            created_by: self.created_by.map(CreatedBy::kept),
            state: self.state,
            slice: self.slice,
            leased_until_ms: self.leased_until_ms,
            position: self.position.map(Position::of),
            progressed_at_ms: self.progressed_at_ms,
            counts: self.counts,
            foreign: self.foreign,
            last_error: self.last_error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{from_item, to_item};

    fn replay() -> Replay {
        let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-15T10:31:00Z").unwrap();
        let mut replay = Replay::new(range, ReplayFilter::default(), false);
        replay.slice = 7;
        replay.position = Some(Position::of("01HM6AQH200000000000000000"));
        replay.counts.read = 5;
        replay
    }

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let mut replay = replay();
        replay.created_by = Some(CreatedBy::principal("alice"));
        (replay.leased_until_ms, replay.progressed_at_ms) = (1, 2);
        (replay.counts.skipped, replay.counts.unrouted, replay.counts.indexed) = (3, 4, 5);
        replay.target = ReplayTarget::Index;
        replay.filter.topic = Some("xzepr.dev.events".to_owned());
        replay.add_foreign("EVENT#2024-01-15#Z copy".to_owned());
        let item: ReplayItem = from_item(to_item(ReplayItem::from(&replay)).unwrap()).unwrap();
        assert_eq!(item.into_replay(replay.id).unwrap(), replay);
    }

    #[test]
    fn an_item_of_a_release_without_leases_routes_and_targets_is_read() {
        let replay = replay();
        let mut item = to_item(ReplayItem::from(&replay)).unwrap();
        for added in ["leased_until_ms", "progressed_at_ms", "foreign", "target"] {
            item.remove(added).unwrap();
        }
        let counts = item.get_mut("counts").unwrap();
        let aws_sdk_dynamodb::types::AttributeValue::M(counts) = counts else { panic!("{counts:?}") };
        for added in ["foreign", "skipped", "unrouted", "indexed"] {
            counts.remove(added).unwrap();
        }
        assert_eq!(from_item::<ReplayItem>(item).unwrap().into_replay(replay.id).unwrap(), replay);
    }
}

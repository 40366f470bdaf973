//! The one item that says which ranges are being replayed.

use aws_sdk_dynamodb::types::{AttributeValue, builders::PutBuilder};
use serde::{Deserialize, Serialize};
use xzepr_domain::TimeRange;

use crate::{
    error::StoreError,
    keys::Key,
    table::{Table, from_item, to_item},
    transaction::{IS_NEW, is_condition_failed, put},
};

/// How often it is read again because another request changed it meanwhile.
pub(crate) const MAX_ROUNDS: usize = 10;

#[derive(Default, Serialize, Deserialize)]
struct RunningItem {
    pk: String,
    sk: String,
    running: Vec<Running>,
    version: u64,
}

/// A replay that runs.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) id: String,
    pub(crate) start: String,
    pub(crate) end: String,
}

impl Running {
    /// Whether it replays a part of the range. An entry that cannot be read is in nobody's way.
    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        TimeRange::parse(&self.start, &self.end).is_ok_and(|running| running.overlaps(range))
    }
}

impl Table {
    /// Changes the list of running replays, and one replay's item with it, unless `change` gives none.
    /// `false` when nothing is changed, because of that or of the item's condition.
    pub(crate) async fn change_running(
        &self,
        mut change: impl FnMut(&mut Vec<Running>) -> Result<Option<PutBuilder>, StoreError>,
    ) -> Result<bool, StoreError> {
        let key = Key::running_replays();
        for _ in 0..MAX_ROUNDS {
            let mut item: RunningItem = match self.get(key.clone()).await? {
                Some(item) => from_item(item)?,
                None => {
                    RunningItem { pk: key.partition.clone(), sk: key.sort.clone(), ..RunningItem::default() }
                }
            };
            let Some(replay) = change(&mut item.running)? else { return Ok(false) };
            let version = AttributeValue::N(item.version.to_string());
            item.version += 1;
            let is_as_read = format!("{IS_NEW} OR version = :version");
            let list = put(to_item(item)?, &is_as_read, [(":version", version)]);
            let written = self.transact(vec![self.item(replay)?, self.item(list)?]).await;
            match written {
                Ok(()) => return Ok(true),
                Err(error) if is_condition_failed(&error, 0) => return Ok(false),
                Err(error) if is_condition_failed(&error, 1) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Unavailable("the list of running replays changes too often".to_owned()))
    }
}

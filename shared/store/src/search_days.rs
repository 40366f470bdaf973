//! The days that have events, as the index table knows them.

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::NaiveDate;
use xzepr_domain::{EventId, IdRange, Order};

use crate::{
    error::StoreError,
    index::Index,
    keys::{PARTITION_KEY, SORT_KEY},
    search_keys::{DAYS, day_key},
};

/// The days of one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaysPage {
    /// In the order of the read.
    pub days: Vec<NaiveDate>,
    /// Whether more days follow. If so, there is at least one day.
    pub has_more: bool,
}

impl Index {
    /// The first `limit` days (UTC) that have events with these ids. It does not see the days of events that index-events
    /// has not written yet.
    pub async fn days(&self, ids: IdRange, order: Order, limit: usize) -> Result<DaysPage, StoreError> {
        let (mut days, mut start_key) = (Vec::new(), None);
        while days.len() < limit.max(1) {
            let missing = limit.max(1) - days.len();
            let output = self
                .table
                .client
                .query()
                .table_name(&self.table.name)
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
                .expression_attribute_names("#pk", PARTITION_KEY)
                .expression_attribute_names("#sk", SORT_KEY)
                .expression_attribute_values(":pk", AttributeValue::S(DAYS.to_owned()))
                .expression_attribute_values(":first", AttributeValue::S(day_text(ids.lowest())))
                .expression_attribute_values(":last", AttributeValue::S(day_text(ids.highest())))
                .scan_index_forward(order == Order::OldestFirst)
                .consistent_read(true)
                .set_exclusive_start_key(start_key)
                .limit(i32::try_from(missing).unwrap_or(i32::MAX))
                .send()
                .await?;
            let items = output.items.unwrap_or_default();
            days.extend(
                items.iter().filter_map(|item| item.get(SORT_KEY)?.as_s().ok()?.parse::<NaiveDate>().ok()),
            );
            start_key = output.last_evaluated_key;
            if start_key.is_none() {
                return Ok(DaysPage { days, has_more: false });
            }
        }
        Ok(DaysPage { days, has_more: true })
    }
}

/// The day of an id as a sort key. The text of a year after 9999 would be below the others.
fn day_text(id: EventId) -> String {
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
    day_key(id.time().map_or(last, |time| time.date_naive().min(last))).sort
}

//! The stream's records of replays: which slice of which replay is to begin.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use xzepr_domain::ReplayId;
use xzepr_store::REPLAY_PREFIX;

/// A batch of the event source mapping.
#[derive(Deserialize)]
pub(crate) struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Record {
    dynamodb: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    keys: Keys,
    new_image: Image,
}

#[derive(Deserialize)]
struct Keys {
    pk: Text,
}

#[derive(Deserialize)]
struct Image {
    slice: Number,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

#[derive(Deserialize)]
struct Number {
    #[serde(rename = "N")]
    number: String,
}

impl Batch {
    /// The last slice of each replay that the batch tells of. What is no replay is passed over.
    pub(crate) fn slices(&self) -> BTreeMap<ReplayId, u64> {
        let mut slices = BTreeMap::new();
        for record in &self.records {
            match slice(record) {
                Some((replay, slice)) => {
                    let last = slices.entry(replay).or_insert(slice);
                    *last = slice.max(*last);
                }
                None => tracing::error!("passed over a record that is no replay's"),
            }
        }
        slices
    }
}

fn slice(record: &RawValue) -> Option<(ReplayId, u64)> {
    let Record { dynamodb } = serde_json::from_str(record.get()).ok()?;
    let id = dynamodb.keys.pk.text.strip_prefix(REPLAY_PREFIX)?.parse().ok()?;
    Some((id, dynamodb.new_image.slice.number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_slice_of_each_replay_counts() {
        let record = |id: &str, slice: &str| {
            format!(
                r#"{{"dynamodb":{{"Keys":{{"pk":{{"S":"REPLAY#{id}"}},"sk":{{"S":"REPLAY"}}}},
                "NewImage":{{"state":{{"S":"running"}},"slice":{{"N":"{slice}"}}}}}}}}"#
            )
        };
        let (one, other) = ("01HJ1K2M3N4P5Q6R7S8T9V0W1X", "01HJ1K2M3N4P5Q6R7S8T9V0W1Y");
        let records =
            [record(one, "1"), record(other, "7"), "{}".to_owned(), record(one, "2"), record(one, "2")];
        let batch = format!(r#"{{"Records":[{}]}}"#, records.join(","));
        let batch: Batch = serde_json::from_str(&batch).unwrap();
        assert_eq!(batch.slices(), BTreeMap::from([(one.parse().unwrap(), 2), (other.parse().unwrap(), 7)]));
    }
}

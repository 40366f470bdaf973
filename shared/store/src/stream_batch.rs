//! A batch of the stream.
//!
//! It is read in one pass if each record is of an event item as this release writes it. Any other batch is split into
//! texts, and each text is read alone, so that a record that cannot be read does not fail the others.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;

use crate::{
    stream_image::Image,
    stream_record::{Record, RecordKind, StreamRecord, UnknownShape},
};

/// The payload of an invocation, whose members beside the records are not read.
#[derive(Deserialize)]
struct Batch<R> {
    #[serde(rename = "Records")]
    records: Vec<R>,
}

/// The error of a payload that is no list of records.
#[derive(Debug, thiserror::Error)]
#[error("the event is no batch of a stream: {0}")]
pub struct InvalidBatch(#[from] serde_json::Error);

impl StreamRecord {
    /// Parses the payload of an invocation by a stream. A record that cannot be parsed is of the kind
    /// [`RecordKind::Unknown`], and no error.
    pub fn parse_batch(payload: &[u8]) -> Result<Vec<Self>, InvalidBatch> {
        match in_one_pass(payload) {
            Some(records) => Ok(records),
            None => one_by_one(payload),
        }
    }
}

/// The records, if none of them needs a closer look.
fn in_one_pass(payload: &[u8]) -> Option<Vec<StreamRecord>> {
    let text = str::from_utf8(payload).ok()?;
    let batch: Batch<Plain> = serde_json::from_str(text).ok()?;
    Some(batch.records.into_iter().map(|Plain(record)| record).collect())
}

fn one_by_one(payload: &[u8]) -> Result<Vec<StreamRecord>, InvalidBatch> {
    let batch: Batch<&RawValue> = serde_json::from_slice(payload)?;
    Ok(batch.records.into_iter().map(StreamRecord::parse).collect())
}

/// A record that was read in one pass.
struct Plain(StreamRecord);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record: Record<'de, Image<'de>> = Record::deserialize(deserializer)?;
        let record = record.read(|Image(item)| item.try_into().map_err(UnknownShape::from));
        match record.kind {
            RecordKind::Event(_) | RecordKind::Other => Ok(Self(record)),
            RecordKind::Unknown(_) => Err(D::Error::custom("no event")),
        }
    }
}

#[cfg(test)]
mod tests;

//! The response to a batch: an entry for each event, in the order of the request.

use std::collections::BTreeMap;

use lambda_http::http::StatusCode;
use serde::Serialize;

use crate::{HttpError, Success, error_texts::ErrorText, outcome};

/// The data of the response to a request to the route for one event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Created {
    /// The id of the event.
    One(String),
    /// The entries of a batch.
    Batch(Vec<BatchEntry>),
}

/// The result of one event: its id, or the refusal that it would have got alone. The status is the one of that response.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct BatchEntry(Entry);

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Entry {
    Stored {
        status: u16,
        data: String,
    },
    Refused {
        status: u16,
        #[serde(flatten)]
        error: ErrorText,
    },
}

impl BatchEntry {
    /// The entries of the events' results, and 200 if all events were stored, else 207. The failures are logged here,
    /// one line for each reason.
    pub fn all(results: Vec<Result<String, HttpError>>) -> Success<Vec<Self>> {
        log(&results);
        let is_whole = results.iter().all(Result::is_ok);
        let entries = results.into_iter().map(Self::of).collect();
        if is_whole { Success::ok(entries) } else { Success::multi_status(entries) }
    }

    fn of(result: Result<String, HttpError>) -> Self {
        Self(match result {
            Ok(data) => Entry::Stored { status: StatusCode::OK.as_u16(), data },
            Err(error) => {
                let error = ErrorText::of_entry(&error);
                Entry::Refused { status: error.code.status().as_u16(), error }
            }
        })
    }
}

fn log(results: &[Result<String, HttpError>]) {
    let mut reasons: BTreeMap<_, (_, usize)> = BTreeMap::new();
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        reasons.entry(error.to_string()).or_insert((error, 0)).1 += 1;
    }
    for (error, count) in reasons.into_values() {
        outcome::not_stored(error, count);
    }
}

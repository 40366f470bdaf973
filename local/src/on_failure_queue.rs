//! The on-failure queue: keeps the messages of the event source mapping, and delivers them to a function until the
//! function accepts them.

use std::{
    collections::HashSet,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    error::{Context, Result},
    event_source_mapping::SendMessage,
    lambda,
};

const POLL_EVERY: Duration = Duration::from_secs(1);

/// The wait before the function gets a failed message again. In the template it is the queue's `VisibilityTimeout`.
const VISIBLE_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// The queue: a file with one message in each line.
#[derive(Debug)]
pub(crate) struct OnFailureQueue {
    file: Mutex<PathBuf>,
}

impl OnFailureQueue {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file: Mutex::new(file) }
    }

    /// Delivers messages to the function until this is aborted.
    pub(crate) async fn consume(self: Arc<Self>, api_url: String, function: String) {
        loop {
            sleep(POLL_EVERY).await;
            if let Err(error) = self.deliver(&api_url, &function).await {
                eprintln!("on-failure queue: {error}");
            }
        }
    }

    async fn deliver(&self, api_url: &str, function: &str) -> Result<()> {
        let mut messages = Vec::new();
        self.change(|queued| messages.clone_from(queued))?;
        if messages.is_empty() {
            return Ok(());
        }
        let records: Vec<_> = messages
            .iter()
            .enumerate()
            .map(|(index, body)| {
                json!({"messageId": index.to_string(), "body": body, "eventSource": "aws:sqs"})
            })
            .collect();
        let response = lambda::invoke(api_url, function, &json!({"Records": records})).await?;
        let failed = failed(&response, messages.len());
        // Messages that were sent during the invocation come after the delivered ones.
        self.change(|queued| {
            let mut index = 0..messages.len();
            queued.retain(|_| index.next().is_none_or(|index| failed.contains(&index)));
        })?;
        if !failed.is_empty() {
            sleep(VISIBLE_AGAIN_AFTER).await;
        }
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut Vec<String>)) -> Result<()> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let text = if file.exists() {
            fs::read_to_string(&*file).context("reading the on-failure queue")?
        } else {
            String::new()
        };
        let before: Vec<_> = text.lines().map(str::to_owned).collect();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        let text: String = after.iter().map(|message| format!("{message}\n")).collect();
        let new = file.with_extension("new");
        fs::write(&new, text).and_then(|()| fs::rename(&new, &*file)).context("writing the on-failure queue")
    }
}

/// The indices of the messages that failed, of `count`. An identifier that is null or unknown fails all of them:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.
fn failed(response: &Value, count: usize) -> HashSet<usize> {
    let failures = response["batchItemFailures"].as_array().into_iter().flatten();
    let index =
        |failure: &Value| failure["itemIdentifier"].as_str()?.parse().ok().filter(|index| *index < count);
    failures.map(index).collect::<Option<_>>().unwrap_or_else(|| (0..count).collect())
}

impl SendMessage for Arc<OnFailureQueue> {
    fn send(&self, message: &Value) -> Result<()> {
        self.change(|messages| messages.push(message.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed_of_two(identifiers: &Value) -> HashSet<usize> {
        let failures = identifiers.as_array().unwrap().iter();
        let failures: Vec<_> = failures.map(|identifier| json!({"itemIdentifier": identifier})).collect();
        failed(&json!({"batchItemFailures": failures}), 2)
    }

    #[test]
    fn only_the_messages_that_the_function_names_have_failed() {
        assert_eq!(failed(&Value::Null, 2), HashSet::new());
        assert_eq!(failed_of_two(&json!([])), HashSet::new());
        assert_eq!(failed_of_two(&json!(["1"])), HashSet::from([1]));
    }

    #[test]
    fn an_unknown_identifier_fails_all_messages() {
        for identifier in [json!(null), json!(""), json!("2"), json!(0)] {
            assert_eq!(failed_of_two(&json!(["0", identifier])), HashSet::from([0, 1]), "{identifier}");
        }
    }

    #[test]
    fn messages_stay_in_the_file_in_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("queue.jsonl");
        let queue = Arc::new(OnFailureQueue::new(file.clone()));
        queue.send(&json!({"n": 1})).unwrap();
        queue.send(&json!({"n": 2})).unwrap();
        assert_eq!(fs::read_to_string(file).unwrap(), "{\"n\":1}\n{\"n\":2}\n");
    }
}

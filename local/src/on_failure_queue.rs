//! The on-failure queue: takes what the event source mapping gave up, and hands it to a function until
//! that took it.

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
    lambda,
};

const POLL_EVERY: Duration = Duration::from_secs(1);

/// How soon a message that the function did not take comes back; in the template it is the queue's
/// `VisibilityTimeout`.
const VISIBLE_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// The queue: a file with a message a line.
#[derive(Debug)]
pub struct OnFailureQueue {
    file: Mutex<PathBuf>,
}

impl OnFailureQueue {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file: Mutex::new(file) }
    }

    pub(crate) fn send(&self, message: &Value) -> Result<()> {
        self.change(|messages| messages.push(message.to_string()))
    }

    /// Hands messages to the function until this is aborted.
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
        let answer = lambda::invoke(api_url, function, &json!({"Records": records})).await?;
        let failures = answer["batchItemFailures"].as_array().cloned().unwrap_or_default();
        let failed: HashSet<_> =
            failures.iter().filter_map(|failure| failure["itemIdentifier"].as_str()).collect();
        // What was sent meanwhile stands behind what was delivered.
        self.change(|queued| {
            let mut index = 0..messages.len();
            queued.retain(|_| index.next().is_none_or(|index| failed.contains(&*index.to_string())));
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

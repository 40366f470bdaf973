//! Lists, drops and retries dead letters.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use lambda_runtime::{Error, LambdaEvent};
use tokio::sync::Mutex;
use xzepr_publishing::{Outcome, Publication, Publish, time_left};
use xzepr_store::{DeadLetter, DeadLetterState, StoreError};
use xzepr_telemetry::metrics::{
    definitions::{DEAD_LETTERS_PARKED, DEAD_LETTERS_WAITING, EVENTS_REDRIVEN, OLDEST_DEAD_LETTER_AGE},
    emit,
};

use crate::{
    request::{Request, Selection},
    response::{Response, Retried},
    store::{ManageDeadLetters, ReadItem},
};

/// How many dead letters are sent to Kafka together. Each message may be as large as an item of DynamoDB.
const CHUNK: usize = 50;

/// How many items are read at once.
const READS: usize = 8;

/// The most dead letters that a response lists. A response has at most 6 MB:
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_LISTED: usize = 5_000;

/// The most keys in the line of the log about an operator's action.
const MAX_LOGGED: usize = 20;

pub(crate) struct RedriveDeadLetters<T, D, P> {
    table: T,
    dead_letters: D,
    publisher: Mutex<P>,
}

impl<T: ReadItem, D: ManageDeadLetters, P: Publish> RedriveDeadLetters<T, D, P> {
    pub(crate) fn new(table: T, dead_letters: D, publisher: P) -> Self {
        Self { table, dead_letters, publisher: Mutex::new(publisher) }
    }

    pub(crate) async fn respond(&self, event: LambdaEvent<Request>) -> Result<Response, Error> {
        let deadline = event.context.deadline();
        match event.payload {
            Request::Redrive => {
                let mut due = self.dead_letters.all().await?;
                let now = Utc::now();
                // Before any retry, so that the metrics are also written when a retry fails.
                emit_metrics(&due, now);
                due.retain(|letter| letter.is_due(now));
                due.sort_by(|a, b| a.next_attempt.cmp(&b.next_attempt));
                Ok(Response::Retried(self.retry(due, deadline).await?))
            }
            Request::List => {
                let mut all = self.dead_letters.all().await?;
                all.sort_by(|a, b| a.first_failure.cmp(&b.first_failure));
                let count = all.len();
                let dead_letters = all.into_iter().take(MAX_LISTED).map(Into::into).collect();
                Ok(Response::List { dead_letters, count })
            }
            Request::Retry(selection) => {
                let requested_by = selection.requested_by()?;
                let selected = self.select(&selection).await?;
                let (count, keys) = (selected.len(), first_keys(&selected));
                tracing::info!(requested_by, count, keys, "an operator retries dead letters");
                Ok(Response::Retried(self.retry(selected, deadline).await?))
            }
            Request::Drop(selection) => {
                let requested_by = selection.requested_by()?;
                let selected = self.select(&selection).await?;
                let (count, keys) = (selected.len(), first_keys(&selected));
                tracing::warn!(requested_by, count, keys, "an operator drops dead letters");
                for letter in &selected {
                    let key = letter.key().to_string();
                    // This line is all that is left of the dead letter.
                    tracing::warn!(
                        key,
                        requested_by,
                        "an operator dropped a dead letter: its event is not published"
                    );
                    self.dead_letters.remove(&letter.key()).await?;
                }
                Ok(Response::Dropped { dropped: selected.len() })
            }
        }
    }

    async fn select(&self, selection: &Selection) -> Result<Vec<DeadLetter>, Error> {
        let Some(keys) = selection.keys()? else { return Ok(self.dead_letters.all().await?) };
        let mut selected = Vec::with_capacity(keys.len());
        for key in &keys {
            match self.dead_letters.get(key).await? {
                Some(letter) => selected.push(letter),
                None => return Err(format!("there is no dead letter {key}, so nothing was changed").into()),
            }
        }
        Ok(selected)
    }

    async fn retry(&self, letters: Vec<DeadLetter>, deadline: SystemTime) -> Result<Retried, StoreError> {
        let mut retried = Retried::default();
        let mut publisher = self.publisher.lock().await;
        for chunk in letters.chunks(CHUNK) {
            let within = time_left(deadline);
            // The next run retries the rest. After a failure, Kafka or a table is probably still unavailable.
            if within.is_zero() || retried.failed > 0 {
                retried.failed += chunk.len();
                continue;
            }
            let publications = self.publications(chunk, &mut retried).await?;
            let outcomes = publisher.publish(&publications, within).await;
            for (publication, outcome) in publications.iter().zip(outcomes) {
                let key = publication.letter_key();
                match outcome {
                    Outcome::Published => retried.published += 1,
                    Outcome::Skipped => retried.skipped += 1,
                    Outcome::Unrouted => retried.unrouted += 1,
                    // It is the dead letter of an item. Those of its routes stand for it from now on.
                    Outcome::RoutesDeadLettered => retried.waiting += 1,
                    Outcome::DeadLettered(state) => {
                        retried.add(state);
                        continue;
                    }
                    Outcome::Failed(failure) => {
                        let key = key.to_string();
                        tracing::error!(key, "could not publish a dead letter: {failure}");
                        retried.failed += 1;
                        continue;
                    }
                }
                self.dead_letters.remove(&key).await?;
            }
        }
        tracing::info!(
            published = retried.published,
            skipped = retried.skipped,
            unrouted = retried.unrouted,
            waiting = retried.waiting,
            parked = retried.parked,
            failed = retried.failed,
            "redrive ended"
        );
        emit([EVENTS_REDRIVEN.of(retried.published)]);
        Ok(retried)
    }

    /// Reads the items that dead letters name. A dead letter without an item is parked, since nothing can publish it.
    async fn publications(
        &self,
        letters: &[DeadLetter],
        retried: &mut Retried,
    ) -> Result<Vec<Publication>, StoreError> {
        let items: Vec<_> = stream::iter(letters)
            .map(|letter| async move {
                let (item, route) = letter.item();
                Ok::<_, StoreError>((letter, route, self.table.read(&item).await?, item))
            })
            .buffered(READS)
            .try_collect()
            .await?;
        let mut publications = Vec::with_capacity(items.len());
        for (letter, route, item, key) in items {
            match item {
                Some(item) => {
                    publications.push(Publication::new(key, item).of_dead_letter(letter.attempts, route));
                }
                None => retried.add(self.park(letter).await?),
            }
        }
        Ok(publications)
    }

    async fn park(&self, letter: &DeadLetter) -> Result<DeadLetterState, StoreError> {
        let key = letter.key().to_string();
        tracing::error!(key, "parked a dead letter: its item is not in the table any more");
        self.dead_letters.park(letter, "the item is not in the table any more").await
    }
}

/// The keys of the first dead letters that an operator selected. A line of the log has at most 256 KB.
fn first_keys(selected: &[DeadLetter]) -> String {
    let keys: Vec<_> = selected.iter().take(MAX_LOGGED).map(|letter| letter.key().to_string()).collect();
    keys.join(", ")
}

/// The metrics that the alarms watch.
fn emit_metrics(all: &[DeadLetter], now: DateTime<Utc>) {
    let (waiting, parked): (Vec<_>, Vec<_>) =
        all.iter().partition(|letter| letter.state == DeadLetterState::Waiting);
    let oldest = waiting.iter().map(|letter| letter.age(now)).max().unwrap_or_default();
    emit([
        DEAD_LETTERS_WAITING.of(waiting.len()),
        DEAD_LETTERS_PARKED.of(parked.len()),
        OLDEST_DEAD_LETTER_AGE.seconds(oldest),
    ]);
}

#[cfg(test)]
mod tests;

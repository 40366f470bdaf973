//! Tries dead letters, as far as there is time.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use lambda_runtime::{Error, LambdaEvent};
use tokio::sync::Mutex;
use xzepr_publishing::{Outcome, Publication, Publisher, time_left};
use xzepr_store::{DeadLetter, DeadLetterState, DeadLetters, StoreError, Table};
use xzepr_telemetry::Metric;

use crate::request::{Answer, Request, Selection, Tried};

/// How many are sent to Kafka together; each may be as large as an item can be.
const CHUNK: usize = 50;

/// How many items are read at once.
const READS: usize = 8;

/// How many are listed: an answer has 6 MB at most.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_LISTED: usize = 5_000;

pub(crate) struct RedriveDeadLetters {
    table: Table,
    dead_letters: DeadLetters,
    publisher: Mutex<Publisher>,
}

impl RedriveDeadLetters {
    pub(crate) fn new(table: Table, dead_letters: DeadLetters, publisher: Publisher) -> Self {
        Self { table, dead_letters, publisher: Mutex::new(publisher) }
    }

    pub(crate) async fn answer(&self, event: LambdaEvent<Request>) -> Result<Answer, Error> {
        let deadline = event.context.deadline();
        match event.payload {
            Request::Redrive => {
                let mut due = self.dead_letters.all().await?;
                let now = Utc::now();
                // First, so that what goes wrong with one does not hide the others.
                measure(&due, now);
                due.retain(|letter| letter.is_due(now));
                due.sort_by(|a, b| a.next_attempt.cmp(&b.next_attempt));
                Ok(Answer::Tried(self.retry(due, deadline).await?))
            }
            Request::List => {
                let mut all = self.dead_letters.all().await?;
                all.sort_by(|a, b| a.first_failure.cmp(&b.first_failure));
                let count = all.len();
                let dead_letters = all.into_iter().take(MAX_LISTED).map(Into::into).collect();
                Ok(Answer::List { dead_letters, count })
            }
            Request::Retry(selection) => {
                let selected = self.select(&selection).await?;
                Ok(Answer::Tried(self.retry(selected, deadline).await?))
            }
            Request::Drop(selection) => {
                let selected = self.select(&selection).await?;
                for letter in &selected {
                    let keys = letter.key().to_string();
                    tracing::warn!(keys, "an operator dropped a dead letter: its event is not published");
                    self.dead_letters.remove(&letter.key()).await?;
                }
                Ok(Answer::Dropped { dropped: selected.len() })
            }
        }
    }

    async fn select(&self, selection: &Selection) -> Result<Vec<DeadLetter>, Error> {
        let Some(keys) = selection.keys()? else { return Ok(self.dead_letters.all().await?) };
        let mut selected = Vec::with_capacity(keys.len());
        for key in &keys {
            match self.dead_letters.get(key).await? {
                Some(letter) => selected.push(letter),
                None => return Err(format!("there is no dead letter {key}: nothing was done").into()),
            }
        }
        Ok(selected)
    }

    async fn retry(&self, letters: Vec<DeadLetter>, deadline: SystemTime) -> Result<Tried, StoreError> {
        let mut tried = Tried::default();
        let mut publisher = self.publisher.lock().await;
        for chunk in letters.chunks(CHUNK) {
            let within = time_left(deadline);
            // The next run goes on, and so it does when Kafka is away.
            if within.is_zero() || tried.failed > 0 {
                tried.failed += chunk.len();
                continue;
            }
            let publications = self.publications(chunk, &mut tried).await?;
            let outcomes = publisher.publish(&publications, within).await;
            for (publication, outcome) in publications.iter().zip(outcomes) {
                match outcome {
                    Outcome::Published => {
                        self.dead_letters.remove(publication.key()).await?;
                        tried.published += 1;
                    }
                    Outcome::DeadLettered(state) => tried.add(state),
                    Outcome::Failed(failure) => {
                        let keys = publication.key().to_string();
                        tracing::error!(keys, "could not publish a dead letter: {failure}");
                        tried.failed += 1;
                    }
                }
            }
        }
        tracing::info!(
            published = tried.published,
            waiting = tried.waiting,
            parked = tried.parked,
            failed = tried.failed,
            "redrive ended"
        );
        Ok(tried)
    }

    /// Reads the items that dead letters name. One whose item is gone is parked: nothing can publish it.
    async fn publications(
        &self,
        letters: &[DeadLetter],
        tried: &mut Tried,
    ) -> Result<Vec<Publication>, StoreError> {
        let items: Vec<_> = stream::iter(letters)
            .map(
                |letter| async move { Ok::<_, StoreError>((letter, self.table.event(&letter.key()).await?)) },
            )
            .buffered(READS)
            .try_collect()
            .await?;
        let mut publications = Vec::with_capacity(items.len());
        for (letter, item) in items {
            match item {
                Some(item) => {
                    publications.push(Publication::new(letter.key(), item).after_attempts(letter.attempts));
                }
                None => tried.add(self.park(letter).await?),
            }
        }
        Ok(publications)
    }

    async fn park(&self, letter: &DeadLetter) -> Result<DeadLetterState, StoreError> {
        let keys = letter.key().to_string();
        tracing::error!(keys, "parked a dead letter: its item is not in the table any more");
        self.dead_letters.park(letter, "the item is not in the table any more").await
    }
}

/// What the alarms look at.
fn measure(all: &[DeadLetter], now: DateTime<Utc>) {
    let (waiting, parked): (Vec<_>, Vec<_>) =
        all.iter().partition(|letter| letter.state == DeadLetterState::Waiting);
    let oldest = waiting.iter().map(|letter| letter.age(now)).max().unwrap_or_default();
    xzepr_telemetry::emit(&[
        Metric::count("DeadLettersWaiting", waiting.len()),
        Metric::count("DeadLettersParked", parked.len()),
        Metric::seconds("OldestDeadLetterAge", oldest),
    ]);
}

impl Tried {
    fn add(&mut self, state: DeadLetterState) {
        match state {
            DeadLetterState::Waiting => self.waiting += 1,
            DeadLetterState::Parked => self.parked += 1,
            DeadLetterState::Dropped => {}
        }
    }
}

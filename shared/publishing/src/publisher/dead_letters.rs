//! Stores dead letters of records that can never be published.

use futures_util::{StreamExt, stream};
use xzepr_settings::RouteName;

use super::{
    AddDeadLetters, DEAD_LETTER_WRITES, Publisher, RecordResult, SendMessages, record_id, send::Attempt,
};
use crate::{
    outcome::{Failure, RecordOutcome},
    publication::{Publication, Scope},
    receivers::ReadReceivers,
    record::Record,
    schemas::FindSchemaIds,
};

impl<P: SendMessages, D: AddDeadLetters, R: ReadReceivers, S: FindSchemaIds> Publisher<P, D, R, S> {
    /// Stores dead letters. If one cannot be stored, its record counts as failed, so that nothing is lost.
    pub(super) async fn add_dead_letters(
        &self,
        publications: &[Publication],
        records: &[Record],
        attempts: Vec<Attempt>,
    ) -> Vec<RecordResult> {
        let letters = records.iter().zip(&attempts).filter_map(|(record, attempt)| match attempt {
            Attempt::Ended(_) => None,
            Attempt::Never(reason) => {
                let publication = &publications[record.publication];
                Some(self.add_dead_letter(publication, record.route.as_ref(), reason))
            }
        });
        let added: Vec<_> = stream::iter(letters).buffered(DEAD_LETTER_WRITES).collect().await;
        let mut added = added.into_iter();
        let result = |(record, attempt): (&Record, Attempt)| {
            let outcome = match attempt {
                Attempt::Ended(outcome) => outcome,
                Attempt::Never(_) => added.next()?,
            };
            let id = record_id(record, publications);
            Some(RecordResult { publication: record.publication, id, outcome })
        };
        records.iter().zip(attempts).filter_map(result).collect()
    }

    async fn add_dead_letter(
        &self,
        publication: &Publication,
        route: Option<&RouteName>,
        reason: &str,
    ) -> RecordOutcome {
        let key = match (&publication.scope, route) {
            (Scope::All | Scope::Topic(_), Some(route)) => publication.key.of_route(route),
            // A dead letter of a route stays one of that route, also if its item cannot be read any more.
            _ => publication.letter_key(),
        };
        // The attempts of the item's dead letter are not those of a route's.
        let is_own = key == publication.letter_key();
        let earlier_attempts = if is_own { publication.earlier_attempts } else { 0 };
        match self.dead_letters.add(&key, reason, earlier_attempts).await {
            Ok(state) => {
                let key = key.to_string();
                tracing::error!(key, "an event that cannot be published is a dead letter: {reason}");
                RecordOutcome::DeadLettered { state, is_own }
            }
            Err(error) => RecordOutcome::Failed(Failure::DeadLetterNotStored(error)),
        }
    }
}

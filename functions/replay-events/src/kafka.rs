//! Replays to Kafka.

use tokio::time::Instant;
use xzepr_domain::Replay;
use xzepr_publishing::{Failure, Publish};
use xzepr_store::PageItem;

use crate::{
    chunk::Chunk,
    pace::Pace,
    target::{Target, Waits},
};

/// Publishes the items that match the replay's filter.
pub(crate) struct Kafka<'a, P>(pub(crate) &'a mut P);

impl<P: Publish> Target for Kafka<'_, P> {
    async fn bring(
        &mut self,
        items: Vec<PageItem>,
        replay: &mut Replay,
        pace: &mut Pace,
        ends: Instant,
    ) -> Result<(), Waits> {
        let chunk = Chunk::new(items, replay);
        let outcomes = if replay.dry_run {
            self.0.preview(chunk.publications()).await
        } else {
            pace.wait_for(chunk.publications().len()).await;
            let within = ends.saturating_duration_since(Instant::now());
            self.0.publish(chunk.publications(), within).await
        };
        chunk.add_to(replay, outcomes).map_err(|failure| reason(&failure))
    }
}

fn reason(failure: &Failure) -> Waits {
    Waits(match failure {
        Failure::Undelivered(_) => "Kafka does not take events at the moment",
        Failure::SchemaWithoutId(_) => "The schema registry has no id for a schema at the moment",
        Failure::ReceiversNotRead(_) | Failure::DeadLetterNotStored(_) => {
            "A table does not respond at the moment"
        }
    })
}

//! One shard: its records are read, filtered, gathered to batches and delivered.

use tokio::time::{Instant, sleep};

use super::{
    delivery::{Delivery, FIRST_WAIT, LONGEST_WAIT, SendMessage},
    invocation::Invoke,
    position::KeepPosition,
    reader::ReadShard,
    record::StreamRecord,
};
use crate::error::Result;

/// A shard that is followed to its end.
pub(crate) struct Shard<R, F, P, Q> {
    reader: R,
    delivery: Delivery<F, P, Q>,
    /// Read and not yet delivered. All of them match a filter.
    gathered: Vec<StreamRecord>,
    gathering_since: Instant,
    /// The last record that was read, filtered out or not.
    read_up_to: Option<String>,
}

impl<R: ReadShard, F: Invoke, P: KeepPosition, Q: SendMessage> Shard<R, F, P, Q> {
    pub(crate) fn new(reader: R, delivery: Delivery<F, P, Q>) -> Self {
        Self { reader, delivery, gathered: Vec::new(), gathering_since: Instant::now(), read_up_to: None }
    }

    /// Delivers the shard to its end. While the stream is unavailable, this retries. A position that cannot be kept and
    /// a message that cannot be sent are errors.
    pub(crate) async fn follow(mut self) -> Result<()> {
        let mut wait = FIRST_WAIT;
        loop {
            match self.reader.read().await {
                Ok(page) => {
                    wait = FIRST_WAIT;
                    self.gather(page.records);
                    if page.is_last {
                        return self.deliver().await;
                    }
                }
                Err(error) => {
                    eprintln!("event source mapping: {error}");
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
            if self.is_batch_due() {
                self.deliver().await?;
            }
        }
    }

    fn gather(&mut self, records: Vec<StreamRecord>) {
        if let Some(last) = records.last() {
            self.read_up_to = Some(last.sequence_number.clone());
        }
        if self.gathered.is_empty() {
            self.gathering_since = Instant::now();
        }
        let filters = &self.delivery.mapping.filters;
        let matches = |record: &StreamRecord| filters.iter().any(|filter| filter.matches(&record.event));
        self.gathered.extend(records.into_iter().filter(matches));
    }

    fn is_batch_due(&self) -> bool {
        let mapping = &self.delivery.mapping;
        let is_window_over = self.gathering_since.elapsed() >= mapping.batching_window;
        !self.gathered.is_empty() && (is_window_over || self.gathered.len() >= mapping.batch_size)
    }

    async fn deliver(&mut self) -> Result<()> {
        let gathered = std::mem::take(&mut self.gathered);
        self.delivery.deliver(&gathered).await?;
        match &self.read_up_to {
            // Records that no filter matches move the position, too, but only together with a delivery: a position
            // costs a write.
            Some(number) if !gathered.is_empty() => self.delivery.position.advance(number),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, time::Duration};

    use super::*;
    use crate::{
        error::Error,
        event_source_mapping::{
            Mapping,
            fakes::{self, Deliveries, mapping, record, records},
            reader::Page,
        },
    };

    /// A shard with these pages. A read takes a second.
    struct Pages(VecDeque<Result<Vec<StreamRecord>>>);

    impl ReadShard for Pages {
        async fn read(&mut self) -> Result<Page> {
            sleep(Duration::from_secs(1)).await;
            let records = self.0.pop_front().unwrap()?;
            Ok(Page { records, is_last: self.0.is_empty() })
        }
    }

    async fn follow(
        mapping: Mapping,
        pages: impl IntoIterator<Item = Result<Vec<StreamRecord>>>,
    ) -> (Deliveries, Result<()>) {
        let deliveries = Deliveries::default();
        let shard = Shard::new(Pages(pages.into_iter().collect()), fakes::delivery(mapping, &deliveries));
        let followed = shard.follow().await;
        (deliveries, followed)
    }

    #[tokio::test(start_paused = true)]
    async fn records_that_no_filter_matches_are_not_delivered_and_move_the_position() {
        let page = vec![record(1, "INSERT"), record(2, "MODIFY"), record(3, "INSERT"), record(4, "REMOVE")];
        let (deliveries, followed) = follow(mapping(), [Ok(page), Ok(vec![record(5, "REMOVE")])]).await;
        followed.unwrap();
        assert_eq!(deliveries.batches(), [[1, 3]]);
        assert_eq!(deliveries.positions(), ["3", "4"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_is_due_when_it_is_full_or_its_window_is_over() {
        let mapping = Mapping { batch_size: 3, batching_window: Duration::from_secs(10), ..mapping() };
        let pages = [Ok(records(1..=2)), Ok(records(3..=3)), Ok(records(4..=4))];
        let nothing = (0..20).map(|_| Ok(Vec::new()));
        let (deliveries, followed) = follow(mapping, pages.into_iter().chain(nothing)).await;
        followed.unwrap();
        let invocations = deliveries.invocations();
        assert_eq!(deliveries.batches(), [vec![1, 2, 3], vec![4]]);
        // Record 4 was read after three seconds.
        assert_eq!([invocations[0].after.as_secs(), invocations[1].after.as_secs()], [2, 13]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_the_shard_ends_the_window() {
        let mapping = Mapping { batching_window: Duration::from_secs(300), ..mapping() };
        let (deliveries, followed) = follow(mapping, [Ok(records(1..=2)), Ok(Vec::new())]).await;
        followed.unwrap();
        let invocations = deliveries.invocations();
        assert_eq!((&invocations[0].records[..], invocations[0].after.as_secs()), (&[1, 2][..], 2));
    }

    #[tokio::test(start_paused = true)]
    async fn reads_that_fail_are_retried_and_lose_nothing() {
        let failed = || Err(Error::new("the stream is unavailable"));
        let pages = [Ok(records(1..=1)), failed(), failed(), Ok(records(2..=2))];
        let (deliveries, followed) = follow(mapping(), pages).await;
        followed.unwrap();
        assert_eq!(deliveries.batches(), [[1], [2]]);
        // Four reads of a second, and two waits.
        assert_eq!(deliveries.invocations()[1].after, Duration::from_millis(4000 + 250 + 500));
    }
}

//! The check after a fault: it compares callers, table, topic and dead letters.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use end_to_end::eventually;
use serde_json::Value;
use tokio::process::Command;

use crate::{
    bench::{Bench, now},
    figures::Figures,
};

/// How long an accepted event may take to arrive after a fault. An invocation that hangs ends after 60 s, and the
/// mapping waits before it tries again.
const ARRIVES_WITHIN: Duration = Duration::from_secs(180);

impl Bench {
    /// Waits until every event of the row is on the topic or a dead letter, and returns the row's figures.
    pub(crate) async fn reckon(&mut self) -> Figures {
        let accepted = self.ledger.ids();
        // This look is cheap: the next one reads the whole topic.
        eventually(ARRIVES_WITHIN, async || {
            let dead_letters = self.new_dead_letters().await;
            let others = accepted.iter().filter(|id| !dead_letters.contains(*id)).cloned();
            match self.recorder.missing(others) {
                0 => Ok(()),
                missing => Err(format!("{missing} of {} events are missing", accepted.len())),
            }
        })
        .await;
        // Events that were stored without a response must arrive too.
        let (figures, dead_letters) = eventually(ARRIVES_WITHIN, async || {
            let dead_letters = self.new_dead_letters().await;
            let figures = self.figures(&dead_letters).await;
            if figures.lost == 0 { Ok((figures, dead_letters)) } else { Err(format!("{figures:?}")) }
        })
        .await;
        self.known_dead_letters.extend(dead_letters);
        figures
    }

    async fn figures(&self, dead_letters: &HashSet<String>) -> Figures {
        let report = self.reconcile().await;
        let missing = report["missing"]["ids"].as_array().unwrap().iter();
        let missing = missing.filter(|id| !dead_letters.contains(id.as_str().unwrap())).count();
        let accepted = self.ledger.accepted.lock().unwrap();
        let stall = |(id, responded): (&String, &Instant)| {
            Some(self.recorder.of(id)?.first.saturating_duration_since(*responded))
        };
        let is_lost = |id: &&String| self.recorder.of(id).is_none() && !dead_letters.contains(*id);
        Figures {
            accepted: accepted.len(),
            refusals: self.ledger.refusals.lock().unwrap().clone(),
            published: report["published"].as_u64().unwrap(),
            doubled: report["doubled"]["count"].as_u64().unwrap(),
            dead_letters: dead_letters.len(),
            expected_dead_letters: self.expected_dead_letters,
            lost: accepted.keys().filter(is_lost).count().max(missing),
            invented: report["unknown"]["count"].as_u64().unwrap(),
            longest_stall: accepted.iter().filter_map(stall).max().unwrap_or_default(),
        }
    }

    /// The report of `local reconcile` about the row's time.
    pub(crate) async fn reconcile(&self) -> Value {
        let arguments = ["reconcile", "--start", self.began(), "--end", &now().await];
        let (succeeded, report) = self.local(&arguments).await;
        assert_eq!(
            succeeded,
            report["missing"]["count"] == 0,
            "the exit status shows whether an event is missing"
        );
        report
    }

    /// The sort keys of the dead letters that were added in this row.
    async fn new_dead_letters(&self) -> HashSet<String> {
        let (_, list) = self.local(&["dead-letters", "list"]).await;
        let keys = list["dead_letters"].as_array().unwrap().iter();
        let keys = keys.map(|letter| letter["sk"].as_str().unwrap().to_owned());
        keys.filter(|key| !self.known_dead_letters.contains(key)).collect()
    }

    /// Runs the command line as an operator does. Returns whether it succeeded, and its output.
    async fn local(&self, arguments: &[&str]) -> (bool, Value) {
        let mut local = Command::new(local::program("local"));
        let output = local.args(arguments).args(["--api-url", &self.stack.api_url]).output().await.unwrap();
        let printed = serde_json::from_slice(&output.stdout);
        (output.status.success(), printed.unwrap_or_else(|_| panic!("{arguments:?}: {output:?}")))
    }
}

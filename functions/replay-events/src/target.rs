//! Where a slice brings its events.

use tokio::time::Instant;
use xzepr_domain::Replay;
use xzepr_store::PageItem;

use crate::pace::Pace;

/// Brings items to the target of a replay.
pub(crate) trait Target {
    /// Brings the items of a page to the target, at the replay's pace and until the invocation ends. Adds the outcomes to
    /// the replay and moves its position, up to the first failure.
    async fn bring(
        &mut self,
        items: Vec<PageItem>,
        replay: &mut Replay,
        pace: &mut Pace,
        ends: Instant,
    ) -> Result<(), Waits>;
}

/// The reason why a replay waits, for the operator. The log has the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waits(pub(crate) &'static str);

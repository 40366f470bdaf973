//! The function that works on replays.

use std::future::Future;

use xzepr_lambda::ReplayWorker;

/// Works on replays.
pub(crate) trait Worker: Sync {
    /// Asks for work on a replay at once. If that fails, the schedule of resume-replays starts the work.
    fn wake(&self, replay: &str) -> impl Future<Output = ()> + Send;
}

impl Worker for ReplayWorker {
    async fn wake(&self, replay: &str) {
        self.start(replay).await;
    }
}

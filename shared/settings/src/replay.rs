//! `replay`: publishing a time range again.

use std::time::Duration;

use crate::{Settings, SettingsError, reader::Reader};

/// How a replay goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplaySettings {
    /// `XZEPR_REPLAY_MAX_EVENTS_PER_SECOND`, `replay.max_events_per_second`; default 1000, of each replay.
    pub max_events_per_second: u32,
    /// `XZEPR_REPLAY_LEASE_SECONDS`, `replay.lease_seconds`; default 30: so long after the death of the
    /// invocation that works on it, a replay can be taken by another. The lease is renewed in a third of it.
    pub lease: Duration,
    /// `XZEPR_REPLAY_FUNCTION_NAME`, `replay.function_name`; default `replay-events`: the function that is
    /// invoked to work on a replay.
    pub function_name: String,
}

impl ReplaySettings {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(settings);
        let max_events_per_second = reader.value(
            ("XZEPR_REPLAY_MAX_EVENTS_PER_SECOND", "replay.max_events_per_second"),
            1000,
            |rate| *rate >= 1,
            "must be a whole number of at least 1",
        );
        let lease = reader.value(
            ("XZEPR_REPLAY_LEASE_SECONDS", "replay.lease_seconds"),
            30,
            |seconds| (3..=600).contains(seconds),
            "must be a whole number of 3 to 600",
        );
        let function_name = reader
            .text(("XZEPR_REPLAY_FUNCTION_NAME", "replay.function_name"))
            .unwrap_or_else(|| "replay-events".to_owned());
        reader.finish(Self { max_events_per_second, lease: Duration::from_secs(lease), function_name })
    }
}

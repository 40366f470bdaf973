//! `replay`: publishing a time range again.

use crate::{Settings, SettingsError, reader::Reader};

/// How a replay goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplaySettings {
    /// `XZEPR_REPLAY_MAX_EVENTS_PER_SECOND`, `replay.max_events_per_second`; default 1000, of each replay.
    pub max_events_per_second: u32,
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
        reader.finish(Self { max_events_per_second })
    }
}

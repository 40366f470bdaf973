//! `replay`: publishing or indexing a time range again.

use std::time::Duration;

use crate::{
    Settings, SettingsError,
    reader::Reader,
    setting::{ANY_TEXT, Setting, settings},
};

settings! {
    MAX_EVENTS_PER_SECOND = Setting {
        variable: "XZEPR_REPLAY_MAX_EVENTS_PER_SECOND",
        key: "replay.max_events_per_second",
        default: Some("1000"),
        rule: "must be a whole number of at least 1",
    };
    LEASE_SECONDS = Setting {
        variable: "XZEPR_REPLAY_LEASE_SECONDS",
        key: "replay.lease_seconds",
        default: Some("30"),
        rule: "must be a whole number from 3 to 600",
    };
    FUNCTION_NAME = Setting {
        variable: "XZEPR_REPLAY_FUNCTION_NAME",
        key: "replay.function_name",
        default: Some("replay-events"),
        rule: ANY_TEXT,
    };
    INDEX_EVENTS_FUNCTION_NAME = Setting {
        variable: "XZEPR_INDEX_EVENTS_FUNCTION_NAME",
        key: "replay.index_events_function_name",
        default: Some("index-events"),
        rule: ANY_TEXT,
    };
}

/// How a replay works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplaySettings {
    /// The rate of each replay.
    pub max_events_per_second: u32,
    /// After the death of a replay's invocation, another invocation can take the replay when this time is over. The
    /// lease is renewed after a third of it.
    pub lease: Duration,
    /// The function that is invoked for a replay.
    pub function_name: String,
    /// The function that indexes events. The records that its mapping gave up are indexed again, all others are
    /// published again.
    pub index_events_function_name: String,
}

impl ReplaySettings {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(settings);
        let max_events_per_second = reader.checked(&MAX_EVENTS_PER_SECOND, |rate| *rate >= 1);
        let lease = reader.checked(&LEASE_SECONDS, |seconds| (3..=600).contains(seconds));
        let function_name = reader.value(&FUNCTION_NAME);
        let index_events_function_name = reader.value(&INDEX_EVENTS_FUNCTION_NAME);
        reader.finish(|| {
            Some(Self {
                max_events_per_second: max_events_per_second?,
                lease: Duration::from_secs(lease?),
                function_name: function_name?,
                index_events_function_name: index_events_function_name?,
            })
        })
    }
}

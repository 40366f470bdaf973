//! The figures of a simulation.

use super::SECOND;

/// Bounds of the histogram of lags: each is an eighth above the one before.
const FIRST_BOUND: u64 = 1_000;
const BOUNDS: usize = 160;

/// The figures.
#[derive(Debug, Clone)]
pub struct Totals {
    /// Records that came.
    pub arrived: u64,
    /// Records that are done.
    pub accepted: u64,
    /// Records that were given up.
    pub given_up: u64,
    /// Records that wait at the end.
    pub waiting: u64,
    /// Records that were done out of their order in a lane.
    pub out_of_order: u64,
    /// Invocations that ended.
    pub invocations: u64,
    /// The times of all invocations together.
    pub busy: u64,
    /// The sum of the lags of the records that are done.
    pub lags: u128,
    /// The longest lag of a record that is done.
    pub longest_lag: u64,
    /// When a lane was late the last time, if one was.
    pub late_until: Option<u64>,
    /// The end.
    pub ended: u64,
    /// The longest lag of the records that were done in each minute.
    minutes: Vec<u64>,
    bounds: Vec<u64>,
    histogram: Vec<u64>,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            arrived: 0,
            accepted: 0,
            given_up: 0,
            waiting: 0,
            out_of_order: 0,
            invocations: 0,
            busy: 0,
            lags: 0,
            longest_lag: 0,
            late_until: None,
            ended: 0,
            minutes: Vec::new(),
            bounds: std::iter::successors(Some(FIRST_BOUND), |bound| Some(bound + bound / 8))
                .take(BOUNDS)
                .collect(),
            histogram: vec![0; BOUNDS],
        }
    }
}

impl Totals {
    pub(super) fn done(&mut self, records: u64, lag: u64, now: u64) {
        let minute = usize::try_from(now / (60 * SECOND)).unwrap_or(usize::MAX - 1);
        self.minutes.resize(self.minutes.len().max(minute + 1), 0);
        if let Some(longest) = self.minutes.get_mut(minute) {
            *longest = lag.max(*longest);
        }
        self.accepted += records;
        self.lags += u128::from(lag) * u128::from(records);
        self.longest_lag = self.longest_lag.max(lag);
        let index = self.bounds.partition_point(|bound| *bound < lag);
        if let Some(count) = self.histogram.get_mut(index.min(BOUNDS - 1)) {
            *count += records;
        }
    }

    /// The mean lag.
    pub fn mean_lag(&self) -> f64 {
        if self.accepted == 0 { 0.0 } else { self.lags as f64 / self.accepted as f64 }
    }

    /// The longest lag of the records that were done in the minute of this time; `None` if the simulation ended before it.
    pub fn lag_at(&self, time: u64) -> Option<u64> {
        self.minutes.get(usize::try_from(time / (60 * SECOND)).ok()?).copied()
    }

    /// A lag that this share of the records does not exceed, up to an eighth above it.
    pub fn lag_of(&self, share: f64) -> u64 {
        let mut records = 0;
        for (bound, count) in self.bounds.iter().zip(&self.histogram) {
            records += count;
            if records as f64 >= share * self.accepted as f64 {
                return *bound;
            }
        }
        self.longest_lag
    }

    /// How many executions ran at once, in the mean.
    pub fn mean_executions(&self) -> f64 {
        if self.ended == 0 { 0.0 } else { self.busy as f64 / self.ended as f64 }
    }
}

//! A discrete-event simulation of an event source mapping: the shards of a stream, their batches and retries.
//!
//! A lane is a shard, or one of the parts of a shard that `ParallelizationFactor` makes. A lane has one invocation at a
//! time and keeps the order of its records. Time is in microseconds. All records of a run of [`Arrivals`] came at once.

mod arrivals;
mod batch;
mod lane;
mod outage;
mod totals;

use std::{cmp::Reverse, collections::BinaryHeap};

use self::lane::{Lane, Shared};
pub use self::{
    arrivals::Arrivals,
    outage::{Failure, Outage},
    totals::Totals,
};
use super::template::Mapping;

/// A second, in microseconds.
pub const SECOND: u64 = 1_000_000;

/// The wait before the first retry. It doubles up to [`Scenario::longest_wait`]. AWS documents neither.
const FIRST_WAIT: u64 = SECOND / 4;

/// A record is late if it is done after this time.
pub const LATE: u64 = 10 * SECOND;

/// The subject of a simulation.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// How many lanes there are.
    pub lanes: u64,
    /// The mapping's properties. A lane is a part of a shard already, so its factor is not used.
    pub mapping: Mapping,
    /// How often a lane asks for records.
    pub read_every: u64,
    /// The most records that it then gets.
    pub read_records: u64,
    /// The records of each lane.
    pub arrivals: Arrivals,
    /// The time of an invocation without records.
    pub fixed: u64,
    /// The time of a whole batch on top of that. A smaller one takes its share of it.
    pub full_batch: u64,
    /// Records that all lanes together can hand on in a second.
    pub shared_rate: Option<f64>,
    /// The time when the function fails.
    pub outage: Option<Outage>,
    /// The longest wait before a retry.
    pub longest_wait: u64,
    /// The end. With an outage it ends earlier, when no lane is late any more.
    pub until: u64,
}

/// Runs a scenario to its end.
pub fn run(scenario: &Scenario) -> Totals {
    let mut lanes: Vec<_> = (0..scenario.lanes).map(|lane| Lane::new(scenario, lane)).collect();
    let mut shared = Shared::default();
    // Lanes do not begin at the same time, as shards do not.
    let spread = |lane: usize| scenario.read_every * lane as u64 / scenario.lanes.max(1);
    let mut due: BinaryHeap<_> = (0..lanes.len()).map(|lane| Reverse((spread(lane), lane))).collect();
    let mut now = 0;
    while let Some(Reverse((time, index))) = due.pop() {
        if time >= scenario.until {
            now = scenario.until;
            break;
        }
        now = time;
        let Some(lane) = lanes.get_mut(index) else { continue };
        let next = lane.wake(now, &mut shared);
        due.push(Reverse((next, index)));
        if scenario.outage.is_some_and(|outage| outage.to <= now) && shared.late == 0 {
            break;
        }
    }
    let mut totals = shared.totals;
    totals.ended = now;
    for lane in lanes {
        lane.add_to(&mut totals);
    }
    totals
}

#[cfg(test)]
mod tests;

//! One lane: it reads its shard, invokes the function and retries.

use std::collections::VecDeque;

use super::{
    FIRST_WAIT, LATE, SECOND, Scenario, Totals,
    arrivals::{Run, Source},
    batch::{Batch, Outcome},
};

/// The state that lanes have in common.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) totals: Totals,
    /// Lanes whose last invocation failed, or whose last records were late.
    pub(super) late: u64,
    /// When the shared rate has handed on all that it was given.
    free_at: f64,
}

#[derive(Debug)]
struct Running {
    batch: Batch,
    began: u64,
    outcome: Outcome,
}

#[derive(Debug)]
pub(super) struct Lane<'a> {
    scenario: &'a Scenario,
    source: Source,
    /// Records in the stream that are not read.
    stream: VecDeque<Run>,
    /// Records that are read.
    read: VecDeque<Run>,
    read_records: u64,
    next_read: u64,
    /// When the first record that is read began to wait for a full batch.
    gathers_since: Option<u64>,
    /// Batches that come before all others, since they failed.
    again: VecDeque<Batch>,
    running: Option<Running>,
    wait: u64,
    next_number: u64,
    is_late: bool,
}

impl<'a> Lane<'a> {
    pub(super) fn new(scenario: &'a Scenario, index: u64) -> Self {
        Self {
            scenario,
            source: Source::new(scenario.arrivals, index),
            stream: VecDeque::new(),
            read: VecDeque::new(),
            read_records: 0,
            next_read: 0,
            gathers_since: None,
            again: VecDeque::new(),
            running: None,
            wait: FIRST_WAIT,
            next_number: 0,
            is_late: false,
        }
    }

    /// Does all that is due, and returns when it is to be woken again.
    pub(super) fn wake(&mut self, now: u64, shared: &mut Shared) -> u64 {
        if let Some(running) = self.running.take()
            && let Some(waits_until) = self.end(running, now, shared)
        {
            return waits_until;
        }
        self.read(now);
        let Some(batch) = self.next_batch(now, shared) else {
            return self
                .next_read
                .max(self.stream.front().map_or_else(|| self.source.next_slot(), |_| now + 1));
        };
        self.invoke(batch, now, shared)
    }

    fn end(&mut self, running: Running, now: u64, shared: &mut Shared) -> Option<u64> {
        shared.totals.invocations += 1;
        shared.totals.busy += now - running.began;
        if running.outcome == Outcome::Accepted {
            let mut lag = 0;
            for run in &running.batch.runs {
                shared.totals.out_of_order += u64::from(run.first < self.next_number) * run.count;
                self.next_number = run.first + run.count;
                lag = now - run.arrived;
                shared.totals.done(run.count, lag, now);
            }
            self.wait = FIRST_WAIT;
            self.set_late(lag > LATE || !self.again.is_empty(), now, shared);
            return None;
        }
        self.set_late(true, now, shared);
        let next = running.batch.after(running.outcome, &self.scenario.mapping);
        shared.totals.given_up += next.given_up.map_or(0, |batch| batch.records);
        for batch in next.again.into_iter().rev() {
            self.again.push_front(batch);
        }
        next.waits.then(|| {
            let until = now + self.wait;
            self.wait = (self.wait * 2).min(self.scenario.longest_wait);
            until
        })
    }

    fn set_late(&mut self, is_late: bool, now: u64, shared: &mut Shared) {
        if is_late || self.is_late {
            shared.totals.late_until = Some(now);
        }
        shared.late = shared.late + u64::from(is_late) - u64::from(self.is_late);
        self.is_late = is_late;
    }

    /// Reads the shard, unless a whole batch is read already.
    fn read(&mut self, now: u64) {
        while self.source.next_slot() <= now {
            self.stream.extend(self.source.next());
        }
        if now < self.next_read || self.read_records >= self.scenario.mapping.batch_size {
            return;
        }
        let batch = Batch::take(&mut self.stream, self.scenario.read_records);
        self.read_records += batch.records;
        self.read.extend(batch.runs);
        self.next_read = now + self.scenario.read_every;
    }

    fn next_batch(&mut self, now: u64, shared: &mut Shared) -> Option<Batch> {
        let mapping = &self.scenario.mapping;
        let oldest = now.saturating_sub(mapping.record_age_s * SECOND);
        loop {
            let mut batch = match self.again.pop_front() {
                Some(batch) => batch,
                None if self.gathers(now) => return None,
                None => {
                    let batch = Batch::take(&mut self.read, mapping.batch_size);
                    self.read_records -= batch.records;
                    self.gathers_since = None;
                    batch
                }
            };
            shared.totals.given_up += batch.take_before(oldest);
            if batch.records > 0 {
                return Some(batch);
            }
        }
    }

    /// Whether there is no batch yet.
    fn gathers(&mut self, now: u64) -> bool {
        let mapping = &self.scenario.mapping;
        if self.read_records == 0 {
            return true;
        }
        let since = *self.gathers_since.get_or_insert(now);
        self.read_records < mapping.batch_size && now < since + mapping.window_s * SECOND
    }

    fn invoke(&mut self, batch: Batch, now: u64, shared: &mut Shared) -> u64 {
        let scenario = self.scenario;
        let share = scenario.full_batch * batch.records / scenario.mapping.batch_size.max(1);
        let duration = scenario.fixed + share;
        let unhindered = (now + duration, Outcome::Accepted);
        let (mut end, outcome) = scenario.outage.map_or(unhindered, |outage| outage.end(now, duration));
        if let Some(rate) = scenario.shared_rate.filter(|_| outcome == Outcome::Accepted) {
            let begins = end.saturating_sub(duration) as f64;
            shared.free_at = shared.free_at.max(begins) + batch.records as f64 * SECOND as f64 / rate;
            end = end.max(crate::scale::number::ceil(shared.free_at));
        }
        self.running = Some(Running { batch, began: now, outcome });
        end
    }

    /// Adds the records of this lane to the figures.
    pub(super) fn add_to(self, totals: &mut Totals) {
        totals.arrived += self.source.total();
        let runs = self.stream.iter().chain(&self.read).map(|run| run.count);
        let batches = self.again.iter().chain(self.running.as_ref().map(|running| &running.batch));
        totals.waiting += runs.sum::<u64>() + batches.map(|batch| batch.records).sum::<u64>();
    }
}

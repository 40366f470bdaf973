//! The records of one shard as they come.

use fastrand::Rng;

/// Records that came at the same time, with consecutive sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The first sequence number.
    pub(super) first: u64,
    /// How many records there are.
    pub(super) count: u64,
    /// When they came, in microseconds.
    pub(super) arrived: u64,
}

/// How records come.
#[derive(Debug, Clone, Copy)]
pub struct Arrivals {
    /// Records in a second.
    pub rate: f64,
    /// Records that come within this time, in microseconds, come at its end.
    pub slot: u64,
    /// The seed of a Poisson process. Without one they come evenly.
    pub seed: Option<u64>,
}

/// Makes the runs of one shard.
#[derive(Debug)]
pub(super) struct Source {
    arrivals: Arrivals,
    rng: Rng,
    next_slot: u64,
    next_number: u64,
    owed: f64,
}

impl Source {
    pub(super) fn new(arrivals: Arrivals, lane: u64) -> Self {
        let rng = Rng::with_seed(arrivals.seed.unwrap_or_default().wrapping_mul(1 << 20).wrapping_add(lane));
        Self { arrivals, rng, next_slot: arrivals.slot, next_number: 0, owed: 0.0 }
    }

    /// When the next records may come.
    pub(super) fn next_slot(&self) -> u64 {
        self.next_slot
    }

    /// How many records have come.
    pub(super) fn total(&self) -> u64 {
        self.next_number
    }

    /// The records of the next slot, if it has any.
    pub(super) fn next(&mut self) -> Option<Run> {
        let arrived = self.next_slot;
        self.next_slot += self.arrivals.slot;
        let mean = self.arrivals.rate * self.arrivals.slot as f64 / 1e6;
        let count = if self.arrivals.seed.is_some() { self.poisson(mean) } else { self.even(mean) };
        let first = self.next_number;
        self.next_number += count;
        (count > 0).then_some(Run { first, count, arrived })
    }

    fn even(&mut self, mean: f64) -> u64 {
        self.owed += mean;
        // A sum of fractions may be a bit below the whole number that it stands for.
        let count = whole(self.owed + 1e-9);
        self.owed -= count as f64;
        count
    }

    /// By Knuth's products, and for a large mean by the sum of twelve uniform numbers, which is nearly normal and exact on
    /// every machine.
    fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 30.0 {
            let normal = (0..12).map(|_| self.rng.f64()).sum::<f64>() - 6.0;
            return whole(mean + normal * mean.sqrt() + 0.5);
        }
        let (limit, mut product, mut count) = ((-mean).exp(), self.rng.f64(), 0);
        while product > limit {
            product *= self.rng.f64();
            count += 1;
        }
        count
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(seed: Option<u64>, rate: f64) -> Vec<u64> {
        let mut source = Source::new(Arrivals { rate, slot: 10_000, seed }, 1);
        (0..100_000).map(|_| source.next().map_or(0, |run| run.count)).collect()
    }

    #[test]
    fn even_arrivals_come_at_their_rate() {
        let counts = counts(None, 250.0);
        assert_eq!((counts.iter().sum::<u64>(), counts.iter().max()), (250_000, Some(&3)));
    }

    #[test]
    fn random_arrivals_have_the_mean_and_the_variance_of_a_poisson_process() {
        for rate in [250.0, 10_000.0] {
            let counts = counts(Some(3), rate);
            let mean = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
            let square = |count: &u64| (*count as f64 - mean).powi(2);
            let variance = counts.iter().map(square).sum::<f64>() / counts.len() as f64;
            assert!((mean / (rate / 100.0) - 1.0).abs() < 0.02, "{mean}");
            assert!((variance / mean - 1.0).abs() < 0.03, "{variance} for {mean}");
        }
    }
}

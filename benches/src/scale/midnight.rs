//! The first minutes of a day. The 32 partition keys of a day are new, so their hashes lie in the partitions that the
//! table has. Where several lie in one partition, they share its units until DynamoDB has split it.
//!
//! DynamoDB's hash is not public. The keys' places are random here, and partitions have equal ranges.

use fastrand::Rng;

use super::{assumptions::Assumptions, limits};

/// Days that are drawn.
const DAYS: usize = 10_000;

/// How the keys of a day lie in partitions.
#[derive(Debug, Clone, Copy)]
pub struct Midnight {
    /// The keys in the fullest partition on the median day.
    pub median: u64,
    /// The keys in the fullest partition on one of 100 days.
    pub worst: u64,
    /// Events in a second that no partition throttles on the median day.
    pub events: f64,
}

/// Draws the days of a table with this number of partitions.
pub fn midnight(partitions: usize, keys: u64, assumptions: &Assumptions) -> Midnight {
    let mut rng = Rng::with_seed(assumptions.seed);
    let mut fullest: Vec<_> = (0..DAYS).map(|_| fullest(&mut rng, partitions.max(1), keys)).collect();
    fullest.sort_unstable();
    let of = |share: usize| fullest.get(DAYS * share / 100).copied().unwrap_or(keys);
    let median = of(50);
    let units = limits::PARTITION_WRITE_UNITS * keys as f64 / median as f64;
    Midnight { median, worst: of(99), events: units / assumptions.event_key_units() }
}

fn fullest(rng: &mut Rng, partitions: usize, keys: u64) -> u64 {
    let mut counts = vec![0; partitions];
    for _ in 0..keys {
        let place = rng.usize(..partitions);
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
    }
    counts.into_iter().max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_partitions_have_fewer_keys_each() {
        let mut rng = Rng::with_seed(1);
        assert_eq!(fullest(&mut rng, 1, 32), 32);
        let most: Vec<_> = [8, 64, 4_096].map(|partitions| fullest(&mut rng, partitions, 32)).into();
        assert!(most.is_sorted_by(|one, next| one >= next) && most[2] <= 2, "{most:?}");
    }
}

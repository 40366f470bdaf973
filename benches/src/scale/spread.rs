//! The spread of ids over the partition keys of a day, as the store makes both.

use std::collections::HashMap;

use fastrand::Rng;
use xzepr_domain::EventId;
use xzepr_store::Key;

/// How ids are spread over keys.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// How many ids there are.
    pub ids: usize,
    /// How many different partition keys they have.
    pub keys: usize,
    /// The share of the key with the most ids, in multiples of the mean.
    pub largest: f64,
}

impl Spread {
    /// The spread of these ids over their partition keys in the events' table.
    pub fn of(ids: impl IntoIterator<Item = EventId>) -> Self {
        let mut counts = HashMap::<_, usize>::new();
        for id in ids {
            *counts.entry(Key::event(id).partition).or_default() += 1;
        }
        Self::of_counts(counts.values().copied())
    }

    fn of_counts(counts: impl Iterator<Item = usize>) -> Self {
        let (mut ids, mut keys, mut most) = (0, 0, 0);
        for count in counts {
            (ids, keys, most) = (ids + count, keys + 1, most.max(count));
        }
        let largest = if ids == 0 { 0.0 } else { (most * keys) as f64 / ids as f64 };
        Self { ids, keys, largest }
    }
}

/// Ids as a POST makes them.
pub fn real_ids(count: usize) -> Vec<EventId> {
    (0..count).map(|_| EventId::generate()).collect()
}

/// Ids of the same kind from a seed: this number in each second, for this number of seconds.
pub fn seeded_ids(per_second: u64, seconds: u64, seed: u64) -> Vec<EventId> {
    /// 2026-11-28.
    const BEGIN_MS: u64 = 1_795_824_000_000;
    let mut rng = Rng::with_seed(seed);
    let ids = (0..per_second * seconds).map(|index| {
        let ms = BEGIN_MS + index * 1_000 / per_second.max(1);
        // The upper 48 of 128 bits are the time, and the others are random: https://github.com/ulid/spec
        EventId::of_number(u128::from(ms) << 80 | rng.u128(..) >> 48)
    });
    ids.collect()
}

/// The spread of each second's ids.
pub fn seconds(ids: &[EventId], per_second: usize) -> Vec<Spread> {
    ids.chunks(per_second.max(1)).map(|second| Spread::of(second.iter().copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::stream::keys;

    #[test]
    fn a_million_real_ids_are_spread_over_all_keys_and_the_largest_share_is_a_tenth_above_the_mean_at_most() {
        let ids = real_ids(1_000_000);
        let spread = Spread::of(ids.iter().copied());
        // Over midnight there would be the keys of two days.
        assert!(spread.ids == 1_000_000 && [32, 64].contains(&spread.keys), "{spread:?}");
        if spread.keys == 32 {
            assert!(spread.largest <= 1.1, "{spread:?}");
        }
    }

    #[test]
    fn seeded_ids_have_their_times_and_the_spread_of_real_ones() {
        let ids = seeded_ids(2_000, 5, 1);
        let span = ids[9_999].timestamp_ms() - ids[0].timestamp_ms();
        assert_eq!((ids.len(), span), (10_000, 4_999));
        for second in seconds(&ids, 2_000) {
            assert!(second.keys as u64 == keys() && second.largest < 1.6, "{second:?}");
        }
    }

    #[test]
    fn one_key_has_a_share_of_the_mean() {
        assert_eq!(Spread::of([EventId::first_of(1); 3]), Spread { ids: 3, keys: 1, largest: 1.0 });
        assert_eq!(Spread::of_counts([1, 3].into_iter()), Spread { ids: 4, keys: 2, largest: 1.5 });
    }
}

//! Ranges of event ids, and the two orders in which they are read.

use std::cmp::Ordering;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use crate::{EventId, time_range::ceil_ms};

/// An order of events. The order of ids is that of their creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// The highest id first.
    #[default]
    NewestFirst,
    /// The lowest id first.
    OldestFirst,
}

impl Order {
    /// `Less` if one comes before the other.
    pub fn compare<T: Ord>(self, one: &T, other: &T) -> Ordering {
        match self {
            Self::NewestFirst => other.cmp(one),
            Self::OldestFirst => one.cmp(other),
        }
    }
}

/// The ids from a lowest one to a highest one, both included. It contains at least one id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    lowest: EventId,
    highest: EventId,
}

impl IdRange {
    /// All ids.
    pub fn all() -> Self {
        Self { lowest: EventId::first_of(0), highest: EventId::last_of(u64::MAX) }
    }

    /// The ids between two ids, both included. `None` if there are none.
    pub fn new(lowest: EventId, highest: EventId) -> Option<Self> {
        (lowest <= highest).then_some(Self { lowest, highest })
    }

    /// The ids of the milliseconds that are not before `from` and before `to`. `None` if there are none.
    pub fn between(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Option<Self> {
        let all = Self::all();
        let lowest = from.map_or(all.lowest, |from| EventId::first_of(ceil_ms(from)));
        let highest = match to {
            Some(to) => EventId::last_of(ceil_ms(to).checked_sub(1)?),
            None => all.highest,
        };
        Self::new(lowest, highest)
    }

    /// The ids of a day (UTC). `None` if no id has this day.
    pub fn of_day(day: NaiveDate) -> Option<Self> {
        let start = |day: NaiveDate| u64::try_from(day.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
        let next = start(day.checked_add_days(Days::new(1))?).ok()?;
        Self::new(EventId::first_of(start(day).ok()?), EventId::last_of(next.checked_sub(1)?))
    }

    /// The lowest id.
    pub fn lowest(self) -> EventId {
        self.lowest
    }

    /// The highest id.
    pub fn highest(self) -> EventId {
        self.highest
    }

    /// The id that comes first in this order.
    pub fn first(self, order: Order) -> EventId {
        match order {
            Order::NewestFirst => self.highest,
            Order::OldestFirst => self.lowest,
        }
    }

    /// The id that comes last in this order.
    pub fn last(self, order: Order) -> EventId {
        match order {
            Order::NewestFirst => self.lowest,
            Order::OldestFirst => self.highest,
        }
    }

    /// Whether the id is one of the range.
    pub fn contains(self, id: EventId) -> bool {
        self.lowest <= id && id <= self.highest
    }

    /// The ids that are in both ranges.
    pub fn intersect(self, other: Self) -> Option<Self> {
        Self::new(self.lowest.max(other.lowest), self.highest.min(other.highest))
    }

    /// The ids that do not come before this one. `None` if there are none.
    pub fn starting_at(self, id: EventId, order: Order) -> Option<Self> {
        match order {
            Order::NewestFirst => Self::new(self.lowest, self.highest.min(id)),
            Order::OldestFirst => Self::new(self.lowest.max(id), self.highest),
        }
    }

    /// The ids that come after this one. `None` if there are none.
    pub fn after(self, id: EventId, order: Order) -> Option<Self> {
        match order {
            Order::NewestFirst => Self::new(self.lowest, self.highest.min(id.previous()?)),
            Order::OldestFirst if id == Self::all().highest => None,
            Order::OldestFirst => Self::new(self.lowest.max(id.next()), self.highest),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time(text: &str) -> Option<DateTime<Utc>> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_range_includes_its_start_and_excludes_its_end() {
        let range = IdRange::between(time("2024-01-15T10:30:00Z"), time("2024-01-15T10:30:00.001Z")).unwrap();
        let ms = 1_705_314_600_000;
        assert_eq!((range.lowest(), range.highest()), (EventId::first_of(ms), EventId::last_of(ms)));
        assert_eq!(IdRange::between(None, None), Some(IdRange::all()));
        assert_eq!(IdRange::between(None, time("1970-01-01T00:00:00Z")), None);
        let (from, to) = (time("2024-01-15T10:30:00.0001Z"), time("2024-01-15T10:30:00.0002Z"));
        assert_eq!(IdRange::between(from, to), None, "no millisecond lies between them");
    }

    #[test]
    fn a_day_ends_before_the_first_millisecond_of_the_next_day() {
        let day = IdRange::of_day("1970-01-02".parse().unwrap()).unwrap();
        let ms = 24 * 60 * 60 * 1000;
        assert_eq!((day.lowest(), day.highest()), (EventId::first_of(ms), EventId::last_of(2 * ms - 1)));
        assert_eq!(IdRange::of_day("1969-12-31".parse().unwrap()), None);
    }

    #[test]
    fn nothing_comes_after_the_last_id() {
        let all = IdRange::all();
        for order in [Order::NewestFirst, Order::OldestFirst] {
            assert_eq!(all.after(all.last(order), order), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_range_is_cut_at_an_id_in_either_order(ids in proptest::array::uniform4(0..50_u64)) {
            let [lowest, highest, id, other] = ids.map(EventId::first_of);
            let Some(range) = IdRange::new(lowest, highest) else { return Ok(()) };
            for order in [Order::NewestFirst, Order::OldestFirst] {
                let has = |range: Option<IdRange>| range.is_some_and(|range| range.contains(other));
                let compared = order.compare(&other, &id);
                prop_assert_eq!(has(range.after(id, order)), range.contains(other) && compared.is_gt());
                prop_assert_eq!(has(range.starting_at(id, order)), range.contains(other) && compared.is_ge());
            }
        }
    }
}

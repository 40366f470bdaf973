//! The tables about partition keys.

use super::LOADS;
use crate::scale::{
    assumptions::Assumptions,
    index_keys::{events, hottest},
    limits,
    markdown::table,
    midnight::midnight,
    number::{ceil, grouped, rate},
    spread::{Spread, real_ids, seconds as spreads, seeded_ids},
    stream::keys,
};

/// Ids that are spread.
const IDS: usize = 1_000_000;

pub(super) fn real() -> String {
    let ids = real_ids(IDS);
    let row = |name: String, spread: Spread| {
        vec![name, grouped(spread.ids as u64), spread.keys.to_string(), format!("{:.3}", spread.largest)]
    };
    let all = Spread::of(ids.iter().copied());
    let chunks = [1_000, 30_000, 300_000].map(|count| {
        let fullest = spreads(&ids, count).into_iter().filter(|spread| spread.ids == count);
        let worst = fullest.max_by(|one, other| one.largest.total_cmp(&other.largest));
        worst.map(|spread| row(format!("worst of {} in turn", grouped(count as u64)), spread))
    });
    let rows = [Some(row("all".to_owned(), all))].into_iter().chain(chunks).flatten();
    table(&["Real ids", "ids", "keys", "largest share, × mean"], rows)
}

pub(super) fn seconds(assumptions: &Assumptions) -> String {
    let headings = [
        "Events/s",
        "keys in a second",
        "mean of a key/s",
        "most writes of a key in a second",
        "largest share, × mean",
    ];
    let rows = LOADS.map(|load| {
        let per_second = ceil(load);
        // A high load has fewer seconds.
        let count = (300_000 / per_second).clamp(1, 60);
        let ids = seeded_ids(per_second, count, assumptions.seed);
        let seconds = spreads(&ids, usize::try_from(per_second).unwrap_or(usize::MAX));
        let fewest = seconds.iter().map(|spread| spread.keys).min().unwrap_or_default();
        let mean = load / keys() as f64;
        let most =
            seconds.iter().map(|spread| spread.largest * load / spread.keys as f64).fold(0.0, f64::max);
        let all = Spread::of(ids);
        vec![
            grouped(per_second),
            fewest.to_string(),
            rate(mean),
            grouped(ceil(most - 0.5)),
            if all.ids < 1_000 { "-".to_owned() } else { format!("{:.3}", all.largest) },
        ]
    });
    table(&headings, rows)
}

pub(super) fn midnights(assumptions: &Assumptions) -> String {
    let headings = [
        "Partitions of the table",
        "keys of a day",
        "keys in the fullest, median day",
        "one day of 100",
        "events/s without throttling, median day",
    ];
    let rows = [(4, 32), (32, 32), (64, 32), (128, 32), (512, 32), (64, 1_024), (512, 1_024)];
    let rows = rows.map(|(partitions, keys)| {
        let day = midnight(partitions, keys, assumptions);
        vec![
            partitions.to_string(),
            grouped(keys),
            day.median.to_string(),
            day.worst.to_string(),
            rate(day.events),
        ]
    });
    table(&headings, rows)
}

pub(super) fn index(assumptions: &Assumptions) -> String {
    let headings = ["Kind of key", "keys", "share of the hottest", "1,000/s", "30,000/s", "300,000/s"];
    let hottest = hottest(events(100_000, assumptions.receivers, assumptions.seed));
    let rows = hottest.iter().map(|kind| {
        // The marker of a day is written once in a batch.
        let batch = if kind.kind == "DAYS" { 500.0 } else { 1.0 };
        let writes = [1_000.0, 30_000.0, 300_000.0].map(|load| {
            let writes = load * kind.share / batch;
            let mark = if writes > limits::PARTITION_WRITE_UNITS { "**" } else { "" };
            format!("{mark}{}{mark}", rate(writes))
        });
        let share =
            if kind.share < 0.001 { "<0.1 %".to_owned() } else { format!("{:.0} %", kind.share * 100.0) };
        [format!("`{}`", kind.kind), grouped(kind.keys as u64), share].into_iter().chain(writes).collect()
    });
    table(&headings, rows)
}

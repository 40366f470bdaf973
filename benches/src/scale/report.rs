//! The tables of the command. `docs/scale.md` has them too, and a test holds both equal.

mod keys;
mod load;

use super::{
    artifact::{artifact, most_receivers},
    assumptions::Assumptions,
    markdown::table,
    number::{ceil, grouped, rate},
    reckoning::{Limit, limits},
    template::Template,
};

/// Events of callers in a second.
pub const LOADS: [f64; 4] = [1.0, 1_000.0, 30_000.0, 300_000.0];

/// The tables that follow from the options alone, each with its heading.
pub fn tables(template: &Template, assumptions: &Assumptions) -> Vec<(&'static str, String)> {
    let limits = limits(template, assumptions);
    vec![
        ("Limits", of_limits(&limits)),
        ("Above a limit", above(&limits)),
        ("Shards, executions and connections", load::needs(template, assumptions)),
        ("Lag, and an outage of an hour", load::lags(template, assumptions)),
        ("With other settings", load::remedies(template, assumptions)),
        ("Ids in a second", keys::seconds(assumptions)),
        ("The first minutes of a day", keys::midnights(assumptions)),
        ("Keys of the index", keys::index(assumptions)),
        ("One artifact", of_artifacts(assumptions)),
    ]
}

/// The spread of real ids. It differs from run to run.
pub fn spread() -> String {
    keys::real()
}

fn of_limits(limits: &[Limit]) -> String {
    let headings: Vec<_> = ["Limit", "met at events/s"].map(str::to_owned).into();
    let loads = LOADS.map(|load| grouped(ceil(load)));
    let headings: Vec<_> = headings.into_iter().chain(loads).collect();
    let headings: Vec<_> = headings.iter().map(|heading| &**heading).collect();
    let rows = limits.iter().map(|limit| {
        let shares = LOADS.map(|load| share(load / limit.events));
        [limit.name.to_owned(), rate(limit.events)].into_iter().chain(shares).collect()
    });
    table(&headings, rows)
}

/// The load as a share of a limit, or as its multiple.
fn share(share: f64) -> String {
    match share {
        share if share < 0.01 => "<1 %".to_owned(),
        share if share < 1.0 => format!("{:.0} %", share * 100.0),
        share => format!("**{share:.1} ×**"),
    }
}

fn above(limits: &[Limit]) -> String {
    let row = |limit: &Limit| [limit.name, limit.gives, limit.seen, limit.change].map(str::to_owned).into();
    table(&["Limit", "Above it", "Seen by", "To change"], limits.iter().map(row))
}

fn of_artifacts(assumptions: &Assumptions) -> String {
    let headings = [
        "Receivers of the artifact",
        "Units of a write",
        "Successes/s",
        "Failures/s, by units",
        "Failures/s, one transaction after the other",
        "Evaluated/s in one shard",
    ];
    let receivers = [1.0, 10.0, 100.0, 1_000.0, (most_receivers() / 100.0).floor() * 100.0];
    let rows = receivers.map(|receivers| {
        let one = artifact(receivers, assumptions);
        let rates = [one.units, one.successes, one.failures, one.failures_in_turn, one.evaluated].map(rate);
        [grouped(ceil(receivers))].into_iter().chain(rates).collect()
    });
    table(&headings, rows)
}

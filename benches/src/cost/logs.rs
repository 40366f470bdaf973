//! The bytes of logs. docs/operations.md, Logs, has the lines. Lambda's own lines about a run are some 600 bytes of each.

use crate::cost::{GB, Line, Load, SECONDS, prices::Prices, runs::Runs};

/// `create-event`: a run without its events.
const CREATE: f64 = 1000.0;

/// `create-event`: a line for each event.
const ACCEPTED: f64 = 500.0;

/// `publish-events`: a run without its routes.
const PUBLISH: f64 = 1000.0;

/// `publish-events`: a line for each route.
const PUBLISHED: f64 = 500.0;

/// `publish-events`: the id of each event on each route.
const PUBLISHED_ID: f64 = 27.0;

/// `index-events`: a run.
const INDEX: f64 = 1000.0;

/// `index-events`: a line for each completion.
const COMPLETE: f64 = 300.0;

/// `query-registry`: a run.
const QUERY: f64 = 1000.0;

/// The access log: a line for each request.
const ACCESS: f64 = 600.0;

/// The cost of the logs.
pub(crate) fn line(load: &Load, runs: Runs, prices: &Prices) -> Line {
    let posts = load.posts_per_second();
    let create = posts * CREATE + load.events_per_second * ACCEPTED;
    let publish = runs.per_second * (PUBLISH + load.routes() * (PUBLISHED + runs.events * PUBLISHED_ID));
    let index = runs.per_second * INDEX + load.completions_per_second() * COMPLETE;
    let functions = create + publish + index + load.reads_per_second * QUERY;
    let access = (posts + load.reads_per_second) * ACCESS;
    let gb = |bytes_per_second: f64| bytes_per_second * SECONDS / GB;
    let usd = prices.prices.function_logs.of(gb(functions)) + prices.prices.other_logs.of(gb(access));
    Line::new("CloudWatch, logs", usd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::runs::runs;

    #[test]
    fn a_batch_logs_less_than_its_events_one_by_one() {
        let prices = Prices::own().unwrap();
        let usd = |events_per_request| {
            let load = Load { events_per_request, ..Load::of(10.0) };
            line(&load, runs(&load, 10.0), &prices).usd
        };
        assert!(usd(50.0) < 0.7 * usd(1.0), "{} {}", usd(50.0), usd(1.0));
    }
}

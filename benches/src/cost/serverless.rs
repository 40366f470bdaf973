//! The cost of the stack under a load.

use crate::cost::{
    Functions, Line, Load, SECONDS, Work, fixed,
    functions::{FURTHER_ROUTE, PUBLISHING_CPU_MS_A_BYTE},
    kafka, logs,
    prices::Prices,
    runs::runs,
    table,
};

/// The size of a request that API Gateway counts as one: 512 KB.
const REQUEST_BYTES: f64 = 512.0 * 1024.0;

/// US dollars in a month by component, without the free tier. The stream costs nothing, since functions alone read it.
pub fn serverless(load: &Load, functions: &Functions, prices: &Prices) -> Vec<Line> {
    let on = functions.architecture;
    let posts = load.posts_per_second();
    let units = (load.event_bytes * load.events_per_request / REQUEST_BYTES).ceil();
    let requests = posts * units + load.reads_per_second;
    let writes = table::writes_of_posts(load);
    let runs = runs(load, writes);
    let publish = publishing(load, functions.publish_events);
    let cost = |work: Work, per_second, events| work.usd(per_second, events, on, prices);
    let mut lines = vec![
        Line::new("API Gateway", prices.prices.api_requests.of(requests * SECONDS)),
        Line::new("Lambda, create-event", cost(functions.create_event, posts, load.events_per_request)),
        Line::new("Lambda, publish-events", cost(publish, runs.per_second, runs.events)),
        Line::new("Lambda, index-events", cost(functions.index_events, runs.per_second, runs.events)),
        Line::new("Lambda, query-registry", cost(functions.query_registry, load.reads_per_second, 1.0)),
    ];
    lines.extend(table::lines(load, runs, prices));
    lines.push(logs::line(load, runs, prices));
    lines.extend(fixed::lines(on, prices));
    lines.push(kafka::line(load, prices));
    lines
}

/// Publishing an event of this size on these routes.
fn publishing(load: &Load, one_route: Work) -> Work {
    let on_one = one_route.cpu_ms_an_event + load.event_bytes * PUBLISHING_CPU_MS_A_BYTE;
    let further = (load.routes() - 1.0).max(0.0);
    Work { cpu_ms_an_event: on_one * (1.0 + further * FURTHER_ROUTE), ..one_route }
}

//! Batches of publish-events: sizes, formats and routes.

use axum::body::Bytes;
use local::Result;
use serde_json::{Value, json};

use super::{
    publish_events,
    warm::{self, Case, HELLO_RECORD, Plan, RECORD},
};
use crate::measure::{Bench, bars::Bars, inputs, report::Matrix, subject::Subject, svg};

/// The numbers of records.
const SIZES: [usize; 4] = [1, 10, 100, 500];

/// The most bytes of an invocation's event: Lambda's limit. An event source mapping splits a larger batch.
const MAX_EVENT_BYTES: usize = 6 << 20;

/// The formats that take any event.
const FORMATS: [&str; 4] = ["xzepr", "cloudevents", "cloudevents-binary", "epr"];

const PLAN: Plan = Plan { starts: 6, invocations: 25 };

/// publish-events with batches of each size, then with each format and with several routes. Draws
/// `batches.svg` into the target folder.
pub(super) async fn batches(bench: &Bench) -> Result<Matrix> {
    inputs::declare_receiver(&bench.dynamodb).await?;
    let kafka = publish_events::kafka(bench).await?;
    let publisher = || publish_events::publisher(bench, &kafka);
    let hello = Subject::new(bench, "hello world", "hello-world");
    let mut matrix = warm::of_batches("Batches");
    let small = inputs::records(&bench.dynamodb, 500, 500).await?;
    let large = inputs::records(&bench.dynamodb, 500, 10_000).await?;
    for (payload, records) in [("500 B", &small), ("10 KB", &large)] {
        for size in SIZES {
            if let Some(case) = case(format!("{size} × {payload}"), records, size) {
                warm::measure(&mut matrix, &publisher(), &hello, &case, &PLAN, publish_events::check).await?;
            }
        }
    }
    for format in FORMATS {
        let publisher = publisher().with("XZEPR_FORMAT", format);
        if let Some(case) = case(format!("100 × 500 B, `{format}`"), &small, 100) {
            warm::measure(&mut matrix, &publisher, &hello, &case, &PLAN, publish_events::check).await?;
        }
    }
    for count in 2..=FORMATS.len() {
        let publisher = publisher().with("XZEPR_ROUTES", routes(count));
        for (payload, records) in [("500 B", &small), ("10 KB", &large)] {
            if let Some(case) = case(format!("100 × {payload}, {count} routes"), records, 100) {
                warm::measure(&mut matrix, &publisher, &hello, &case, &PLAN, publish_events::check).await?;
            }
        }
    }
    svg::write("batches.svg", &picture(&matrix).svg())?;
    Ok(matrix)
}

/// The CPU a record. It is many times as much in a batch of one record, which is left out so that the others can be seen.
fn picture(matrix: &Matrix) -> Bars {
    let mut bars = Bars::new("Batches of publish-events, CPU a record", "µs");
    for input in matrix.inputs().filter(|input| !input.starts_with("1 ×")) {
        for (series, quantity) in [("publish-events", RECORD), ("hello world", HELLO_RECORD)] {
            if let Some(summary) = matrix.quantity(input, quantity) {
                bars.add(input, series, summary);
            }
        }
    }
    bars
}

/// A batch of the first records. `None` if Lambda would not take it.
pub(super) fn case(name: String, records: &[Value], size: usize) -> Option<Case> {
    let event: Bytes = inputs::batch(records.get(..size)?);
    let records = u32::try_from(size).ok()?;
    (event.len() <= MAX_EVENT_BYTES).then_some(Case { name, event, records })
}

/// This many routes to the topic, each with a format of its own.
fn routes(count: usize) -> String {
    let routes = FORMATS.iter().take(count);
    let topic = publish_events::TOPIC;
    let routes = routes.map(|format| json!({"name": format, "topic": topic, "format": format}));
    Value::from(routes.collect::<Vec<_>>()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_lambda_refuses_is_no_case() {
        let records = vec![Value::from("n".repeat(1 << 20)); 6];
        assert!(case(String::new(), &records, 5).is_some());
        assert!(case(String::new(), &records, 6).is_none());
        assert!(case(String::new(), &records, 7).is_none());
    }
}

//! Growth: the same work with ten and a hundred times as much of one thing.

use axum::body::Bytes;
use local::{Context, Result};
use xzepr_domain::{Event, EventId};

use super::{
    batches, gates, publish_events, requests,
    warm::{self, Case, WALL},
};
use crate::measure::{
    Bench,
    environment::Cost,
    inputs::{self, requests as api},
    plot::Plot,
    report::{Column, Matrix},
    subject::Subject,
    svg,
};

const FACTORS: [usize; 3] = [1, 10, 100];
const STARTS: usize = 7;
const INVOCATIONS: usize = 15;

const CPU: &str = "CPU, ms";
const FIRST: &str = "CPU of the first invocation, ms";
const MEMORY: &str = "peak memory, MB";

/// The first day of the events of a search, in milliseconds since 1970: 2020-01-01. No other row has events there.
const FIRST_DAY_MS: u64 = 1_577_836_800_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The events of a search over days.
const EVENTS: u64 = 40;

/// An input, and the curve and place of its point.
struct Point {
    curve: &'static str,
    factor: usize,
    subject: Subject,
    case: Case,
    check: fn(&Bytes) -> Result<()>,
}

/// A table of all points. Draws `growth-cpu.svg` and `growth-memory.svg` into the target folder.
pub(super) async fn growth(bench: &Bench) -> Result<Matrix> {
    let kafka = publish_events::kafka(bench).await?;
    let mut points = posts(bench).await?;
    points.extend(searches(bench).await?);
    let records = inputs::records(&bench.dynamodb, 500, 500).await?;
    for size in [5, 50, 500] {
        if let Some(case) = batches::case(format!("batch of {size}"), &records, size) {
            let subject = publish_events::publisher(bench, &kafka);
            let (curve, factor) = ("batch of 5 to 500", size / 5);
            points.push(Point { curve, factor, subject, case, check: publish_events::check });
        }
    }
    for factor in FACTORS {
        let case = gates::completions(bench, factor).await?;
        let (curve, subject) = ("group of 1 to 100", gates::indexer(bench));
        points.push(Point { curve, factor, subject, case, check: publish_events::check });
    }
    let columns = [
        ("CPU", Column::Median(CPU)),
        ("CPU, first", Column::Median(FIRST)),
        ("wall", Column::Median(WALL)),
        ("peak memory", Column::Median(MEMORY)),
    ];
    let mut matrix = Matrix::new("Growth", "Input", columns);
    for _ in 0..STARTS {
        for Point { subject, case, check, .. } in &points {
            let run = warm::run(subject, case, INVOCATIONS, *check).await?;
            matrix.add(&case.name, FIRST, run.first.cpu.as_secs_f64() * 1e3);
            matrix.add(&case.name, MEMORY, run.peak);
            for Cost { wall, cpu } in run.later {
                matrix.add(&case.name, CPU, cpu.as_secs_f64() * 1e3);
                matrix.add(&case.name, WALL, wall.as_secs_f64() * 1e3);
            }
        }
    }
    draw("growth-cpu.svg", Plot::new("Growth", "CPU of a warm invocation, ms"), CPU, &points, &matrix)?;
    draw("growth-memory.svg", Plot::new("Growth", "peak memory, MB"), MEMORY, &points, &matrix)?;
    Ok(matrix)
}

/// POSTs with larger payloads, and to receivers with larger schemas.
async fn posts(bench: &Bench) -> Result<Vec<Point>> {
    inputs::declare_receiver(&bench.dynamodb).await?;
    let mut points = Vec::new();
    let point = |curve, factor, name, event| Point {
        curve,
        factor,
        subject: Subject::new(bench, "create-event", "create-event"),
        case: Case { name, event, records: 1 },
        check: requests::check,
    };
    for factor in FACTORS {
        let name = format!("payload of {} KB", 2 * factor);
        points.push(point("payload of 2 to 200 KB", factor, name, inputs::post(2_000 * factor)?));
    }
    for factor in FACTORS {
        let receiver = inputs::declare_wide_receiver(&bench.dynamodb, 10 * factor).await?;
        let name = format!("schema of {} properties", 10 * factor);
        points.push(point("schema of 10 to 1000 properties", factor, name, api::post_to(receiver)?));
    }
    Ok(points)
}

/// Searches by name for larger pages, and over more days without a name.
async fn searches(bench: &Bench) -> Result<Vec<Point>> {
    const NAME: &str = "growth";
    let mut events = Vec::new();
    let days = 10;
    for number in 0..500_u64 {
        // The first ones are spread over the days, the others come later.
        let ms = if number < EVENTS { number * days * DAY_MS / EVENTS } else { 400 * DAY_MS + number };
        let name = NAME.to_owned().try_into().context("a name")?;
        let event = Event { id: EventId::first_of(FIRST_DAY_MS + ms), name, ..xzepr_fixtures::event() };
        bench.dynamodb.table().put_event(&event, None, None).await.context("storing an event")?;
        events.push(event);
    }
    bench.dynamodb.index().put_search_items(&events).await.context("storing search items")?;
    let mut points = Vec::new();
    let mut add = |curve, factor, name: String, parameters: &[(&str, &str)]| -> Result<()> {
        points.push(Point {
            curve,
            factor,
            subject: Subject::new(bench, "query-registry", "query-registry"),
            case: Case { name, event: api::get("events", parameters)?, records: 1 },
            check: requests::check,
        });
        Ok(())
    };
    for factor in FACTORS {
        let limit = (5 * factor).to_string();
        let parameters = [("name", NAME), ("limit", limit.as_str())];
        add("page of 5 to 500 events", factor, format!("search, page of {limit}"), &parameters)?;
    }
    for (factor, to) in [(1, "2020-01-02T00:00:00Z"), (10, "2020-01-11T00:00:00Z")] {
        let parameters = [("from", "2020-01-01T00:00:00Z"), ("to", to), ("limit", "50")];
        let name = format!("search over {factor} days, 50 at most");
        add("search over 1 to 10 days", factor, name, &parameters)?;
    }
    Ok(points)
}

/// Writes the picture of a quantity.
fn draw(file: &str, mut plot: Plot, quantity: &str, points: &[Point], matrix: &Matrix) -> Result<()> {
    for Point { curve, factor, case, .. } in points {
        if let Some(summary) = matrix.quantity(&case.name, quantity) {
            plot.add(curve, *factor as f64, summary.median);
        }
    }
    svg::write(file, &plot.svg())
}

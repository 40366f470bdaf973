//! The tables that `cost` prints, as Markdown.

use std::fmt::Write;

use crate::cost::{Functions, Line, Load, Prices, Rival, always_on, crossing, serverless, total};

/// US dollars in a month by component with a column for each load, the sums for a million events, and the crossing point.
pub fn report(loads: &[Load], functions: &Functions, rival: &Rival, prices: &Prices) -> String {
    let stack: Vec<_> = loads.iter().map(|load| Some(serverless(load, functions, prices))).collect();
    let pair: Vec<_> = loads.iter().map(|load| always_on(load, rival, prices)).collect();
    let rates: Vec<_> =
        loads.iter().map(|load| format!("{}/s", with_commas(load.events_per_second))).collect();
    let mut text = format!("USD in a month, {}, prices of {}\n\n", prices.region, prices.date);
    row(&mut text, "Events", &rates);
    row(&mut text, "---", &rates.iter().map(|_| "---:".to_owned()).collect::<Vec<_>>());
    components(&mut text, &stack);
    sums(&mut text, "**The stack**", &stack, |usd, _| usd, loads);
    sums(&mut text, "for a million events", &stack, a_million, loads);
    components(&mut text, &pair);
    sums(&mut text, "**The always-on pair**", &pair, |usd, _| usd, loads);
    sums(&mut text, "for a million events", &pair, a_million, loads);
    text.push('\n');
    if let Some(load) = loads.first() {
        text += &match crossing(load, functions, rival, prices) {
            Some(rate) => {
                let events = rate * crate::cost::SECONDS / 1e6;
                format!("Both cost the same at {rate:.1} events a second, {events:.0} million in a month.\n")
            }
            None => "At no rate does the stack cost more.\n".to_owned(),
        };
    }
    text
}

/// A row for each component that costs something.
fn components(text: &mut String, columns: &[Option<Vec<Line>>]) {
    let Some(first) = columns.iter().flatten().next() else { return };
    for (index, line) in first.iter().enumerate() {
        let costs: Vec<_> = columns
            .iter()
            .map(|lines| lines.as_ref().and_then(|lines| Some(lines.get(index)?.usd)))
            .collect();
        if costs.iter().flatten().any(|usd| *usd > 0.0) {
            row(text, line.component, &costs.into_iter().map(cell).collect::<Vec<_>>());
        }
    }
}

fn sums(
    text: &mut String,
    title: &str,
    columns: &[Option<Vec<Line>>],
    amount: impl Fn(f64, &Load) -> f64,
    loads: &[Load],
) {
    let cells = columns.iter().zip(loads).map(|(lines, load)| {
        let usd = lines.as_ref().map(|lines| amount(total(lines), load));
        cell(usd)
    });
    row(text, title, &cells.collect::<Vec<_>>());
}

fn a_million(usd: f64, load: &Load) -> f64 {
    usd / load.events() * 1e6
}

fn row(text: &mut String, title: &str, cells: &[String]) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "| {title} | {} |", cells.join(" | "));
}

/// An amount; `-` if no database is large enough for it.
fn cell(usd: Option<f64>) -> String {
    match usd {
        None => "-".to_owned(),
        Some(usd) if usd < 100.0 => format!("{usd:.2}"),
        Some(usd) => with_commas(usd.round()),
    }
}

/// A number with a comma before each three digits.
fn with_commas(number: f64) -> String {
    let text = number.to_string();
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (&*text, String::new()),
    };
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + &fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_readable() {
        assert_eq!(
            [0.004, 99.994, 123.4, 1_234_567.0].map(|usd| cell(Some(usd))),
            ["0.00", "99.99", "123", "1,234,567"]
        );
        assert_eq!(cell(None), "-");
        assert_eq!([0.1, 10.0, 30_000.0].map(with_commas), ["0.1", "10", "30,000"]);
    }

    #[test]
    fn a_component_without_a_cost_has_no_row_and_a_pair_that_cannot_be_has_no_amounts() {
        let loads = [Load::of(1.0), Load::of(100_000.0)];
        let prices = Prices::own().unwrap();
        let text = report(&loads, &Functions::default(), &Rival::default(), &prices);
        assert!(!text.contains("query-registry") && !text.contains("Kafka"), "{text}");
        let pair = text.lines().find(|line| line.starts_with("| **The always-on pair**")).unwrap();
        assert!(pair.ends_with("| - |"), "{pair}");
        assert_eq!(text.matches("Both cost the same at").count(), 1, "{text}");
    }
}

//! The query string of a request for a replay.

use chrono::Utc;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use xzepr_domain::{Replay, ReplayFilter, TimeRange};
use xzepr_http::Error;

const NAMES: [&str; 6] = ["start", "end", "type", "receiver", "topic", "dry_run"];

/// Reads the parameters. One that is not known may be a filter with a slip in its name: to ignore it would
/// publish more than is meant.
pub(crate) fn read(query: &QueryMap) -> Result<Replay, Error> {
    if let Some((unknown, _)) = query.iter().find(|(name, _)| !NAMES.contains(name)) {
        let rule = format!("does not exist; there are {}", NAMES.join(", "));
        return Err(Error::InvalidParameter { name: unknown.to_owned(), rule });
    }
    for name in NAMES {
        let values = query.all(name).unwrap_or_default();
        if values.len() > 1 {
            return Err(invalid(name, "must be given once"));
        }
        // An empty filter is a variable that its script did not set: it would mean all events.
        if values.first().is_some_and(|value| value.is_empty()) && name != "dry_run" {
            return Err(invalid(name, "must not be empty"));
        }
    }
    let bound = |name| query.first(name).ok_or_else(|| invalid(name, "is required"));
    let range = TimeRange::parse(bound("start")?, bound("end")?)
        .and_then(|range| range.readable_at(Utc::now()))
        .map_err(|error| invalid(error.bound(), error))?;
    let text = |name| query.first(name).map(str::to_owned);
    let receiver = text("receiver").map(|id| id.parse().map_err(|error| invalid("receiver", error)));
    let filter = ReplayFilter { r#type: text("type"), receiver: receiver.transpose()?, topic: text("topic") };
    let dry_run = match query.first("dry_run") {
        None | Some("false") => false,
        Some("" | "true") => true,
        Some(_) => return Err(invalid("dry_run", "must be true or false")),
    };
    Ok(Replay::new(range, filter, dry_run))
}

fn invalid(name: &'static str, rule: impl ToString) -> Error {
    Error::InvalidParameter { name: name.to_owned(), rule: rule.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Replay, String> {
        super::read(&query.parse().unwrap()).map_err(|error| match error {
            Error::InvalidParameter { name, rule } => format!("{name}: {rule}"),
            other => other.to_string(),
        })
    }

    const RANGE: &str = "start=2024-01-15T10:30:00Z&end=2024-01-16T00:00:00%2B02:00";

    #[test]
    fn all_parameters_but_the_range_may_be_absent() {
        let replay = read(RANGE).unwrap();
        assert_eq!(
            replay.range.to_texts(),
            ("2024-01-15T10:30:00Z".to_owned(), "2024-01-15T22:00:00Z".to_owned())
        );
        assert!(!replay.dry_run && replay.filter == ReplayFilter::default());
        let replay =
            read(&format!("{RANGE}&type=a%20b&receiver=01HJ1K2M3N4P5Q6R7S8T9V0W1X&topic=t&dry_run=true"))
                .unwrap();
        assert_eq!(replay.filter.r#type.as_deref(), Some("a b"));
        assert_eq!(replay.filter.receiver.unwrap().to_string(), "01HJ1K2M3N4P5Q6R7S8T9V0W1X");
        assert!(replay.dry_run && replay.filter.topic.as_deref() == Some("t"));
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        for (query, error) in [
            ("", "start: is required"),
            ("start=2024-01-15T10:30:00Z", "end: is required"),
            ("start=2024-01-15&end=2024-01-16T00:00:00Z", "start: must be a time such as"),
            ("start=2024-01-15T10:30:00Z&end=2024-01-15T10:30:00Z", "start: must be before end"),
            ("start=2024-01-15T10:30:00Z&end=9024-01-15T10:30:00Z", "end: must not be in the future"),
            (&format!("{RANGE}&receiver=build"), "receiver: must be a ULID"),
            (&format!("{RANGE}&type="), "type: must not be empty"),
            (&format!("{RANGE}&type=a&type=b"), "type: must be given once"),
            (&format!("{RANGE}&dry_run=false&dry_run=true"), "dry_run: must be given once"),
            (&format!("{RANGE}&dry_run=perhaps"), "dry_run: must be true or false"),
            (&format!("{RANGE}&reciever=x"), "reciever: does not exist; there are start, end"),
        ] {
            let told = read(query).unwrap_err();
            assert!(told.starts_with(error), "{query}: {told}");
        }
    }
}

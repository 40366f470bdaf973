//! The query string of a request that starts a replay.

use chrono::Utc;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use xzepr_domain::{Replay, ReplayFilter, ReplayTarget, TimeRange};
use xzepr_http::{HttpError, Parameters};

const NAMES: [&str; 7] = ["start", "end", "target", "type", "receiver", "topic", "dry_run"];

/// The parameters that only a replay to Kafka has. A part of a range says nothing about the state of a gate, so the index
/// is rebuilt from whole ranges.
const OF_KAFKA: [&str; 4] = ["type", "receiver", "topic", "dry_run"];

/// Reads the parameters.
pub(crate) fn read(query: &QueryMap) -> Result<Replay, HttpError> {
    let parameters = Parameters::with_switches(query, &NAMES, &["dry_run"])?;
    let range = TimeRange::parse(parameters.required("start")?, parameters.required("end")?)
        .and_then(|range| range.readable_at(Utc::now()))
        .map_err(|error| HttpError::invalid_parameter(error.bound().name(), error))?;
    let target = match parameters.value("target") {
        None => ReplayTarget::default(),
        Some(name) => {
            let target = name.parse();
            target.map_err(|()| HttpError::invalid_parameter("target", "must be kafka or index"))?
        }
    };
    if target == ReplayTarget::Index
        && let Some(name) = OF_KAFKA.into_iter().find(|name| parameters.value(name).is_some())
    {
        return Err(HttpError::invalid_parameter(name, "must be absent if target is index"));
    }
    let text = |name| parameters.value(name).map(str::to_owned);
    let filter =
        ReplayFilter { r#type: text("type"), receiver: parameters.id("receiver")?, topic: text("topic") };
    let dry_run = parameters.flag("dry_run")?.unwrap_or_default();
    Ok(Replay { target, ..Replay::new(range, filter, dry_run) })
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    fn read(query: &str) -> Result<Replay, String> {
        super::read(&query.parse().unwrap()).map_err(|error| match error {
            HttpError::InvalidParameter { name, rule } | HttpError::UnknownParameter { name, rule } => {
                format!("{name}: {rule}")
            }
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
        assert_eq!(replay.target, ReplayTarget::Kafka);
        for target in ReplayTarget::ALL {
            let replay = read(&format!("{RANGE}&target={}", target.as_str())).unwrap();
            assert_eq!(replay.target, target);
        }
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
            (&format!("{RANGE}&target="), "target: must not be empty"),
            (&format!("{RANGE}&target=Index"), "target: must be kafka or index"),
            (&format!("{RANGE}&target=index&target=kafka"), "target: must be given once"),
            (&format!("{RANGE}&target=index&type=a"), "type: must be absent if target is index"),
            (&format!("{RANGE}&target=index&topic=a"), "topic: must be absent if target is index"),
            (&format!("{RANGE}&target=index&dry_run=false"), "dry_run: must be absent if target is index"),
            (
                &format!("{RANGE}&target=index&receiver=01HJ1K2M3N4P5Q6R7S8T9V0W1X"),
                "receiver: must be absent if target is index",
            ),
            (&format!("{RANGE}&reciever=x"), "reciever: does not exist; there are start, end, target"),
        ] {
            let text = read(query).unwrap_err();
            assert!(text.starts_with(error), "{query}: {text}");
        }
    }

    /// Query strings of known names and of noise.
    fn query() -> impl Strategy<Value = String> {
        let name = prop_oneof![8 => select(NAMES.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
        let value = prop_oneof![
            select(vec![
                "2024-01-15T10:30:00Z",
                "2024-01-16",
                "01HJ1K2M3N4P5Q6R7S8T9V0W1X",
                "true",
                "false",
                "index",
                "kafka",
                ""
            ])
            .prop_map(str::to_owned),
            "[0-9]{1,5}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})",
            any::<String>(),
        ];
        let pair = (name, value).prop_map(|(name, value)| format!("{name}={value}"));
        let pairs = vec(pair, 0..8).prop_map(|pairs| pairs.join("&"));
        prop_oneof![
            4 => pairs.clone(),
            4 => pairs.prop_map(|pairs| format!("{RANGE}&{pairs}")),
            1 => any::<String>(),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_query_is_a_replay_of_the_past_or_names_a_parameter(query in query()) {
            let Ok(query) = query.parse::<QueryMap>();
            match super::read(&query) {
                Ok(replay) => {
                    prop_assert!(replay.range.start() < replay.range.end() && replay.range.end() <= Utc::now());
                    prop_assert_ne!(replay.filter.r#type.as_deref(), Some(""));
                    prop_assert_ne!(replay.filter.topic.as_deref(), Some(""));
                    prop_assert!(replay.target == ReplayTarget::Kafka
                        || (replay.filter == ReplayFilter::default() && !replay.dry_run));
                    prop_assert!(query.iter().all(|(name, _)| NAMES.contains(&name)));
                }
                Err(HttpError::InvalidParameter { name, .. } | HttpError::UnknownParameter { name, .. }) => {
                    prop_assert!(NAMES.contains(&&*name) || query.iter().any(|(other, _)| other == name));
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}

//! Query strings that are good, and those that are not.

use proptest::{collection::vec, prelude::*, sample::select};
use xzepr_domain::ReceiverId;

use super::*;

const NAMES: [&str; 8] = ["name", "success", "limit", "receiver", "from", "to", "sort", "dry_run"];
const ID: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";
const SORTS: &[(&str, bool)] = &[("created_at:desc", false), ("created_at:asc", true)];

type All = (Option<String>, Option<bool>, u64, Option<String>, Option<bool>, bool);

/// Reads all parameters.
fn all(query: &QueryMap) -> Result<All, HttpError> {
    let parameters = Parameters::with_switches(query, &NAMES, &["dry_run"])?;
    let name = parameters.text("name")?.map(String::from);
    let success = parameters.flag("success")?;
    let limit = parameters.number("limit", 1..=1000, 50)?;
    let receiver = parameters.id::<ReceiverId>("receiver")?.map(|id| id.to_string());
    parameters.times("from", "to")?;
    let is_ascending = parameters.one_of("sort", SORTS)?;
    let dry_run = parameters.flag("dry_run")?.unwrap_or_default();
    Ok((name, success, limit, receiver, is_ascending, dry_run))
}

fn read(query: &str) -> Result<All, String> {
    all(&query.parse().unwrap()).map_err(|error| match error {
        HttpError::InvalidParameter { name, rule } | HttpError::UnknownParameter { name, rule } => {
            format!("{name}: {rule}")
        }
        other => other.to_string(),
    })
}

#[test]
fn every_parameter_may_be_absent() {
    assert_eq!(read(""), Ok((None, None, 50, None, None, false)));
    let query = format!("name=a%20b&success=false&limit=1000&receiver={ID}&sort=created_at:asc&dry_run");
    let name = Some("a b".to_owned());
    assert_eq!(read(&query), Ok((name, Some(false), 1000, Some(ID.to_owned()), Some(true), true)));
    assert!(read("from=2024-01-15T10:30:00%2B02:00&to=2024-01-15T10:30:00+01:00").is_ok());
}

#[test]
fn a_wrong_parameter_is_named_with_its_rule() {
    let long = format!("name={}", "x".repeat(10 * 1024));
    let one_too_long = format!("sort={}", "é".repeat(256));
    for (query, error) in [
        ("nmae=x", "nmae: does not exist; there are name, success, limit, receiver, from, to, sort, dry_run"),
        ("=", ": does not exist; there are name"),
        ("name=a&name=a", "name: must be given once"),
        ("name=", "name: must not be empty"),
        ("name", "name: must not be empty"),
        ("success=", "success: must not be empty"),
        ("dry_run=&dry_run=true", "dry_run: must be given once"),
        (&long, "name: must have at most 255 characters"),
        (&one_too_long, "sort: must have at most 255 characters"),
        ("name=%20%09", "name: must not be blank"),
        ("name=a%00b", "name: must not contain control characters"),
        ("success=True", "success: must be true or false"),
        ("limit=0", "limit: must be a whole number from 1 to 1000"),
        ("limit=1001", "limit: must be a whole number from 1 to 1000"),
        ("limit=1000000000", "limit: must be a whole number from 1 to 1000"),
        ("limit=100000000000000000000000", "limit: must be a whole number from 1 to 1000"),
        ("limit=-1", "limit: must be a whole number from 1 to 1000"),
        ("limit=1.0", "limit: must be a whole number from 1 to 1000"),
        ("limit=ten", "limit: must be a whole number from 1 to 1000"),
        ("receiver=build", "receiver: must be a ULID"),
        ("from=yesterday", "from: must be a time such as 2024-01-15T10:30:00Z (RFC 3339)"),
        ("to=2024-01-15", "to: must be a time such as 2024-01-15T10:30:00Z (RFC 3339)"),
        ("from=1969-12-31T23:59:59Z", "from: must not be before 1970"),
        ("from=2024-01-15T10:30:00Z&to=2024-01-15T10:30:00Z", "from: must be before to"),
        ("from=2024-01-16T10:30:00Z&to=2024-01-15T10:30:00Z", "from: must be before to"),
        ("sort=name", "sort: must be created_at:desc or created_at:asc"),
    ] {
        let text = read(query).unwrap_err();
        assert!(text.starts_with(error), "{query}: {text}");
    }
}

#[test]
fn a_value_of_the_greatest_length_is_read() {
    assert!(read(&format!("name={}", "é".repeat(255))).is_ok());
}

#[test]
fn a_parameter_can_be_required() {
    let required = |query: &str| {
        let query = query.parse().unwrap();
        let parameters = Parameters::new(&query, &["name"]).unwrap();
        parameters.required_text("name").map(String::from).map_err(|error| error.to_string())
    };
    assert_eq!(required("name=a"), Ok("a".to_owned()));
    assert_eq!(required(""), Err("invalid parameter name".to_owned()));
}

/// Query strings of known names and of noise.
fn query() -> impl Strategy<Value = String> {
    let name = prop_oneof![8 => select(NAMES.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    let value = prop_oneof![
        select(vec!["2024-01-15T10:30:00Z", "2024-01-16", ID, "true", "", "created_at:asc", "7"])
            .prop_map(str::to_owned),
        "[0-9]{1,5}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})",
        any::<String>(),
    ];
    let pair = (name, value).prop_map(|(name, value)| format!("{name}={value}"));
    prop_oneof![vec(pair, 0..5).prop_map(|pairs| pairs.join("&")), any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_query_is_read_or_names_a_parameter(query in query()) {
        let Ok(query) = query.parse::<QueryMap>();
        match all(&query) {
            Ok((name, _, limit, ..)) => {
                prop_assert!((1..=1000).contains(&limit));
                prop_assert_ne!(name.as_deref(), Some(""));
                prop_assert!(query.iter().all(|(name, _)| NAMES.contains(&name)));
            }
            Err(HttpError::InvalidParameter { name, .. } | HttpError::UnknownParameter { name, .. }) => {
                prop_assert!(NAMES.contains(&&*name) || query.iter().any(|(other, _)| other == name));
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

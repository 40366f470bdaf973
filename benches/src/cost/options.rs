//! The options of `cost`.

use std::{fs, path::PathBuf};

use clap::Parser;
use xzepr_settings::Format;

use crate::cost::{Architecture, Functions, InvalidPrices, Kafka, Load, Prices, Rival};

/// Prints the monthly cost of the registry under a load, by component, beside an always-on pair of containers with
/// Postgres.
#[derive(Debug, Parser)]
#[command(name = "cost")]
pub struct Options {
    /// Events in a second; one column for each, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1", value_parser = positive)]
    events_per_second: Vec<f64>,
    /// Bytes of an event's JSON
    #[arg(long, value_name = "BYTES", default_value = "1024", value_parser = positive)]
    event_bytes: f64,
    /// Share of failed events, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = share)]
    failed_share: f64,
    /// Completions of groups for each event
    #[arg(long, value_name = "NUMBER", default_value = "0.1", value_parser = amount)]
    completions_share: f64,
    /// Share of events with an idempotency key, from 0 to 1; 1 for CloudEvents
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share)]
    keyed_share: f64,
    /// Events in a request
    #[arg(long, value_name = "NUMBER", default_value = "1", value_parser = at_least_one)]
    events_per_request: f64,
    /// Requests to read in a second
    #[arg(long, value_name = "NUMBER", default_value = "0", value_parser = amount)]
    reads_per_second: f64,
    /// A route for each format, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "xzepr")]
    formats: Vec<Format>,
    /// Months of events that the tables hold
    #[arg(long, value_name = "NUMBER", default_value = "12", value_parser = amount)]
    months_stored: f64,
    /// Whose Kafka
    #[arg(long, default_value = "yours")]
    kafka: Kafka,
    /// Consumers of each topic
    #[arg(long, value_name = "NUMBER", default_value = "1", value_parser = amount)]
    consumers: f64,
    /// Days for which a topic keeps a message
    #[arg(long, value_name = "NUMBER", default_value = "7", value_parser = amount)]
    topic_days: f64,
    /// The functions' processor
    #[arg(long, default_value = "x86_64")]
    architecture: Architecture,
    #[command(flatten)]
    times: Times,
    /// Prices in the place of the repository's, a file like benches/src/cost/prices.json
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
}

/// Times in milliseconds, in the place of the defaults that docs/cost.md lists.
#[derive(Debug, clap::Args)]
struct Times {
    /// How long create-event waits in a run
    #[arg(long, value_name = "MS", value_parser = amount)]
    create_event_wait: Option<f64>,
    /// CPU time of create-event for an event
    #[arg(long, value_name = "MS", value_parser = amount)]
    create_event_cpu: Option<f64>,
    /// How long publish-events waits in a run
    #[arg(long, value_name = "MS", value_parser = amount)]
    publish_events_wait: Option<f64>,
    /// CPU time of publish-events for an empty event on one route
    #[arg(long, value_name = "MS", value_parser = amount)]
    publish_events_cpu: Option<f64>,
    /// How long index-events waits in a run
    #[arg(long, value_name = "MS", value_parser = amount)]
    index_events_wait: Option<f64>,
    /// CPU time of index-events for an event
    #[arg(long, value_name = "MS", value_parser = amount)]
    index_events_cpu: Option<f64>,
    /// How long query-registry waits in a run
    #[arg(long, value_name = "MS", value_parser = amount)]
    query_registry_wait: Option<f64>,
    /// CPU time of query-registry for a request
    #[arg(long, value_name = "MS", value_parser = amount)]
    query_registry_cpu: Option<f64>,
    /// CPU time of the always-on pair for an event
    #[arg(long, value_name = "MS", value_parser = amount)]
    always_on_cpu: Option<f64>,
}

/// The reason why there are no prices.
#[derive(Debug, thiserror::Error)]
pub enum NoPrices {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// The file has no prices.
    #[error(transparent)]
    Invalid(#[from] InvalidPrices),
}

impl Options {
    /// The load of each column.
    pub fn loads(&self) -> Vec<Load> {
        let load = |events_per_second: &f64| Load {
            events_per_second: *events_per_second,
            event_bytes: self.event_bytes,
            failed_share: self.failed_share,
            completions_share: self.completions_share,
            keyed_share: self.keyed_share,
            events_per_request: self.events_per_request,
            reads_per_second: self.reads_per_second,
            formats: self.formats.clone(),
            months_stored: self.months_stored,
            kafka: self.kafka,
            consumers: self.consumers,
            topic_days: self.topic_days,
        };
        self.events_per_second.iter().map(load).collect()
    }

    /// The work of the functions.
    pub fn functions(&self) -> Functions {
        let mut functions = Functions { architecture: self.architecture, ..Functions::default() };
        let times = &self.times;
        for (work, wait, cpu) in [
            (&mut functions.create_event, times.create_event_wait, times.create_event_cpu),
            (&mut functions.publish_events, times.publish_events_wait, times.publish_events_cpu),
            (&mut functions.index_events, times.index_events_wait, times.index_events_cpu),
            (&mut functions.query_registry, times.query_registry_wait, times.query_registry_cpu),
        ] {
            work.wait_ms = wait.unwrap_or(work.wait_ms);
            work.cpu_ms_an_event = cpu.unwrap_or(work.cpu_ms_an_event);
        }
        functions
    }

    /// The always-on pair.
    pub fn rival(&self) -> Rival {
        let rival = Rival::default();
        Rival { cpu_ms_an_event: self.times.always_on_cpu.unwrap_or(rival.cpu_ms_an_event), ..rival }
    }

    /// The prices of the file, or those of the repository.
    pub fn prices(&self) -> Result<Prices, NoPrices> {
        let Some(path) = &self.prices else { return Ok(Prices::own()?) };
        let text = fs::read_to_string(path);
        let text = text.map_err(|error| NoPrices::Unreadable { path: path.clone(), error })?;
        Ok(Prices::parse(&text)?)
    }
}

fn number(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "must be a number".to_owned())?;
    if number.is_finite() { Ok(number) } else { Err("must be finite".to_owned()) }
}

fn amount(text: &str) -> Result<f64, String> {
    number(text).and_then(|number| in_range(number, number >= 0.0, "must not be negative"))
}

fn positive(text: &str) -> Result<f64, String> {
    number(text).and_then(|number| in_range(number, number > 0.0, "must be more than 0"))
}

fn at_least_one(text: &str) -> Result<f64, String> {
    number(text).and_then(|number| in_range(number, number >= 1.0, "must be at least 1"))
}

fn share(text: &str) -> Result<f64, String> {
    number(text).and_then(|number| in_range(number, (0.0..=1.0).contains(&number), "must be from 0 to 1"))
}

fn in_range(number: f64, is_in_range: bool, rule: &str) -> Result<f64, String> {
    if is_in_range { Ok(number) } else { Err(rule.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &str) -> Result<Options, clap::Error> {
        Options::try_parse_from([&["cost"], &arguments.split_whitespace().collect::<Vec<_>>()[..]].concat())
    }

    #[test]
    fn without_options_it_is_the_load_of_the_documents() {
        let options = options("").unwrap();
        assert_eq!(options.loads(), [Load::of(1.0)]);
        assert_eq!((options.functions(), options.rival()), (Functions::default(), Rival::default()));
    }

    #[test]
    fn each_rate_is_a_load_and_each_format_a_route() {
        let options =
            options("--events-per-second 1,50 --formats xzepr,cdevents --create-event-wait 7").unwrap();
        let rates: Vec<_> = options.loads().iter().map(|load| load.events_per_second).collect();
        assert_eq!(rates, [1.0, 50.0]);
        assert_eq!(options.loads()[0].formats, [Format::Xzepr, Format::CdEvents]);
        assert_eq!(options.functions().create_event.wait_ms, 7.0);
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_its_rule() {
        for (arguments, rule) in [
            ("--events-per-second 0", "must be more than 0"),
            ("--events-per-second 1,x", "must be a number"),
            ("--event-bytes inf", "must be finite"),
            ("--failed-share 1.5", "must be from 0 to 1"),
            ("--events-per-request 0.5", "must be at least 1"),
            ("--reads-per-second=-1", "must not be negative"),
            ("--formats avro", "must be xzepr, cloudevents"),
        ] {
            let error = options(arguments).unwrap_err().to_string();
            assert!(error.contains(rule), "{arguments}: {error}");
        }
    }

    #[test]
    fn a_missing_file_of_prices_is_named() {
        let error = options("--prices /nowhere/prices.json").unwrap().prices().unwrap_err();
        assert!(error.to_string().starts_with("cannot read /nowhere/prices.json: "), "{error}");
    }
}

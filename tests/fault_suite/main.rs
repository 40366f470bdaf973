//! The fault suite: faults while the whole system is under load, and then the proof that every accepted event is on
//! the topic. It prints the figures of each fault.
//!
//! `tests/fault-suite` runs it: it needs Apache Kafka, and minutes. The tests in `tests/faults` are part of `cargo test`.

mod access;
mod bench;
mod callers;
mod figures;
mod gate_topic;
mod reckoning;
mod recorder;
mod rows;
mod scale;
mod setup;
mod wire;

use bench::Bench;
use clap::Parser;
use figures::Figures;
use rows::{
    gates, hostile, kafka, latency, poison, publisher, redelivery, replay, routes, schema_registry, table,
};
use scale::Scale;
use setup::Setup;

/// Runs every fault, or one, and prints the figures.
#[derive(Debug, Parser)]
struct Arguments {
    /// 10,000 events and outages as long as real ones, in place of a run of two minutes
    #[arg(long)]
    long: bool,
    /// Decides everything that is random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only faults whose name has this text, or one of several
    #[arg(long)]
    only: Vec<String>,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let scale = Scale::new(arguments.long);
    fastrand::seed(arguments.seed);
    println!("seed {}, {} events a row", arguments.seed, scale.events);
    println!("{}", Figures::HEADER);
    let mut suite = Suite { arguments, scale, bench: None, passed: 0 };

    let one = Setup::OneBroker;
    suite.run(one, "broker stopped and started", kafka::stopped).await;
    suite.run(one, "broker killed (SIGKILL) and restarted", kafka::killed).await;
    suite.run_long(one, "broker paused (SIGSTOP) beyond the message timeout", kafka::paused).await;
    suite.run(one, "connection to the broker cut again and again", kafka::connection_cut).await;
    suite.run(one, "connection to the broker delayed", kafka::connection_delayed).await;
    suite.run(one, "publisher killed at random points", publisher::killed).await;
    suite.run(one, "publisher killed at every invocation", publisher::killed_at_once).await;
    suite.run(one, "publisher frozen and thawed", publisher::frozen).await;
    suite.run_long(one, "publisher out of time in mid-batch", publisher::out_of_time).await;
    suite.run(one, "table throttles, fails, hangs, resets", table::faulty).await;
    suite.run(one, "poison first, middle and last in a batch", poison::placed).await;
    suite.run(one, "records twice and out of order", redelivery::shuffled).await;
    suite.run(one, "50 callers with one Idempotency-Key", table::one_key).await;
    suite.run(one, "replay killed at random points", replay::killed).await;
    suite.run(one, "replay whose trigger is lost", replay::trigger_lost).await;
    suite.run(one, "hostile callers beside honest ones", hostile::callers).await;
    suite.compare(one, "latency of a POST in an outage", latency::compare).await;
    suite.run(Setup::ThreeBrokers, "one of three brokers killed", kafka::one_of_three_killed).await;
    suite.run(Setup::ShortRecordAge, "mapping gives up, table is replayed", replay::given_up).await;
    suite.run(Setup::Routes, "two of three routes refused by their topics", routes::refused).await;
    suite.run(Setup::SchemaRegistry, "schema registry killed and restarted", schema_registry::killed).await;
    suite.run(Setup::Gates, "gates under faults", gates::under_faults).await;
    suite
        .compare(Setup::Gates, "gates: latency of a POST and of a completion", gates::latency::compare)
        .await;
    assert!(suite.passed > 0, "no fault has such a name, or it needs --long");
    println!("test result: ok. {} passed; 0 failed", suite.passed);
}

struct Suite {
    arguments: Arguments,
    scale: Scale,
    bench: Option<(Setup, Bench)>,
    passed: usize,
}

impl Suite {
    fn is_wanted(&self, name: &str) -> bool {
        let only = &self.arguments.only;
        only.is_empty() || only.iter().any(|part| name.contains(part))
    }

    /// The system. In a long run each row gets a new one, since the table grows and slows down.
    async fn bench(&mut self, setup: Setup) -> &mut Bench {
        let kept = self.bench.take().filter(|(kept, _)| *kept == setup && !self.arguments.long);
        let bench = match kept {
            Some((_, bench)) => bench,
            None => Bench::start(setup, self.scale).await,
        };
        &mut self.bench.insert((setup, bench)).1
    }

    /// One row: the fault under load, then the reckoning. Ends the suite if something is lost.
    async fn run(&mut self, setup: Setup, name: &str, fault: impl AsyncFnOnce(&mut Bench, Scale)) {
        if !self.is_wanted(name) {
            return;
        }
        let scale = self.scale;
        let bench = self.bench(setup).await;
        bench.begin().await;
        fault(bench, scale).await;
        let figures = bench.reckon().await;
        println!("{}", figures.row(name));
        if !figures.refusals.is_empty() {
            eprintln!("{name}: refused {}", figures.refusals());
        }
        figures.assert_nothing_lost(name);
        self.passed += 1;
    }

    /// A row that needs minutes by its nature.
    async fn run_long(&mut self, setup: Setup, name: &str, fault: impl AsyncFnOnce(&mut Bench, Scale)) {
        if self.arguments.long {
            self.run(setup, name, fault).await;
        }
    }

    /// A comparison of latencies, whose bound holds in a long run alone.
    async fn compare(&mut self, setup: Setup, name: &str, comparison: impl AsyncFnOnce(&Bench, Scale, bool)) {
        if self.is_wanted(name) {
            let (scale, is_long) = (self.scale, self.arguments.long);
            comparison(self.bench(setup).await, scale, is_long).await;
            self.passed += 1;
        }
    }
}

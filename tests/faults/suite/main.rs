//! The fault suite: load on the whole system, a fault in its midst, and afterwards every accepted event on
//! the topic. `tests/fault-suite` runs it.

mod bench;
mod callers;
mod figures;
mod kafka;
mod latency;
mod poison;
mod publisher;
mod recorder;
mod redelivery;
mod replay;
mod scale;
mod table;

use bench::{Bench, Setup};
use clap::Parser;
use figures::Figures;
use scale::Scale;

/// Runs every fault, or one, and prints the figures.
#[derive(Debug, Parser)]
struct Arguments {
    /// 10,000 events and outages as long as they are in life, in place of a run of two minutes
    #[arg(long)]
    long: bool,
    /// Decides what is left to chance
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only faults whose name has this text
    #[arg(long, default_value = "")]
    only: String,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let scale = Scale::new(arguments.long);
    fastrand::seed(arguments.seed);
    println!("seed {}, {} events a row", arguments.seed, scale.events);
    println!("{}", Figures::HEADER);
    let mut suite = Suite { arguments, scale };

    let mut bench = Bench::start(Setup::OneBroker).await;
    suite.run("broker stopped and started", &mut bench, kafka::stopped).await;
    suite.run("broker killed and restarted", &mut bench, kafka::killed).await;
    suite.run_long("broker paused beyond the message timeout", &mut bench, kafka::paused).await;
    suite.run("connection cut again and again", &mut bench, kafka::connection_cut).await;
    suite.run("connection delayed", &mut bench, kafka::connection_delayed).await;
    suite.run("publisher killed at random points", &mut bench, publisher::killed).await;
    suite.run("publisher killed at every invocation", &mut bench, publisher::killed_at_once).await;
    suite.run("publisher frozen and thawed", &mut bench, publisher::frozen).await;
    suite.run_long("publisher out of time in mid-batch", &mut bench, publisher::out_of_time).await;
    suite.run("table throttles, fails, hangs, resets", &mut bench, table::faulty).await;
    suite.run("poison first, middle and last in a batch", &mut bench, poison::placed).await;
    suite.run("records twice and out of order", &mut bench, redelivery::shuffled).await;
    suite.run("50 callers with one Idempotency-Key", &mut bench, table::one_key).await;
    suite.run("replay killed ten times", &mut bench, replay::killed).await;
    if suite.is_wanted("latency") {
        latency::compare(&bench, suite.scale, suite.arguments.long).await;
    }
    drop(bench);

    let mut bench = Bench::start(Setup::ThreeBrokers).await;
    suite.run("one of three brokers killed", &mut bench, kafka::one_of_three_killed).await;
    drop(bench);

    let mut bench = Bench::start(Setup::ShortRecordAge).await;
    suite.run("mapping gives up, table is replayed", &mut bench, replay::given_up).await;
}

struct Suite {
    arguments: Arguments,
    scale: Scale,
}

impl Suite {
    fn is_wanted(&self, name: &str) -> bool {
        name.contains(&self.arguments.only)
    }

    /// One row: the fault with load on, then the reckoning. Ends the suite where something is lost.
    async fn run(&mut self, name: &str, bench: &mut Bench, fault: impl AsyncFnOnce(&mut Bench, Scale)) {
        if !self.is_wanted(name) {
            return;
        }
        bench.begin().await;
        fault(bench, self.scale).await;
        let figures = bench.reckon().await;
        println!("{}", figures.row(name));
        if !figures.refusals.is_empty() {
            eprintln!("{name}: refused {}", figures.refusals());
        }
        figures.assert_nothing_lost(name);
    }

    /// A row that takes minutes by its nature.
    async fn run_long(&mut self, name: &str, bench: &mut Bench, fault: impl AsyncFnOnce(&mut Bench, Scale)) {
        if self.arguments.long {
            self.run(name, bench, fault).await;
        }
    }
}

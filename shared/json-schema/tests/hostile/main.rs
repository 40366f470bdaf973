//! Schemas and payloads that are made to cost: none takes more than its bound of processor time, memory and
//! stack. The code under test is optimised in every profile (see the workspace's `Cargo.toml`).

#![expect(clippy::unwrap_used, reason = "a test ends by a panic")]

mod drawn;
mod unpaid;
mod written;

use std::{fs, thread};

use xzepr_json::JsonText;
use xzepr_json_schema::Schema;

/// A schema of at most 64 KiB and a payload of at most 256 KiB, as the API takes them.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) schema: String,
    pub(crate) payload: String,
}

/// The most of a request: 250 ms of a processor, 64 MiB.
const MAX_NS: u64 = 250_000_000;
const MAX_KIB: u64 = 64 * 1024;

/// A quarter of what the main thread of a process has.
const STACK_BYTES: usize = 2 << 20;

impl Case {
    /// Compiles the schema as a declaration does, and again with the payload's check as an event does.
    fn run(self) -> (u64, String) {
        let Self { name, schema, payload } = self;
        assert!(
            schema.len() <= 64 << 10 && payload.len() <= 256 << 10,
            "{name}: {} {}",
            schema.len(),
            payload.len()
        );
        let (schema, payload) = (JsonText::try_from(schema).unwrap(), JsonText::try_from(payload).unwrap());
        let start = cpu_ns();
        let outcome = match Schema::compile(&schema) {
            Err(error) => error.to_string(),
            Ok(schema) => match schema.mismatches(&payload.value().unwrap()) {
                Err(error) => error.to_string(),
                Ok(mismatches) => {
                    let longest = mismatches.iter().map(|m| m.place.len() + m.problem.len()).max();
                    assert!(mismatches.len() <= 20 && longest.unwrap_or(0) < 4096, "{name}");
                    format!("{} mismatches", mismatches.len())
                }
            },
        };
        let spent = cpu_ns() - start;
        assert!(spent < MAX_NS, "{name}: {} ms: {outcome}", spent / 1_000_000);
        (spent, outcome)
    }
}

/// Nanoseconds that this thread has been on a processor.
fn cpu_ns() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

/// The most memory that this process has had.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Runs cases on a stack of a known size, and prints the most expensive ones.
fn run(cases: impl IntoIterator<Item = Case> + Send + 'static) {
    let before = peak_kib();
    let on_stack = move || {
        let mut spent: Vec<_> = cases
            .into_iter()
            .map(|case| {
                let name = case.name.clone();
                let (ns, outcome) = case.run();
                (ns, name, outcome)
            })
            .collect();
        spent.sort_unstable();
        spent
    };
    let spent = thread::Builder::new().stack_size(STACK_BYTES).spawn(on_stack).unwrap().join().unwrap();
    for (ns, name, outcome) in spent.iter().rev().take(8) {
        println!("{:4} ms  {name}: {}", ns / 1_000_000, outcome.chars().take(90).collect::<String>());
    }
    let grown = peak_kib() - before;
    println!("{} cases, {} MiB", spent.len(), grown / 1024);
    assert!(grown < MAX_KIB, "{grown} KiB");
}

#[test]
fn no_case_costs_more_than_its_bound() {
    // One after the other: both count for the memory of the process.
    run(written::cases());
    run(unpaid::cases());
    run((0..3000).map(drawn::case));
}

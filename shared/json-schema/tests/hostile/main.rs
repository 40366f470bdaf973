//! Schemas and payloads that attack the checks. None may use more than its limit of processor time, memory and stack.
//! The code under test is optimised in every profile (see `Cargo.toml` of the workspace).

#![expect(clippy::unwrap_used, reason = "a test ends by a panic")]

mod generated;
mod handwritten;
mod uncounted;

use std::{fs, thread};

use xzepr_json::JsonText;
use xzepr_json_schema::Schema;

/// A schema of at most 64 KiB and a payload of at most 256 KiB, which are the limits of the API.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) schema: String,
    pub(crate) payload: String,
}

/// The limits of a request: 250 ms of processor time and 64 MiB of memory.
const MAX_NS: u64 = 250_000_000;
const MAX_KIB: u64 = 64 * 1024;

/// A quarter of the stack of a process's main thread.
const STACK_BYTES: usize = 2 << 20;

impl Case {
    /// Compiles the schema, as a declaration does, and checks the payload, as an event does.
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

/// The processor time of this thread, in nanoseconds.
fn cpu_ns() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

/// The most memory that this process has used so far.
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
fn no_case_uses_more_than_the_limits() {
    // They run one after the other, because all count towards the memory of the process.
    run(handwritten::cases());
    run(uncounted::cases());
    run((0..3000).map(generated::case));
}

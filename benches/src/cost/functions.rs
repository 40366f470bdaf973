//! The functions: their memory, their time and their cost.

use clap::ValueEnum;

use crate::cost::{SECONDS, prices::Prices};

/// The memory with which a function has a whole processor, in MB:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const MB_OF_A_PROCESSOR: f64 = 1769.0;

/// The processor that the functions run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Architecture {
    /// x86, the default of the stack
    #[value(name = "x86_64")]
    X86_64,
    /// Graviton
    #[value(name = "arm64")]
    Arm64,
}

/// The time that one run of a function is billed for: it waits for other services, and it computes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// Memory, in MB.
    pub memory_mb: f64,
    /// Waiting for other services, in milliseconds.
    pub wait_ms: f64,
    /// CPU time of a run without its events, in milliseconds.
    pub cpu_ms: f64,
    /// CPU time of each event of a run, in milliseconds.
    pub cpu_ms_an_event: f64,
}

impl Work {
    /// The milliseconds of a run with this number of events.
    fn billed_ms(&self, events: f64) -> f64 {
        let processors = (self.memory_mb / MB_OF_A_PROCESSOR).min(1.0);
        self.wait_ms + (self.cpu_ms + events * self.cpu_ms_an_event) / processors
    }

    /// US dollars in a month for these runs in a second, each with this number of events.
    pub(crate) fn usd(&self, runs_per_second: f64, events: f64, on: Architecture, prices: &Prices) -> f64 {
        let runs = runs_per_second * SECONDS;
        let gb_seconds = runs * self.billed_ms(events) / 1000.0 * self.memory_mb / 1024.0;
        let price = match on {
            Architecture::X86_64 => &prices.prices.function_gb_seconds_x86_64,
            Architecture::Arm64 => &prices.prices.function_gb_seconds_arm64,
        };
        prices.prices.function_requests.of(runs) + price.of(gb_seconds)
    }
}

/// The functions that work for each event or for each request to read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Functions {
    /// Their processor.
    pub architecture: Architecture,
    /// `create-event`. Its events are those of a request.
    pub create_event: Work,
    /// `publish-events`. Its CPU time of an event is that of an empty event on one route.
    pub publish_events: Work,
    /// `index-events`.
    pub index_events: Work,
    /// `query-registry`. Its events are requests.
    pub query_registry: Work,
}

impl Default for Functions {
    /// The memory is the template's. No time was measured on AWS:
    ///
    /// - A request to DynamoDB takes 5.1 ms, the median of AWS's own Rust sample with its handler:
    ///   <https://github.com/aws-samples/serverless-rust-demo>. `index-events` waits for three in turn, `query-registry` for
    ///   two.
    /// - Brokers acknowledge in 10 ms, an assumption.
    /// - CPU times were measured on a developer's machine with the release builds: 0.40 ms of a POST, publishing as
    ///   docs/performance.md has it. 0.1 ms of a request to DynamoDB makes 0.5 ms of an indexed event and 0.3 ms of a read.
    /// - A run of `index-events` takes 0.5 ms of CPU beside its events, an assumption.
    fn default() -> Self {
        let of = |memory_mb, wait_ms, cpu_ms, cpu_ms_an_event| Work {
            memory_mb,
            wait_ms,
            cpu_ms,
            cpu_ms_an_event,
        };
        Self {
            architecture: Architecture::X86_64,
            create_event: of(256.0, 5.1, 0.0, 0.40),
            publish_events: of(512.0, 10.0, 0.25, 0.008),
            index_events: of(512.0, 15.3, 0.5, 0.5),
            query_registry: of(256.0, 10.2, 0.0, 0.3),
        }
    }
}

/// CPU time of publishing for each byte of an event, in milliseconds: docs/performance.md, events of 10 KB less those of
/// 500 B.
pub(crate) const PUBLISHING_CPU_MS_A_BYTE: f64 = 0.000_003_3;

/// The part of the CPU time of the first route that a further one takes: docs/performance.md.
pub(crate) const FURTHER_ROUTE: f64 = 0.4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_computes_as_fast_as_its_memory_allows() {
        let work = Work { memory_mb: 884.5, wait_ms: 5.0, cpu_ms: 1.0, cpu_ms_an_event: 2.0 };
        assert_eq!(work.billed_ms(0.0), 7.0);
        assert_eq!(work.billed_ms(3.0), 19.0);
        assert_eq!(Work { memory_mb: 3538.0, ..work }.billed_ms(3.0), 12.0);
    }

    #[test]
    fn runs_and_gb_seconds_are_paid() {
        let prices = Prices::own().unwrap();
        let work = Work { memory_mb: 512.0, wait_ms: 20.0, cpu_ms: 0.0, cpu_ms_an_event: 0.0 };
        let a_million = 1e6 / SECONDS;
        let usd = work.usd(a_million, 1.0, Architecture::X86_64, &prices);
        assert!((usd - (0.2 + 10_000.0 * 0.000_016_666_7)).abs() < 1e-9);
        let usd = work.usd(a_million, 1.0, Architecture::Arm64, &prices);
        assert!((usd - (0.2 + 10_000.0 * 0.000_013_333_4)).abs() < 1e-9);
    }
}

//! The monthly cost of the registry under a load, by component, and beside it that of an always-on pair of containers with
//! Postgres.
//!
//! Everything is pure: [`serverless`] and [`always_on`] take a [`Load`], the work of the functions and the [`Prices`].
//! `docs/cost.md` has the formula in words, and tables that a test compares with the results.

mod always_on;
mod crossing;
mod fixed;
mod functions;
mod items;
mod kafka;
mod load;
mod logs;
mod options;
mod prices;
mod report;
mod runs;
mod serverless;
mod table;

#[cfg(test)]
mod document_tests;
#[cfg(test)]
mod message_tests;
#[cfg(test)]
mod template_tests;

pub use self::{
    always_on::{Rival, always_on},
    crossing::crossing,
    functions::{Architecture, Functions, Work},
    kafka::Kafka,
    load::Load,
    options::Options,
    prices::{InvalidPrices, Prices},
    report::report,
    serverless::serverless,
};

/// The hours of a month, as AWS's calculators count them.
const HOURS: f64 = 730.0;

/// The seconds of a month.
const SECONDS: f64 = HOURS * 3600.0;

/// The bytes of a GB of storage and of logs, as AWS counts them.
const GB: f64 = 1_073_741_824.0;

/// The cost of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The component.
    pub component: &'static str,
    /// US dollars in a month.
    pub usd: f64,
}

impl Line {
    const fn new(component: &'static str, usd: f64) -> Self {
        Self { component, usd }
    }
}

/// The sum of the lines.
pub fn total(lines: &[Line]) -> f64 {
    lines.iter().map(|line| line.usd).sum()
}

//! Metrics and their values.

use std::time::Duration;

use super::values::Values;

/// A metric: its name in CloudWatch, and the meaning of its values.
#[derive(Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name in CloudWatch.
    pub name: &'static str,
    /// How its values add up.
    pub kind: Kind,
    /// The unit of its values.
    pub unit: Unit,
    /// Its dimensions beside `FunctionName`.
    pub dimensions: &'static [Dimension],
}

/// A dimension: its name in CloudWatch, and all of its values.
#[derive(Debug, PartialEq, Eq)]
pub struct Dimension {
    /// The name in CloudWatch.
    pub name: &'static str,
    /// The values. CloudWatch bills each combination of values as a metric of its own.
    pub values: &'static [&'static str],
}

/// How the values of a metric add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number of things that happened.
    Count,
    /// A state. The last value holds.
    Gauge,
    /// Measured values, from which percentiles follow.
    Distribution,
}

/// A unit of CloudWatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// A number without a unit.
    NoUnit,
}

/// The value of a metric in one invocation.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    pub(super) definition: &'static Definition,
    /// The values of its dimensions, in the order of their names.
    pub(super) labels: Vec<&'static str>,
    pub(super) values: Values,
}

impl Definition {
    pub(super) const fn count(name: &'static str, dimensions: &'static [Dimension]) -> Self {
        Self { name, kind: Kind::Count, unit: Unit::Count, dimensions }
    }

    pub(super) const fn gauge(name: &'static str, unit: Unit) -> Self {
        Self { name, kind: Kind::Gauge, unit, dimensions: &[] }
    }

    pub(super) const fn distribution(name: &'static str, unit: Unit) -> Self {
        Self { name, kind: Kind::Distribution, unit, dimensions: &[] }
    }

    /// A value of this metric.
    pub fn of(&'static self, value: usize) -> Metric {
        self.labelled([], value)
    }

    /// A duration, cut to whole seconds.
    pub fn seconds(&'static self, time: Duration) -> Metric {
        self.of(usize::try_from(time.as_secs()).unwrap_or(usize::MAX))
    }

    /// A value of this metric with the values of its dimensions, in the order of their names.
    pub fn labelled<const N: usize>(&'static self, labels: [&'static str; N], value: usize) -> Metric {
        let value = u64::try_from(value).unwrap_or(u64::MAX);
        Metric { definition: self, labels: labels.into(), values: Values::one(value) }
    }

    /// Measured values of this metric, each with the number of times that it was measured.
    pub fn measured(&'static self, values: impl IntoIterator<Item = (f64, u64)>) -> Metric {
        Metric { definition: self, labels: Vec::new(), values: Values::measured(values) }
    }
}

impl Metric {
    /// Whether another value is one of the same metric with the same dimensions.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.definition == other.definition && self.labels == other.labels
    }

    pub(super) fn add(&mut self, other: Self) {
        match self.definition.kind {
            Kind::Count => self.values.sum(&other.values),
            Kind::Gauge => self.values = other.values,
            Kind::Distribution => self.values.join(other.values),
        }
    }

    /// The names and the values of its dimensions.
    pub(super) fn dimensions(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        let names = self.definition.dimensions.iter().map(|dimension| dimension.name);
        names.zip(self.labels.iter().copied())
    }
}

//! The metrics as Prometheus's client library keeps them.

use std::{collections::HashMap, sync::atomic::AtomicU64};

use prometheus_client::{
    encoding::prometheus_text::encode,
    metrics::{
        counter::Counter,
        family::{Family, MetricConstructor},
        gauge::Gauge,
        histogram::Histogram,
    },
    registry::Registry,
};
use xzepr_telemetry::metrics::{Dimension, Kind};

use super::{
    line::Sample,
    names::{NAMES, Name},
};
use crate::error::{Context, Result};

type Labels = Vec<(String, String)>;

/// Makes the histograms of one metric.
#[derive(Clone)]
struct NewHistogram(&'static Name);

impl MetricConstructor<Histogram> for NewHistogram {
    fn new_metric(&self) -> Histogram {
        self.0.histogram()
    }
}

enum Values {
    Counter(Family<Labels, Counter>),
    /// With the time of the last value.
    Gauge(Gauge<f64, AtomicU64>, u64),
    Histogram(Family<Labels, Histogram, NewHistogram>),
}

/// The series of all metrics. Those whose labels are known begin with 0.
pub(super) struct Series {
    registry: Registry,
    values: HashMap<&'static str, Values>,
}

impl Series {
    /// `functions` are the values of the label `function`.
    pub(super) fn new<'a>(functions: impl Iterator<Item = &'a str>) -> Self {
        let mut registry = Registry::default();
        let functions: Vec<_> = functions.map(str::to_owned).collect();
        let values = NAMES.iter().map(|name| (name.prometheus, register(&mut registry, name, &functions)));
        let values = values.collect();
        Self { registry, values }
    }

    pub(super) fn add(&mut self, Sample { name, labels, values, timestamp }: &Sample) {
        let in_base_unit = values.iter().map(|(value, count)| (name.in_base_unit(*value), *count));
        match self.values.get_mut(name.prometheus) {
            Some(Values::Counter(family)) => {
                let sum: f64 = in_base_unit.map(|(value, _)| value).sum();
                family.get_or_create(labels).inc_by(whole(sum));
            }
            Some(Values::Gauge(gauge, last)) if *timestamp >= *last => {
                for (value, _) in in_base_unit {
                    gauge.set(value);
                }
                *last = *timestamp;
            }
            Some(Values::Histogram(family)) => {
                let histogram = family.get_or_create(labels);
                for (value, count) in in_base_unit {
                    (0..count).for_each(|_| histogram.observe(value));
                }
            }
            // A value that is older than the one that is known.
            Some(Values::Gauge(..)) | None => {}
        }
    }

    /// The metrics in Prometheus's text format.
    pub(super) fn text(&self) -> Result<String> {
        let mut text = String::new();
        encode(&mut text, &self.registry).context("encoding metrics")?;
        Ok(text)
    }
}

fn register(registry: &mut Registry, name: &'static Name, functions: &[String]) -> Values {
    let help = format!("{} in CloudWatch, see docs/operations.md", name.definition.name);
    match name.definition.kind {
        Kind::Count => {
            let family = Family::<Labels, Counter>::default();
            for labels in all_labels(name, functions) {
                drop(family.get_or_create(&labels));
            }
            // The library appends it.
            let base = name.prometheus.strip_suffix("_total").unwrap_or(name.prometheus);
            registry.register(base, help, family.clone());
            Values::Counter(family)
        }
        Kind::Gauge => {
            let gauge = Gauge::default();
            registry.register(name.prometheus, help, gauge.clone());
            Values::Gauge(gauge, 0)
        }
        Kind::Distribution => {
            let family = Family::new_with_constructor(NewHistogram(name));
            for labels in all_labels(name, functions) {
                drop(family.get_or_create(&labels));
            }
            registry.register(name.prometheus, help, family.clone());
            Values::Histogram(family)
        }
    }
}

/// All combinations of the values of a metric's labels.
fn all_labels(name: &Name, functions: &[String]) -> Vec<Labels> {
    let by_function: Vec<Labels> = match name.is_by_function {
        true => functions.iter().map(|function| vec![("function".to_owned(), function.clone())]).collect(),
        false => vec![Vec::new()],
    };
    let with_values = |labels: Vec<Labels>, dimension: &Dimension| {
        let with = |labels: &Labels, value: &str| {
            let label = (Name::label(dimension.name), value.to_owned());
            labels.iter().cloned().chain([label]).collect()
        };
        labels
            .iter()
            .flat_map(|labels| dimension.values.iter().map(move |value| with(labels, value)))
            .collect()
    };
    name.definition.dimensions.iter().fold(by_function, with_values)
}

/// A count, which is a whole number in the log.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "functions write counts as whole numbers"
)]
fn whole(count: f64) -> u64 {
    count as u64
}

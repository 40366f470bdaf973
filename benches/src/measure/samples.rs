//! Samples of a quantity and their summary.

use serde::Serialize;

/// Values of one quantity.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples(Vec<f64>);

/// The middle of samples and their spread.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Summary {
    /// The number of samples.
    pub(super) count: usize,
    /// Half of the samples are lower.
    pub(super) median: f64,
    /// A quarter of the samples is lower.
    pub(super) lower_quartile: f64,
    /// A quarter of the samples is higher.
    pub(super) upper_quartile: f64,
    /// One of a hundred samples is higher.
    pub(super) p99: f64,
}

impl Samples {
    pub(super) fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    /// `None` without samples.
    pub(super) fn summary(&self) -> Option<Summary> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |part: usize, of: usize| sorted.get(sorted.len() * part / of).copied();
        Some(Summary {
            count: sorted.len(),
            median: at(1, 2)?,
            lower_quartile: at(1, 4)?,
            upper_quartile: at(3, 4)?,
            p99: at(99, 100)?,
        })
    }
}

/// A number with three significant digits, and two after the point at most.
pub(super) fn figure(number: f64) -> String {
    match number {
        ..10.0 => format!("{number:.2}"),
        10.0..100.0 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_the_middle_and_the_spread() {
        let mut samples = Samples::default();
        assert_eq!(samples.summary(), None);
        for value in (0..200).rev() {
            samples.add(f64::from(value));
        }
        let summary =
            Summary { count: 200, median: 100.0, lower_quartile: 50.0, upper_quartile: 150.0, p99: 198.0 };
        assert_eq!(samples.summary(), Some(summary));
    }
}

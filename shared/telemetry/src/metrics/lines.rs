//! The lines that metrics need. A line has one value for each of its members, so a metric with values of several
//! dimensions needs several lines.

use super::Metric;

/// The metrics of one line.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Line {
    pub(super) metrics: Vec<Metric>,
}

impl Line {
    /// Puts each metric on the first line that has room for it.
    pub(super) fn all(metrics: Vec<Metric>) -> Vec<Self> {
        let mut lines: Vec<Self> = Vec::with_capacity(1);
        for metric in metrics {
            match lines.iter_mut().find(|line| line.has_room_for(&metric)) {
                Some(line) => line.metrics.push(metric),
                None => lines.push(Self { metrics: vec![metric] }),
            }
        }
        lines
    }

    fn has_room_for(&self, metric: &Metric) -> bool {
        self.metrics.iter().all(|other| {
            let differs = |(name, value)| other.dimensions().any(|(n, v)| n == name && v != value);
            other.definition != metric.definition && !metric.dimensions().any(differs)
        })
    }

    /// The values of all dimensions of the line, each once.
    pub(super) fn dimensions(&self) -> Vec<(&'static str, &'static str)> {
        let mut all = Vec::new();
        for dimension in self.metrics.iter().flat_map(Metric::dimensions) {
            if !all.contains(&dimension) {
                all.push(dimension);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{super::definitions::*, *};

    #[test]
    fn metrics_share_a_line_as_long_as_their_dimensions_agree() {
        let (success, failure) =
            (EVENTS_PUBLISHED.labelled(["success"], 2), EVENTS_PUBLISHED.labelled(["failure"], 1));
        let (class, size) = (PUBLISH_FAILURES.labelled(["timeout"], 1), BATCH_SIZE.of(3));
        let lines = Line::all(vec![success.clone(), failure.clone(), class.clone(), size.clone()]);
        let expected = [Line { metrics: vec![success, class, size] }, Line { metrics: vec![failure] }];
        assert_eq!(lines, expected);
        assert_eq!(lines[0].dimensions(), [("Status", "success"), ("Class", "timeout")]);
    }
}

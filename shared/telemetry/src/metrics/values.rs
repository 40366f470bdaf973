//! The values of a metric on one line.

/// The most different values of a metric on one line:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
const MAX_DIFFERENT: usize = 100;

/// The steps between a value and its double to which values are rounded first. So an error is at most 2.2 %.
const STEPS: f64 = 16.0;

/// Values, each with the number of times that it occurred.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Values(Vec<(f64, u64)>);

impl Values {
    #[expect(clippy::cast_precision_loss, reason = "numbers of things and times are far below 2^53")]
    pub(super) fn one(value: u64) -> Self {
        Self(vec![(value as f64, 1)])
    }

    /// Measured values. If they are too many, near ones become one.
    pub(super) fn measured(values: impl IntoIterator<Item = (f64, u64)>) -> Self {
        let is_value = |(value, count): &(f64, u64)| value.is_finite() && *count > 0;
        let mut values: Vec<_> = values.into_iter().filter(is_value).collect();
        merge_equal(&mut values);
        let mut steps = STEPS;
        while values.len() > MAX_DIFFERENT {
            for (value, _) in &mut values {
                *value = rounded(*value, steps);
            }
            merge_equal(&mut values);
            steps /= 2.0;
        }
        Self(values)
    }

    pub(super) fn sum(&mut self, other: &Self) {
        if let ([(sum, _)], [(value, _)]) = (&mut self.0[..], &other.0[..]) {
            *sum += value;
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        *self = Self::measured(std::mem::take(&mut self.0).into_iter().chain(other.0));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (f64, u64)> + '_ {
        self.0.iter().copied()
    }
}

/// Sorts values, and adds the counts of equal ones.
fn merge_equal(values: &mut Vec<(f64, u64)>) {
    values.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    values.dedup_by(|(later, count), (earlier, sum)| {
        let are_equal = later == earlier;
        if are_equal {
            *sum += *count;
        }
        are_equal
    });
}

/// The nearest power of two whose exponent is a multiple of a step.
fn rounded(value: f64, steps: f64) -> f64 {
    if value <= 0.0 { 0.0 } else { ((value.log2() * steps).round() / steps).exp2() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_exact_and_equal_ones_are_counted() {
        let values = Values::measured([(3.0, 1), (0.25, 2), (3.0, 4), (f64::NAN, 1), (7.0, 0)]);
        assert_eq!(values.0, [(0.25, 2), (3.0, 5)]);
    }

    #[test]
    fn many_values_keep_their_number_and_are_at_most_two_percent_off() {
        let values = Values::measured((1000..1500).map(|value| (f64::from(value), 1)));
        assert!(values.0.len() <= MAX_DIFFERENT, "{}", values.0.len());
        assert_eq!(values.0.iter().map(|(_, count)| count).sum::<u64>(), 500);
        assert!((rounded(1234.0, STEPS) / 1234.0 - 1.0).abs() < 0.022);
    }

    #[test]
    fn values_of_any_size_fit_on_a_line() {
        let values = Values::measured((0..600).map(|exponent| (f64::from(exponent).exp2(), 1)));
        assert!(values.0.len() <= MAX_DIFFERENT);
        let day_in_ms = (0..24 * 60).map(|minute| (f64::from(minute) * 60_000.0 + 1.0, 1));
        let values = Values::measured(day_in_ms);
        assert_eq!(values.0.iter().map(|(_, count)| count).sum::<u64>(), 24 * 60);
    }
}

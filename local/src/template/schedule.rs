//! A schedule of the template.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Context, Error, Result};

/// A function that runs by the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// The function.
    pub(crate) function: String,
    /// The time from one run to the next.
    pub(crate) every: Duration,
    /// The payload of each run.
    pub(crate) input: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScheduleEvent {
    schedule: String,
    input: Option<String>,
}

impl ScheduleEvent {
    pub(super) fn schedule(&self, function: String) -> Result<Schedule> {
        let Self { schedule, input } = self;
        let every = rate(schedule).ok_or_else(|| {
            Error::new(format!(
                "template.yaml: `local` runs no schedule {schedule}, only rate(<number> <unit>)"
            ))
        })?;
        let input = serde_json::from_str(input.as_deref().unwrap_or("null"))
            .context(format!("template.yaml: the schedule's Input of {function}"))?;
        Ok(Schedule { function, every, input })
    }
}

/// `rate(<number> <unit>)`, the unit in the singular for 1:
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>
fn rate(text: &str) -> Option<Duration> {
    let (number, unit) = text.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    let minutes = match (number, unit) {
        (1, "minute") | (2.., "minutes") => 1,
        (1, "hour") | (2.., "hours") => 60,
        (1, "day") | (2.., "days") => 24 * 60,
        _ => return None,
    };
    Some(Duration::from_secs(number.checked_mul(minutes * 60)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rate_has_a_number_and_a_unit() {
        let seconds = |text| rate(text).map(|rate| rate.as_secs());
        assert_eq!(seconds("rate(1 minute)"), Some(60));
        assert_eq!(seconds("rate(5 minutes)"), Some(300));
        assert_eq!(seconds("rate(1 hour)"), Some(3600));
        assert_eq!(seconds("rate(2 days)"), Some(172_800));
        for text in [
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(0 minutes)",
            "rate(1 week)",
            "rate(18446744073709551615 days)",
            "cron(0 * * * ? *)",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn an_input_is_json_or_absent() {
        let schedule = |input: Option<&str>| {
            let event = ScheduleEvent { schedule: "rate(1 hour)".into(), input: input.map(Into::into) };
            event.schedule("function".into()).map(|schedule| schedule.input)
        };
        assert_eq!(schedule(None).unwrap(), Value::Null);
        assert_eq!(schedule(Some("{\"a\":1}")).unwrap(), json!({"a": 1}));
        assert!(schedule(Some("{")).is_err());
    }
}

//! The budget of all checks of a request.

use xzepr_json::Json;

use crate::{
    error::TooMuchWork, evaluate::Evaluation, explain::explain, node::Graph, schema::Mismatch, work::Work,
};

/// The steps of the checks. The largest ordinary payloads take a tenth of them.
pub(crate) const STEPS: u64 = 3_000_000;

/// The explanations get these steps in addition to those that the checks have left. One explanation gets at most the
/// second number.
const STEPS_OF_EXPLANATIONS: u64 = 1_000_000;
const MAX_STEPS_OF_AN_EXPLANATION: u64 = 2_000_000;

/// The steps of each value of a batch that the other values cannot take, so that an ordinary value is checked whatever
/// comes before it. A batch of 100 values takes at most twice the steps of one.
const STEPS_OF_ITS_OWN: u64 = STEPS / 100;

/// The steps that the checks of one request may take together. So a request with many values costs at most 250 ms of
/// processor time, as one with one value does.
#[derive(Debug)]
pub struct Budget {
    /// For the values together.
    checks: u64,
    explanations: u64,
    /// For each value.
    own: u64,
}

impl Default for Budget {
    /// The budget of a request with one value.
    fn default() -> Self {
        Self { checks: STEPS, explanations: STEPS_OF_EXPLANATIONS, own: 0 }
    }
}

impl Budget {
    /// The budget of a request with up to 100 values.
    pub fn of_batch() -> Self {
        Self { own: STEPS_OF_ITS_OWN, ..Self::default() }
    }

    /// Whether the values so far have left all of the common steps.
    pub fn is_whole(&self) -> bool {
        self.checks == STEPS
    }

    /// The mismatches of a value.
    pub(crate) fn mismatches(&mut self, graph: &Graph, value: &Json) -> Result<Vec<Mismatch>, TooMuchWork> {
        let mut evaluation = Evaluation::new(graph, self.own + self.checks);
        let verdict = evaluation.matches(value);
        let left = evaluation.work.left();
        self.checks = self.checks.min(left);
        if verdict? {
            return Ok(Vec::new());
        }
        let steps = (left + self.explanations).min(MAX_STEPS_OF_AN_EXPLANATION);
        evaluation.work = Work::new(steps);
        let mismatches = explain(&mut evaluation, value);
        self.spend_on_an_explanation(steps - evaluation.work.left(), left - self.checks);
        Ok(mismatches)
    }

    /// An explanation takes the steps of explanations first, then those that the value has left, then those of the
    /// checks.
    fn spend_on_an_explanation(&mut self, steps: u64, own: u64) {
        let of_explanations = steps.min(self.explanations);
        self.explanations -= of_explanations;
        self.checks -= (steps - of_explanations).saturating_sub(own);
    }
}

#[cfg(test)]
mod tests {
    use xzepr_json::JsonText;

    use super::*;
    use crate::Schema;

    fn compile(text: &str) -> Schema {
        Schema::compile(&JsonText::try_from(text.to_owned()).unwrap()).unwrap()
    }

    fn text(length: usize) -> Json<'static> {
        Json::parse(&format!("\"{}\"", "a".repeat(length))).unwrap().to_static()
    }

    #[test]
    fn an_explanation_takes_its_own_steps_first() {
        let mut budget = Budget::default();
        budget.spend_on_an_explanation(STEPS_OF_EXPLANATIONS - 1, 0);
        assert_eq!((budget.checks, budget.explanations), (STEPS, 1));
        budget.spend_on_an_explanation(11, 4);
        assert_eq!((budget.checks, budget.explanations), (STEPS - 6, 0));
        budget.spend_on_an_explanation(3, 4);
        assert_eq!(budget.checks, STEPS - 6);
    }

    #[test]
    fn values_share_the_steps_of_a_batch_and_each_has_some_of_its_own() {
        let patterns: Vec<_> = (0..1000).map(|index| format!(r#"{{"pattern":"c{index}"}}"#)).collect();
        let hostile = compile(&format!(r#"{{"anyOf":[{}]}}"#, patterns.join(",")));
        let ordinary = compile(r#"{"type":"integer"}"#);
        let mut budget = Budget::of_batch();
        assert_eq!(ordinary.mismatches_within(&mut budget, &text(9)).unwrap().len(), 1);
        assert!(budget.is_whole());
        for _ in 0..100 {
            assert_eq!(hostile.mismatches_within(&mut budget, &text(200_000)), Err(TooMuchWork));
            assert!(!budget.is_whole());
            assert_eq!(ordinary.mismatches_within(&mut budget, &text(9)).unwrap().len(), 1);
            assert_eq!(ordinary.mismatches_within(&mut budget, &Json::parse("1").unwrap()), Ok(Vec::new()));
        }
    }

    #[test]
    fn a_hundred_ordinary_values_leave_more_than_half_of_the_steps() {
        let schema = compile(
            r##"{"type":"object","required":["commit"],"additionalProperties":false,"properties":{
                "commit":{"type":"string","pattern":"^[0-9a-f]{7,40}$"},"hash":{"pattern":"^sha256:[0-9a-f]{64}$"},
                "version":{"pattern":"^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$"},"url":{"format":"uri"},
                "at":{"format":"date-time"},"note":{"type":"string","pattern":"^.{0,255}$"}}}"##,
        );
        let value = format!(
            r#"{{"commit":"8a41d5f","version":"1.2.3-rc.1","hash":"sha256:{}","url":"https://example.com/a",
                "at":"2026-11-24T10:30:00Z","note":"{}"}}"#,
            "0a".repeat(32),
            "é😀x".repeat(80)
        );
        let (mut budget, value) = (Budget::of_batch(), Json::parse(&value).unwrap());
        for _ in 0..100 {
            assert_eq!(schema.mismatches_within(&mut budget, &value), Ok(Vec::new()));
        }
        assert!(budget.checks > STEPS / 2, "{budget:?}");
    }
}

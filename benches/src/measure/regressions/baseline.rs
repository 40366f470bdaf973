//! The counts that the last commit with a change of them has recorded.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::PathBuf,
};

use local::{Context, Result, workspace};
use serde::{Deserialize, Serialize};

use super::machine::Machine;

/// A cost may grow by this part.
const LIMIT: f64 = 0.02;

/// The limit if other versions or another kind of processor made the record: libraries then choose other code, which may
/// cost more without a change of ours.
const LIMIT_ELSEWHERE: f64 = 0.1;

/// The costs of the functions and the machine that has counted them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Costs {
    pub(super) machine: Machine,
    /// The instructions of each step.
    pub(super) instructions: BTreeMap<String, u64>,
    /// The bytes of the zip file of each function.
    pub(super) zip_bytes: BTreeMap<String, u64>,
}

/// Costs beside those that are recorded.
pub(super) struct Comparison {
    lines: Vec<Line>,
    is_same_machine: bool,
}

struct Line {
    cost: String,
    recorded: Option<u64>,
    now: Option<u64>,
}

/// The meaning of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Kept,
    /// It costs more than the limit allows.
    Grown,
    /// It costs less by more than the limit, so the record allows more than it should.
    Fallen,
    /// It is either not recorded or no longer counted.
    Unmatched,
}

/// The file of the record.
pub(super) fn path() -> PathBuf {
    workspace::root().join("benches/baseline.json")
}

impl Costs {
    /// Reads the record.
    pub(super) fn read() -> Result<Self> {
        let path = path();
        let text = fs::read_to_string(&path).context(path.display())?;
        serde_json::from_str(&text).context(path.display())
    }

    /// Writes the record.
    pub(super) fn write(&self) -> Result<()> {
        let path = path();
        let text = serde_json::to_string_pretty(self).context(path.display())?;
        fs::write(&path, text + "\n").context(path.display())
    }

    /// Compares these costs with the record.
    pub(super) fn compare(&self, recorded: &Self) -> Comparison {
        let lines = [
            ("instructions", &recorded.instructions, &self.instructions),
            ("zip file, bytes", &recorded.zip_bytes, &self.zip_bytes),
        ];
        let lines = lines.into_iter().flat_map(|(unit, recorded, now)| {
            let names: BTreeSet<_> = recorded.keys().chain(now.keys()).collect();
            names.into_iter().map(move |name| Line {
                cost: format!("{name}, {unit}"),
                recorded: recorded.get(name).copied(),
                now: now.get(name).copied(),
            })
        });
        Comparison { lines: lines.collect(), is_same_machine: self.machine == recorded.machine }
    }
}

impl Comparison {
    /// The reasons to refuse the costs. There are none if each is within its limit.
    pub(super) fn faults(&self) -> Vec<String> {
        let faults = self.lines.iter().filter_map(|line| match line.verdict(self.limit()) {
            Verdict::Kept | Verdict::Fallen => None,
            Verdict::Grown => Some(format!("{} grew by {}", line.cost, line.change())),
            Verdict::Unmatched => Some(format!("{} is not both recorded and counted", line.cost)),
        });
        faults.collect()
    }

    fn limit(&self) -> f64 {
        if self.is_same_machine { LIMIT } else { LIMIT_ELSEWHERE }
    }

    /// Whether the same versions and the same kind of processor have counted both.
    pub(super) fn is_same_machine(&self) -> bool {
        self.is_same_machine
    }

    /// Whether a cost fell by more than the limit.
    pub(super) fn has_fallen(&self) -> bool {
        self.lines.iter().any(|line| line.verdict(self.limit()) == Verdict::Fallen)
    }
}

impl Line {
    fn ratio(&self) -> Option<f64> {
        Some(self.now? as f64 / self.recorded.filter(|recorded| *recorded > 0)? as f64)
    }

    fn verdict(&self, limit: f64) -> Verdict {
        match self.ratio() {
            None => Verdict::Unmatched,
            Some(ratio) if ratio > 1.0 + limit => Verdict::Grown,
            Some(ratio) if ratio < 1.0 - limit => Verdict::Fallen,
            Some(_) => Verdict::Kept,
        }
    }

    fn change(&self) -> String {
        self.ratio().map_or_else(String::new, |ratio| format!("{:+.2} %", (ratio - 1.0) * 100.0))
    }
}

/// A table in Markdown.
impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| Cost | Recorded | Now | Change |\n| --- | --- | --- | --- |")?;
        let text = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
        for line in &self.lines {
            let (recorded, now) = (text(line.recorded), text(line.now));
            writeln!(f, "| {} | {recorded} | {now} | {} |", line.cost, line.change())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(instructions: &[(&str, u64)], zip_bytes: u64) -> Costs {
        Costs {
            machine: Machine::default(),
            instructions: instructions.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
            zip_bytes: BTreeMap::from([("create-event".to_owned(), zip_bytes)]),
        }
    }

    #[test]
    fn a_cost_may_grow_by_two_hundredths_and_no_more() {
        let recorded = costs(&[("start", 10_000)], 1000);
        assert_eq!(costs(&[("start", 10_200)], 1020).compare(&recorded).faults(), [""; 0]);
        assert_eq!(
            costs(&[("start", 10_201)], 1000).compare(&recorded).faults(),
            ["start, instructions grew by +2.01 %"]
        );
        assert_eq!(
            costs(&[("start", 10_000)], 1100).compare(&recorded).faults(),
            ["create-event, zip file, bytes grew by +10.00 %"]
        );
    }

    #[test]
    fn on_another_machine_the_limit_is_a_tenth() {
        let recorded = costs(&[("start", 10_000)], 1000);
        let elsewhere = |start| {
            let machine = Machine::of_rustc("another version");
            Costs { machine, ..costs(&[("start", start)], 1000) }.compare(&recorded)
        };
        assert!(!elsewhere(11_000).is_same_machine() && elsewhere(11_000).faults().is_empty());
        assert_eq!(elsewhere(11_001).faults(), ["start, instructions grew by +10.01 %"]);
        assert!(!elsewhere(9100).has_fallen() && elsewhere(8900).has_fallen());
    }

    #[test]
    fn a_cost_that_falls_is_no_fault_and_is_told() {
        let recorded = costs(&[("start", 10_000)], 1000);
        let fallen = costs(&[("start", 9000)], 1000).compare(&recorded);
        assert!(fallen.has_fallen() && fallen.faults().is_empty());
        assert!(!costs(&[("start", 9900)], 1000).compare(&recorded).has_fallen());
    }

    #[test]
    fn a_new_or_lost_input_needs_a_new_record() {
        let (few, many) = (costs(&[("start", 1)], 1), costs(&[("start", 1), ("warm POST", 1)], 1));
        for comparison in [few.compare(&many), many.compare(&few)] {
            assert_eq!(comparison.faults(), ["warm POST, instructions is not both recorded and counted"]);
        }
    }

    #[test]
    fn the_table_has_the_change_of_each_cost() {
        let table = costs(&[("start", 9500)], 1000).compare(&costs(&[("start", 10_000)], 1000)).to_string();
        assert!(table.contains("| start, instructions | 10000 | 9500 | -5.00 % |"), "{table}");
    }

    #[test]
    fn the_committed_record_can_be_read() {
        let recorded = Costs::read().unwrap();
        assert_eq!(recorded.zip_bytes.len(), 4);
        assert_eq!(recorded.instructions.len(), 9);
        assert!(recorded.compare(&recorded).faults().is_empty());
    }
}

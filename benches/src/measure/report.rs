//! Tables of figures, for people and as JSON.

mod matrix;

use std::{fmt, fs, path::Path};

use serde::Serialize;

pub(super) use self::matrix::{Column, Matrix};
use super::{
    bars::Bars,
    samples::{Samples, Summary},
};

/// The table of a row.
#[derive(Debug)]
pub(super) enum Figures {
    /// Subjects side by side.
    Table(Table),
    /// Inputs below each other.
    Matrix(Matrix),
}

/// The quantities of some subjects. The first subject is ours.
#[derive(Debug)]
pub(super) struct Table {
    title: &'static str,
    subjects: Vec<String>,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    quantity: String,
    unit: &'static str,
    samples: Vec<Samples>,
}

/// All tables.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    tables: Vec<TableSummary>,
}

#[derive(Debug, Serialize)]
struct TableSummary {
    title: &'static str,
    lines: Vec<LineSummary>,
}

#[derive(Debug, Serialize)]
struct LineSummary {
    quantity: String,
    unit: &'static str,
    subjects: Vec<SubjectSummary>,
}

#[derive(Debug, Serialize)]
struct SubjectSummary {
    subject: String,
    #[serde(flatten)]
    summary: Option<Summary>,
}

impl Table {
    /// An empty table for these subjects.
    pub(super) fn new(title: &'static str, subjects: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { title, subjects: subjects.into_iter().map(Into::into).collect(), lines: Vec::new() }
    }

    /// Adds a sample of a quantity of the subject with this index.
    pub(super) fn add(&mut self, quantity: &str, unit: &'static str, subject: usize, value: f64) {
        let found = self.lines.iter().position(|line| line.quantity == quantity);
        let index = found.unwrap_or_else(|| {
            let samples = vec![Samples::default(); self.subjects.len()];
            self.lines.push(Line { quantity: quantity.to_owned(), unit, samples });
            self.lines.len() - 1
        });
        if let Some(samples) = self.lines.get_mut(index).and_then(|line| line.samples.get_mut(subject)) {
            samples.add(value);
        }
    }

    /// A picture of some quantities: a group of bars for each, a bar for each subject.
    pub(super) fn bars(&self, title: &'static str, unit: &'static str, quantities: &[&str]) -> Bars {
        let mut bars = Bars::new(title, unit);
        for line in self.lines.iter().filter(|line| quantities.contains(&&*line.quantity)) {
            for (subject, samples) in self.subjects.iter().zip(&line.samples) {
                if let Some(summary) = samples.summary() {
                    bars.add(&line.quantity, subject, summary);
                }
            }
        }
        bars
    }

    fn summary(&self) -> TableSummary {
        let lines = self.lines.iter().map(|line| {
            let subjects = self.subjects.iter().zip(&line.samples).map(|(subject, samples)| SubjectSummary {
                subject: subject.clone(),
                summary: samples.summary(),
            });
            LineSummary { quantity: line.quantity.clone(), unit: line.unit, subjects: subjects.collect() }
        });
        TableSummary { title: self.title, lines: lines.collect() }
    }
}

impl Report {
    pub(super) fn add(&mut self, figures: &Figures) {
        self.tables.push(match figures {
            Figures::Table(table) => table.summary(),
            Figures::Matrix(matrix) => matrix.summary(),
        });
    }

    /// Writes the tables as JSON.
    pub(super) fn write(&self, path: &Path) -> std::io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        fs::write(path, serde_json::to_string_pretty(self)?)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(table) => table.fmt(f),
            Self::Matrix(matrix) => matrix.fmt(f),
        }
    }
}

/// A table in Markdown. A cell has the median, the quartiles, and the first subject's median as a multiple of its own.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}\n", self.title)?;
        writeln!(f, "| Quantity | {} |", self.subjects.join(" | "))?;
        writeln!(f, "| --- |{}", " --- |".repeat(self.subjects.len()))?;
        for line in &self.lines {
            write!(f, "| {}, {} |", line.quantity, line.unit)?;
            let summaries: Vec<_> = line.samples.iter().map(Samples::summary).collect();
            let first = summaries.first().copied().flatten();
            for (index, summary) in summaries.iter().enumerate() {
                let Some(summary) = summary else {
                    write!(f, " |")?;
                    continue;
                };
                let Summary { median, lower_quartile, upper_quartile, .. } = summary;
                write!(f, " {median:.2}")?;
                if summary.count > 1 {
                    write!(f, " ({lower_quartile:.2} to {upper_quartile:.2})")?;
                }
                if let Some(first) = first.filter(|_| index > 0) {
                    write!(f, ", {:.2} ×", first.median / median)?;
                }
                write!(f, " |")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_the_ratio_of_the_first_subject() {
        let mut table = Table::new("Starts", ["ours", "other"]);
        for value in [4.0, 5.0, 6.0] {
            table.add("init", "ms", 0, value);
            table.add("init", "ms", 1, value / 2.0);
        }
        table.add("size", "MB", 0, 3.0);
        let expected = "\nStarts\n\n| Quantity | ours | other |\n| --- | --- | --- |\n\
                        | init, ms | 5.00 (4.00 to 6.00) | 2.50 (2.00 to 3.00), 2.00 × |\n\
                        | size, MB | 3.00 | |\n";
        assert_eq!(table.to_string(), expected);
    }
}

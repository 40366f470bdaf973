//! A table with a line for each input of a subject, and a column for each figure of it.

use std::fmt;

use super::{LineSummary, SubjectSummary, TableSummary};
use crate::measure::samples::{Samples, Summary, figure};

/// A column: a figure that comes from the samples of a quantity.
#[derive(Debug, Clone, Copy)]
pub(in crate::measure) enum Column {
    /// The median of a quantity.
    Median(&'static str),
    /// The value that one sample of a hundred exceeds.
    P99(&'static str),
    /// The median of the first quantity as a multiple of the median of the second one.
    Multiple(&'static str, &'static str),
}

/// Quantities of some inputs. A quantity's name ends with its unit after a comma, unless it is a number of things.
#[derive(Debug)]
pub(in crate::measure) struct Matrix {
    title: &'static str,
    input: &'static str,
    columns: Vec<(&'static str, Column)>,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    name: String,
    quantities: Vec<(&'static str, Samples)>,
}

impl Matrix {
    /// An empty table. `input` is the heading of the first column, and each other column has its own.
    pub(in crate::measure) fn new(
        title: &'static str,
        input: &'static str,
        columns: impl IntoIterator<Item = (&'static str, Column)>,
    ) -> Self {
        Self { title, input, columns: columns.into_iter().collect(), lines: Vec::new() }
    }

    /// Adds a sample of a quantity of an input.
    pub(in crate::measure) fn add(&mut self, input: &str, quantity: &'static str, value: f64) {
        let index = self.lines.iter().position(|line| line.name == input).unwrap_or_else(|| {
            self.lines.push(Line { name: input.to_owned(), quantities: Vec::new() });
            self.lines.len() - 1
        });
        let Some(Line { quantities, .. }) = self.lines.get_mut(index) else { return };
        match quantities.iter_mut().find(|(name, _)| *name == quantity) {
            Some((_, samples)) => samples.add(value),
            None => {
                let mut samples = Samples::default();
                samples.add(value);
                quantities.push((quantity, samples));
            }
        }
    }

    /// The summary of a quantity of an input.
    pub(in crate::measure) fn quantity(&self, input: &str, quantity: &str) -> Option<Summary> {
        self.lines.iter().find(|line| line.name == input)?.quantity(quantity)
    }

    /// The inputs, in their order.
    pub(in crate::measure) fn inputs(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| &*line.name)
    }

    /// The summaries in the form of the other tables: each quantity is a subject.
    pub(super) fn summary(&self) -> TableSummary {
        let lines = self.lines.iter().map(|line| {
            let subjects = line.quantities.iter().map(|(quantity, samples)| SubjectSummary {
                subject: (*quantity).to_owned(),
                summary: samples.summary(),
            });
            LineSummary { quantity: line.name.clone(), unit: "", subjects: subjects.collect() }
        });
        TableSummary { title: self.title, lines: lines.collect() }
    }
}

impl Line {
    fn quantity(&self, name: &str) -> Option<Summary> {
        self.quantities.iter().find(|(quantity, _)| *quantity == name)?.1.summary()
    }

    fn cell(&self, column: Column) -> Option<String> {
        Some(match column {
            Column::Median(name) => with_unit(self.quantity(name)?.median, name),
            Column::P99(name) => with_unit(self.quantity(name)?.p99, name),
            Column::Multiple(name, base) => {
                format!("{} ×", figure(self.quantity(name)?.median / self.quantity(base)?.median))
            }
        })
    }
}

/// A number with the unit at the end of its quantity's name. A quantity without one is a number of things.
fn with_unit(number: f64, quantity: &str) -> String {
    let number = figure(number);
    quantity.rsplit_once(", ").map_or_else(|| number.clone(), |(_, unit)| format!("{number} {unit}"))
}

/// A table in Markdown, as `docs/performance.md` has it.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}\n", self.title)?;
        let headings: Vec<_> = self.columns.iter().map(|(heading, _)| *heading).collect();
        writeln!(f, "| {} | {} |", self.input, headings.join(" | "))?;
        writeln!(f, "| --- |{}", " --- |".repeat(headings.len()))?;
        for line in &self.lines {
            let cells = self.columns.iter().map(|(_, column)| line.cell(*column).unwrap_or_default());
            writeln!(f, "| {} | {} |", line.name, cells.collect::<Vec<_>>().join(" | "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_figures_of_its_columns_and_an_empty_cell_without_samples() {
        let columns = [
            ("records", Column::Median("records")),
            ("CPU", Column::Median("CPU, ms")),
            ("slowest of 100", Column::P99("CPU, ms")),
            ("hello world", Column::Multiple("CPU, ms", "hello world's CPU, ms")),
        ];
        let mut matrix = Matrix::new("Requests", "Request", columns);
        for value in 1..=100 {
            matrix.add("GET", "records", 24.0);
            matrix.add("GET", "CPU, ms", f64::from(value) / 100.0);
            matrix.add("GET", "hello world's CPU, ms", 0.1);
        }
        matrix.add("POST", "CPU, ms", 1234.0);
        let expected = "\nRequests\n\n| Request | records | CPU | slowest of 100 | hello world |\n| --- | --- | --- | --- | --- |\n\
                        | GET | 24.0 | 0.51 ms | 1.00 ms | 5.10 × |\n| POST |  | 1234 ms | 1234 ms |  |\n";
        assert_eq!(matrix.to_string(), expected);
    }
}

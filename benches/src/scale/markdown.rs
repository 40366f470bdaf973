//! Tables in Markdown.

/// A table with these headings and rows.
pub(crate) fn table(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&headings.iter().map(ToString::to_string).collect::<Vec<_>>());
    text += &line(&vec!["---".to_owned(); headings.len()]);
    for row in rows {
        text += &line(&row);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_table_has_its_headings_and_rows() {
        let rows = [vec!["1".to_owned(), "2".to_owned()]];
        assert_eq!(super::table(&["a", "b"], rows), "| a | b |\n| --- | --- |\n| 1 | 2 |\n");
    }
}

//! `docs/settings.md` names each setting, with its key and its default.

use std::{collections::BTreeSet, fs};

use crate::registry;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/settings.md");

const HEADER: &str = "| Variable | YAML key | Default | Meaning |";

/// The first three cells of each row in the table of settings.
fn documented(text: &str) -> BTreeSet<String> {
    text.lines()
        .skip_while(|line| *line != HEADER)
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|row| row.split('|').take(4).collect::<Vec<_>>().join("|"))
        .collect()
}

/// The same cells as the definitions have them.
fn defined() -> BTreeSet<String> {
    let row = |variable: &str, key: &str, default: Option<&str>| {
        let default = default.map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
        format!("| `{variable}` | `{key}` | {default} ")
    };
    registry::all().map(|setting| row(setting.variable, setting.key, setting.default)).collect()
}

#[test]
fn each_setting_has_a_row_and_each_row_a_setting() {
    let (documented, defined) = (documented(&fs::read_to_string(FILE).unwrap()), defined());
    let missing: Vec<_> = defined.difference(&documented).collect();
    let unknown: Vec<_> = documented.difference(&defined).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "change docs/settings.md.\nRows to add, with a meaning: {missing:#?}\nRows that no setting has: {unknown:#?}"
    );
}

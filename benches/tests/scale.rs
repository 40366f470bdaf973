//! The tables of `docs/scale.md` are those of the command.

use std::fs;

use benches::scale::{assumptions::Assumptions, report::tables, template::Template};
use clap::Parser;

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    assumptions: Assumptions,
}

#[test]
fn the_document_has_the_tables_of_the_command() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/scale.md")).unwrap();
    let options = Options::parse_from(["scale"]);
    for (heading, table) in tables(&Template::read().unwrap(), &options.assumptions) {
        assert!(text.contains(&table), "docs/scale.md lacks the table of {heading:?}:\n\n{table}");
    }
}

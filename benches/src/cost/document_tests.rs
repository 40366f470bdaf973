//! The tables of `docs/cost.md` are those that the command before them prints.
//!
//! After a change, this command writes them again:
//!
//! `XZEPR_RENDER_COSTS=1 cargo test -p benches document`

use std::{env, fs};

use clap::Parser;

use crate::cost::{Options, report};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cost.md");

/// The start of a line with a command.
const COMMAND: &str = "cargo run -p benches --bin cost --";

/// The line before the output of the command before it, and the line after.
const BEGIN: &str = "<!-- The output of the command. -->";
const END: &str = "<!-- The end of the output. -->";

fn output(command: &str) -> String {
    let arguments = command.strip_prefix(COMMAND).unwrap_or_else(|| panic!("{command}"));
    let options = Options::try_parse_from([&["cost"], &words(arguments)[..]].concat()).unwrap();
    report(&options.loads(), &options.functions(), &options.rival(), &options.prices().unwrap())
}

fn words(arguments: &str) -> Vec<&str> {
    arguments.split_whitespace().collect()
}

/// The document with the output of each command in its place.
fn rendered(document: &str) -> String {
    let (mut text, mut command, mut is_output) = (String::new(), None::<String>, false);
    for line in document.lines() {
        // A long command goes on in the next line.
        if let Some(begun) = command.as_mut().filter(|command| command.ends_with('\\')) {
            begun.pop();
            *begun += line;
        } else if line.starts_with(COMMAND) {
            command = Some(line.to_owned());
        }
        is_output &= line != END;
        if !is_output {
            text += line;
            text.push('\n');
        }
        if line == BEGIN {
            text += &format!("\n{}\n", output(&command.take().expect("an output has a command")));
            is_output = true;
        }
    }
    assert!(!is_output, "an output has no end");
    text
}

#[test]
fn the_tables_of_the_document_are_current() {
    let document = fs::read_to_string(DOCUMENT).unwrap();
    assert!(document.contains(BEGIN));
    let rendered = rendered(&document);
    if env::var_os("XZEPR_RENDER_COSTS").is_some() {
        fs::write(DOCUMENT, &rendered).unwrap();
        return;
    }
    let command = "XZEPR_RENDER_COSTS=1 cargo test -p benches document";
    assert!(document == rendered, "docs/cost.md is not what its commands print. Write it again: {command}");
}

//! The documents. Each block of commands is marked, the commands that a developer can run succeed, and each alarm has a
//! section.
//!
//! | Marker | The block runs |
//! | --- | --- |
//! | `sh` | beside `cargo run -p local`; this test runs it |
//! | `sh needs-aws` | with an AWS account |
//! | `sh needs-kafka` | with the tools of a Kafka client |
//! | `sh slow` | for minutes |
//!
//! A test runs each `sh` block in a shell of its own, with the ports of the test's system in place of 8080, 8000 and
//! 9092. If the block after it has a response in JSON, the command must print that response. An id in it stands for
//! the id of the real response, also in later blocks of the document.
//!
//! The examples of `docs/routes.md` are settings. A test of each starts a system with them.
//!
//! Each row of the truth table in `docs/gates.md` is a test.

mod block;
mod gates;
mod reader;
mod routes;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use block::{Block, Marker};
use reader::Reader;

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The blocks of each document.
fn documents() -> BTreeMap<String, Vec<Block>> {
    let mut documents = BTreeMap::new();
    for folder in ["", "docs/"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = format!("{folder}{}", entry.unwrap().file_name().to_str().unwrap());
            if name.ends_with(".md") {
                let text = fs::read_to_string(root().join(&name)).unwrap();
                documents.insert(name.clone(), Block::all(&name, &text));
            }
        }
    }
    documents
}

#[test]
fn every_block_of_commands_has_a_known_marker() {
    let faults: Vec<_> = documents().into_values().flatten().filter_map(|block| block.fault()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_script_of_the_repository_in_a_command_exists() {
    for block in documents().into_values().flatten().filter(|block| block.marker.is_some()) {
        let words = block.text.lines().filter_map(|line| line.split_whitespace().next());
        let folders = ["tests/", ".ci/", "supply-chain/"];
        for script in words.filter(|word| folders.iter().any(|folder| word.starts_with(folder))) {
            assert!(root().join(script).is_file(), "{}: there is no {script}", block.place);
        }
    }
}

#[test]
fn operations_has_a_section_for_each_alarm() {
    let template = fs::read_to_string(root().join("template.yaml")).unwrap();
    let lines: Vec<_> = template.lines().collect();
    let alarms: BTreeSet<_> = lines
        .windows(2)
        .filter(|pair| pair[1].trim() == "Type: AWS::CloudWatch::Alarm")
        .map(|pair| pair[0].trim().trim_end_matches(':'))
        .collect();
    let operations = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let headings = operations.lines().filter_map(|line| line.strip_prefix("### "));
    let sections: BTreeSet<_> = headings.filter(|heading| heading.ends_with("Alarm")).collect();
    assert!(!alarms.is_empty());
    assert_eq!(sections, alarms);
    for alarm in alarms {
        let (_, section) = operations.split_once(&format!("\n### {alarm}\n")).unwrap();
        let section = section.split("\n#").next().unwrap();
        assert!(section.contains("\n1. "), "the section of {alarm} has no steps");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_beside_a_running_local_succeeds() {
    let mut faults = Vec::new();
    let reader = Reader::start().await;
    for blocks in documents().into_values() {
        let mut ids = BTreeMap::new();
        for block in blocks.iter().filter(|block| block.marker == Some(Marker::Runs)) {
            faults.extend(reader.run(block, &mut ids).await.err());
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

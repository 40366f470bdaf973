//! The official test suite, <https://github.com/json-schema-org/JSON-Schema-Test-Suite>. `.ci/run` fetches it, and
//! `JSON_SCHEMA_TEST_SUITE` names its folder.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test ends by a panic")]
#![expect(clippy::disallowed_types, reason = "the suite is not a caller")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use xzepr_json::JsonText;
use xzepr_json_schema::Schema;

/// The suite's folders, and the `$schema` of their drafts.
const DRAFTS: [(&str, &str); 5] = [
    ("draft4", "http://json-schema.org/draft-04/schema#"),
    ("draft6", "http://json-schema.org/draft-06/schema#"),
    ("draft7", "http://json-schema.org/draft-07/schema#"),
    ("draft2019-09", "https://json-schema.org/draft/2019-09/schema"),
    ("draft2020-12", "https://json-schema.org/draft/2020-12/schema"),
];

/// The documents of the suite's own web server. This crate fetches nothing and knows only the meta-schemas of the
/// drafts.
const REMOTE: &str = "http://localhost:1234";

/// Files that this crate does not follow on purpose: it always asserts `format`.
const DECLINED: [&str; 1] = ["draft2020-12/format.json"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

fn compile(schema: &Value) -> Result<Schema, String> {
    Schema::compile(&JsonText::try_from(schema.to_string()).unwrap()).map_err(|error| error.to_string())
}

/// Whether the value matches, and the mismatches.
fn check(schema: &Schema, value: &Value) -> (bool, String) {
    let text = JsonText::try_from(value.to_string()).unwrap();
    let mismatches = schema.mismatches(&text.value().unwrap());
    (mismatches.as_ref().is_ok_and(Vec::is_empty), format!("{mismatches:?}"))
}

#[test]
#[ignore = "needs the suite: see .ci/run"]
fn every_case_of_the_suite_gets_its_verdict() {
    let tests = PathBuf::from(env::var("JSON_SCHEMA_TEST_SUITE").unwrap()).join("tests");
    let (mut agree, mut remote, mut differ) = (0, 0, Vec::new());
    for (folder, uri) in DRAFTS {
        for file in files(&tests.join(folder)) {
            let name = file.strip_prefix(&tests).unwrap().display().to_string();
            if DECLINED.contains(&&*name) {
                continue;
            }
            let groups: Vec<Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
            for group in groups {
                let mut schema = group["schema"].clone();
                if let Some(members) = schema.as_object_mut() {
                    members.entry("$schema").or_insert_with(|| uri.into());
                }
                let compiled = compile(&schema);
                for case in group["tests"].as_array().unwrap() {
                    let outcome = compiled.as_ref().map(|schema| check(schema, &case["data"]));
                    match outcome {
                        Ok((matches, _)) if case["valid"] == matches => agree += 1,
                        Err(_) if schema.to_string().contains(REMOTE) => remote += 1,
                        outcome => differ.push(format!(
                            "{name}: {}: {}: {outcome:?}",
                            group["description"], case["description"]
                        )),
                    }
                }
            }
        }
    }
    println!("{agree} agree, {remote} need another document");
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
    assert!(agree > 6500 && remote < 250, "the folder is not the suite");
}

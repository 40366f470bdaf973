//! A reader of the documents, who runs each command beside a running system.

use std::{collections::BTreeMap, fs, process::Output, time::Duration};

use end_to_end::{System, eventually};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{block::Block, root};

/// Longer than the slowest block.
const RUNS_WITHIN: Duration = Duration::from_secs(120);

/// Runs before each block. `curl` keeps the headers of its responses, and `cargo run` runs the program that is built
/// already, with the port of the test's system.
const PRELUDE: &str = r#"
set -euo pipefail
curl() {
  command curl --silent --show-error --dump-header "$HEADERS.new" "$@"
  cat "$HEADERS.new" >>"$HEADERS"
}
cargo() {
  case "$*" in
    lambda* | run*' --example '*) command cargo "$@" ;;
    run*' -p local -- '*)
      until [[ $1 == -- ]]; do shift; done
      shift
      case "$1" in
        dead-letters | reconcile) "$LOCAL" "$@" --api-url "$API_URL" ;;
        *) "$LOCAL" "$@" ;;
      esac ;;
    *) echo "this test does not know: cargo $*" >&2; return 1 ;;
  esac
}
"#;

/// The running system, and a folder for the headers of responses.
pub(crate) struct Reader {
    system: System,
    dir: TempDir,
}

impl Reader {
    pub(crate) async fn start() -> Self {
        Self { system: System::start().await, dir: tempfile::tempdir().unwrap() }
    }

    /// Runs a block. `ids` has the real ids for those of the document.
    pub(crate) async fn run(&self, block: &Block, ids: &mut BTreeMap<String, String>) -> Result<(), String> {
        let headers = self.dir.path().join("headers");
        fs::write(&headers, "").unwrap();
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("{PRELUDE}{}", self.adapted(&block.text, ids))])
            .current_dir(root())
            .env("API_URL", &self.system.stack.api_url)
            .env("HEADERS", &headers)
            .env("LOCAL", local::program("local"))
            .kill_on_drop(true);
        let output = eventually(RUNS_WITHIN, async || bash.output().await).await;
        let checked = match output.status.success() {
            true => check_statuses(&fs::read_to_string(&headers).unwrap())
                .and_then(|()| check_output(block.output.as_deref(), &output, ids)),
            false => Err(format!("it ends with {}", output.status)),
        };
        let printed = || String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned();
        checked.map_err(|fault| format!("{}: {fault}\n{}{}", block.place, block.text, printed()))
    }

    /// The commands with the test's ports and ids.
    fn adapted(&self, text: &str, ids: &BTreeMap<String, String>) -> String {
        let port = |url: &str| url.rsplit(':').next().unwrap().to_owned();
        let text = text
            .replace("localhost:9092", &self.system.stack.kafka.brokers())
            .replace("8080", &port(&self.system.stack.api_url))
            .replace("8000", &port(&self.system.stack.dynamodb_url));
        with_real_ids(&text, ids)
    }
}

/// A text of a document with the ids of the responses so far.
fn with_real_ids(text: &str, ids: &BTreeMap<String, String>) -> String {
    ids.iter().fold(text.to_owned(), |text, (of_document, real)| text.replace(of_document, real))
}

/// A document may show a request that is refused, but none that no route accepts, and none that fails.
fn check_statuses(headers: &str) -> Result<(), String> {
    let statuses = headers.lines().filter_map(|line| line.strip_prefix("HTTP/")?.split(' ').nth(1));
    for status in statuses {
        if ["404", "405"].contains(&status) || status.starts_with('5') {
            return Err(format!("a response has the status {status}"));
        }
    }
    Ok(())
}

/// Compares the output with the document, if that has JSON. An ellipsis in it matches any text, and an id of an earlier
/// response stands for the real one.
fn check_output(
    documented: Option<&str>,
    output: &Output,
    ids: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    let Some(documented) = documented.filter(|text| text.starts_with('{')) else { return Ok(()) };
    let printed = String::from_utf8_lossy(&output.stdout);
    let id = |text: &str| Some(serde_json::from_str::<Value>(text).ok()?["data"].as_str()?.to_owned());
    if let Some(of_document) = id(documented) {
        let real = id(&printed).ok_or("the response has no id")?;
        ids.insert(of_document, real);
        return Ok(());
    }
    // A long response is broken into lines in the document.
    let documented = with_real_ids(&documented.lines().map(str::trim).collect::<String>(), ids);
    let mut rest = &*printed;
    for part in documented.split('…').map(str::trim) {
        let (_, after) = rest.split_once(part).ok_or_else(|| format!("the output does not have {part}"))?;
        rest = after;
    }
    Ok(())
}

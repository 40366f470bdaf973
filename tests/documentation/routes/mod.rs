//! The examples of `docs/routes.md`: each is the settings of a system, whose topics get the messages that it promises.

mod examples;
#[cfg(feature = "real-services")]
mod schema_registry;

use std::{collections::BTreeSet, fs, time::Duration};

use end_to_end::{MessageSchema, System, eventually};
use local::{
    samples,
    topic::{Reader, Record, StartAt, Topics},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::block_in_place;
use xzepr_settings::Format;

use crate::{block::Block, root};

const DOCUMENT: &str = "docs/routes.md";

/// Longer than a first batch with the creation of its topics.
const ARRIVE_WITHIN: Duration = Duration::from_secs(90);

const LOOK: Duration = Duration::from_millis(100);

/// A message that must not come would come within this time, since its event is older than the last awaited one.
const LATE: Duration = Duration::from_secs(2);

/// The sections of the chapter's examples, each with its YAML file.
fn examples() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join(DOCUMENT)).unwrap();
    let (_, after) = text.split_once("\n## Examples\n").unwrap();
    let (examples, _) = after.split_once("\n## ").unwrap();
    let sections = examples.split("\n### ").skip(1).map(|section| {
        let (heading, text) = section.split_once('\n').unwrap();
        let files: Vec<_> =
            Block::all(DOCUMENT, text).into_iter().filter(|block| block.is_of("yaml")).collect();
        let [file] = &files[..] else { panic!("{heading} has {} YAML files", files.len()) };
        (heading.to_owned(), file.text.clone())
    });
    sections.collect()
}

#[test]
fn every_example_has_a_test() {
    let headings: BTreeSet<_> = examples().into_iter().map(|(heading, _)| heading).collect();
    assert_eq!(headings, examples::HEADINGS.map(str::to_owned).into());
}

/// A system with the settings of an example, and a reader of all topics.
struct Example {
    system: System,
    reader: Reader,
    _dir: TempDir,
}

impl Example {
    async fn start(heading: &str) -> Self {
        Self::start_with(heading, &[]).await
    }

    /// Starts it with variables, which come before the members of the file.
    async fn start_with(heading: &str, variables: &[(&str, &str)]) -> Self {
        let (_, file) = examples().into_iter().find(|(name, _)| name == heading).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.yaml");
        fs::write(&path, file).unwrap();
        let system = System::start_with(|options| {
            let file = ("XZEPR_CONFIG_FILE", path.to_str().unwrap());
            let variables = variables.iter().copied().chain([file]);
            options.environment.extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        })
        .await;
        let brokers = system.stack.kafka.brokers();
        let reader = block_in_place(|| Reader::open(&brokers, Topics::all(), StartAt::Beginning)).unwrap();
        Self { system, reader, _dir: dir }
    }

    /// Declares a receiver of this type.
    async fn receiver(&self, r#type: &str) -> String {
        let mut receiver = samples::receiver();
        receiver["type"] = json!(r#type);
        self.system.create("/api/v1/event-receivers", &receiver).await
    }

    async fn group(&self, receiver: &str) -> String {
        self.system.create("/api/v1/event-receiver-groups", &samples::group(receiver)).await
    }

    /// Posts the sample event with other members.
    async fn event(&self, receiver: &str, members: Value) -> String {
        let mut event = samples::event(receiver);
        for (name, value) in members.as_object().unwrap() {
            event[name] = value.clone();
        }
        self.system.create("/api/v1/events", &event).await
    }

    /// All messages, which must be this many. They are in the order of their topics and keys.
    async fn records(&self, count: usize) -> Vec<Record> {
        let mut records = Vec::new();
        eventually(ARRIVE_WITHIN, async || {
            while records.len() < count {
                let record = block_in_place(|| self.reader.next(LOOK));
                records.push(record.ok_or_else(|| format!("{} of {count} messages arrived", records.len()))?);
            }
            Ok::<_, String>(())
        })
        .await;
        let unexpected = block_in_place(|| self.reader.next(LATE));
        assert_eq!(unexpected, None, "after {records:?}");
        records.sort_by(|a, b| (&a.topic, &a.key).cmp(&(&b.topic, &b.key)));
        records
    }
}

/// The value of a record's header, if the record has one.
fn header<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    record.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
}

/// The topic and the key of each record, and the name of its route in the header. Each record must be of the format.
fn places(records: &[Record], format: Format) -> Vec<(&str, &str, Option<&str>)> {
    let schema = MessageSchema::of(format);
    let place = |record| {
        schema.check(record);
        (record.topic.as_str(), record.key.as_str(), header(record, "xzepr-route"))
    };
    records.iter().map(place).collect()
}

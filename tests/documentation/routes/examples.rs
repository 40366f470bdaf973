//! A test for each example, named by its heading.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use xzepr_settings::Format;

use super::{Example, header, places};

const ENVIRONMENT: &str = "A topic for each environment";
const FAILURES: &str = "Failures apart";
const RECEIVER_TYPE: &str = "A topic for each type of receiver";
const EPR: &str = "EPR beside CloudEvents";
const ARTIFACT: &str = "One partition for each artifact";
pub(super) const SCHEMA_REGISTRY: &str = "A schema registry";

pub(super) const HEADINGS: [&str; 6] = [ENVIRONMENT, FAILURES, RECEIVER_TYPE, EPR, ARTIFACT, SCHEMA_REGISTRY];

#[tokio::test(flavor = "multi_thread")]
async fn each_environment_has_a_topic_for_all_of_its_events() {
    let example = Example::start(ENVIRONMENT).await;
    let receiver = example.receiver("com.example.build").await;
    let group = example.group(&receiver).await;
    let event = example.event(&receiver, json!({})).await;
    // The event completes the group.
    let records = example.records(4).await;
    let places = places(&records, Format::Xzepr);
    assert!(places.contains(&("prod.events", event.as_str(), Some("all"))), "{places:?} {group}");
    assert!(places.iter().all(|(topic, ..)| *topic == "prod.events"), "{places:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_on_the_topic_of_the_failures_alone() {
    let example = Example::start(FAILURES).await;
    let receiver = example.receiver("com.example.build").await;
    let success = example.event(&receiver, json!({"success": true})).await;
    let failure = example.event(&receiver, json!({"success": false})).await;
    let records = example.records(3).await;
    let places = places(&records, Format::Xzepr);
    assert!(places.contains(&("xzepr.events", success.as_str(), Some("successes"))), "{places:?}");
    assert_eq!(places[2], ("xzepr.failures", failure.as_str(), Some("failures")));
    assert_eq!((records[1].topic.as_str(), records[2].topic.as_str()), ("xzepr.events", "xzepr.failures"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_expected_type_of_receiver_has_a_topic_and_the_groups_have_one() {
    let example = Example::start(RECEIVER_TYPE).await;
    let (build, scan) =
        (example.receiver("com.example.build").await, example.receiver("com.example.scan").await);
    let unexpected = example.receiver("com.example.other").await;
    example.group(&build).await;
    example.event(&unexpected, json!({})).await;
    let (of_build, of_scan) = (example.event(&build, json!({})).await, example.event(&scan, json!({})).await);
    // Two are about the group: it was created, and the event of the build completes it.
    let records = example.records(6).await;
    let places = places(&records, Format::Xzepr);
    for (topic, event) in [("events.com.example.build", of_build), ("events.com.example.scan", of_scan)] {
        assert!(places.contains(&(topic, event.as_str(), Some("receivers"))), "{places:?}");
    }
    let topics: Vec<_> = places.iter().map(|(topic, _, route)| (*topic, *route)).collect();
    assert_eq!(
        topics,
        [
            ("events.com.example.build", Some("receivers")),
            ("events.com.example.build", Some("receivers")),
            ("events.com.example.scan", Some("receivers")),
            ("events.com.example.scan", Some("receivers")),
            ("events.groups", Some("groups")),
            ("events.groups", Some("groups")),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_is_an_epr_message_and_a_cloudevent() {
    let example = Example::start(EPR).await;
    let receiver = example.receiver("com.example.build").await;
    let event = example.event(&receiver, json!({})).await;
    let records = example.records(4).await;
    let (epr, cloud_events) = records.split_at(2);
    let (epr, cloud_events) = (places(epr, Format::Epr), places(cloud_events, Format::CloudEvents));
    assert!(epr.contains(&("epr.dev.events", event.as_str(), Some("epr"))), "{epr:?}");
    assert!(cloud_events.contains(&("xzepr.cloudevents", event.as_str(), None)), "{cloud_events:?}");
    let keys = |places: &[(&str, &str, Option<&str>)]| {
        places.iter().map(|(_, key, _)| (*key).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&epr), keys(&cloud_events));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_messages_of_an_artifact_are_in_one_partition() {
    const ARTIFACTS: usize = 12;
    let example = Example::start(ARTIFACT).await;
    let receiver = example.receiver("com.example.build").await;
    for index in 0..2 * ARTIFACTS {
        example
            .event(&receiver, json!({"name": "built", "package": format!("app/{}", index % ARTIFACTS)}))
            .await;
    }
    let records = example.records(2 * ARTIFACTS).await;
    let mut partitions: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
    for record in &records {
        assert_eq!(header(record, "ce_partitionkey"), Some(record.key.as_str()));
        partitions.entry(&record.key).or_default().insert(record.partition);
    }
    assert_eq!(partitions.len(), ARTIFACTS);
    assert!(partitions.contains_key("built/2.1.0/2.1.0-rc.1/linux-x86_64/app%2F0"), "{partitions:?}");
    assert!(partitions.values().all(|partitions| partitions.len() == 1), "{partitions:?}");
    let used: BTreeSet<_> = partitions.values().flatten().collect();
    assert!(used.len() > 1, "{partitions:?}");
    for (topic, _, route) in places(&records, Format::CloudEventsBinary) {
        assert_eq!((topic, route), ("xzepr.artifacts", Some("artifacts")));
    }
}

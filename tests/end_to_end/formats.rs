//! The formats of the messages, each in a system of its own.

use std::collections::BTreeSet;

use end_to_end::{System, created_at, redacted};
use insta::assert_snapshot;
use local::{samples, topic::Record};
use serde_json::{Value, json};

/// A system whose messages have this format.
async fn start(format: &str) -> System {
    System::start_with(|options| {
        options.environment.extend([
            ("XZEPR_FORMAT".to_owned(), format.to_owned()),
            ("XZEPR_PUBLIC_BASE_URL".to_owned(), "https://events.example.com/".to_owned()),
        ]);
    })
    .await
}

/// The headers of a record, and its value.
fn text(record: &Record) -> String {
    let headers: String = record.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{headers}\n{}", record.value)
}

/// The records of a receiver, a group and an event, in this order, and the names of their ids and times.
struct Published {
    records: [Record; 3],
    names: Vec<(String, &'static str)>,
}

impl Published {
    /// A record with the names of its ids and times in their places.
    fn text(&self, index: usize) -> String {
        let record = &self.records[index];
        let whole = text(record);
        let names = self.names.iter().map(|(value, name)| (value.as_str(), *name));
        redacted(&whole, &names.filter(|(value, _)| whole.contains(value)).collect::<Vec<_>>())
    }
}

/// Creates a receiver, a group and an event with this payload, and reads their messages.
async fn publish(system: &System, event: impl FnOnce(&str) -> Value) -> Published {
    let receiver = system.create_receiver().await;
    let receiver_created = system.next_messages(1).await.remove(0);
    let group = system.create("/api/v1/groups", &samples::group(&receiver)).await;
    let group_created = system.next_messages(1).await.remove(0);
    let event = system.create("/api/v1/events", &event(&receiver)).await;
    // The message that the group is complete may come first.
    let message = system.await_messages(std::slice::from_ref(&event)).await.remove(&event).unwrap().remove(0);
    let ids = [
        (receiver, "receiver"),
        (group, "group"),
        (event, "event"),
        (receiver_created.key.clone(), "receiver's event"),
        (group_created.key.clone(), "group's event"),
    ];
    // Two ids may have the same time.
    let times: BTreeSet<_> = ids.iter().map(|(id, _)| created_at(id)).collect();
    let times = times.into_iter().map(|time| (time, "time"));
    Published {
        records: [receiver_created, group_created, message],
        names: ids.into_iter().chain(times).collect(),
    }
}

fn event_with_attributes(receiver: &str) -> Value {
    let mut event = samples::event(receiver);
    event["time"] = json!("2024-01-15T10:30:00.5+01:00");
    event["subject"] = json!("oci://registry.example.com/myapp");
    event["dataschema"] = json!("https://example.com/schemas/build");
    event["datacontenttype"] = json!("application/vnd.example+json");
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn a_structured_cloudevent_has_the_payload_as_its_data() {
    let published = publish(&start("cloudevents").await, samples::event).await;
    assert_snapshot!(published.text(0), @r#"
    content-type: application/cloudevents+json; charset=UTF-8

    {"specversion":"1.0","id":"[receiver's event]","source":"xzepr.event.receiver.[receiver]","type":"xzepr.event.receiver.created","time":"[time]","subject":"xzepr.system/1.0.0","datacontenttype":"application/json","receiverid":"[receiver]","apiversion":"v1","success":true,"name":"xzepr.event.receiver.created","version":"1.0.0","release":"system","platformid":"xzepr","package":"xzepr.system","description":"Event receiver 'build' created","sequence":"[receiver's event]","data":{"receiver_id":"[receiver]","name":"build","type":"com.example.build","version":"1.0.0","fingerprint":"sha256:4404eedce2efa7f3a6f2fe11dd0d425e10649c0a84f2c4d55b1ee01125ee51a6","description":"A build of an artifact"}}
    "#);
    assert_snapshot!(published.text(1), @r#"
    content-type: application/cloudevents+json; charset=UTF-8

    {"specversion":"1.0","id":"[group's event]","source":"xzepr.event.receiver.[receiver]","type":"xzepr.event.receiver.group.created","time":"[time]","subject":"xzepr.system/1.0.0","datacontenttype":"application/json","receiverid":"[receiver]","apiversion":"v1","success":true,"name":"xzepr.event.receiver.group.created","version":"1.0.0","release":"system","platformid":"xzepr","package":"xzepr.system","description":"Event receiver group 'release-gate' created","sequence":"[group's event]","data":{"group_id":"[group]","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"The steps before a release","enabled":true,"receiver_ids":["[receiver]"],"receiver_count":1}}
    "#);
    assert_snapshot!(published.text(2), @r#"
    content-type: application/cloudevents+json; charset=UTF-8

    {"specversion":"1.0","id":"[event]","source":"xzepr.event.receiver.[receiver]","type":"com.example.build.finished","time":"[time]","subject":"myapp/2.1.0","datacontenttype":"application/json","dataschema":"https://events.example.com/api/v1/event-receivers/[receiver]/schema","receiverid":"[receiver]","apiversion":"v1","success":true,"name":"com.example.build.finished","version":"2.1.0","release":"2.1.0-rc.1","platformid":"linux-x86_64","package":"myapp","description":"Built myapp","sequence":"[event]","data":{"commit":"8a41d5f"}}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloudevent_carries_the_attributes_that_its_caller_has_set() {
    let published = publish(&start("cloudevents").await, event_with_attributes).await;
    assert_snapshot!(published.text(2), @r#"
    content-type: application/cloudevents+json; charset=UTF-8

    {"specversion":"1.0","id":"[event]","source":"xzepr.event.receiver.[receiver]","type":"com.example.build.finished","time":"2024-01-15T10:30:00.5+01:00","subject":"oci://registry.example.com/myapp","datacontenttype":"application/vnd.example+json","dataschema":"https://example.com/schemas/build","receiverid":"[receiver]","apiversion":"v1","success":true,"name":"com.example.build.finished","version":"2.1.0","release":"2.1.0-rc.1","platformid":"linux-x86_64","package":"myapp","description":"Built myapp","sequence":"[event]","data":{"commit":"8a41d5f"}}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binary_cloudevent_has_its_attributes_in_headers() {
    let published = publish(&start("cloudevents-binary").await, |receiver| {
        let mut event = event_with_attributes(receiver);
        event["payload"] = json!({"commit": "ü 1"});
        event
    })
    .await;
    assert_snapshot!(published.text(0), @r#"
    ce_specversion: 1.0
    ce_id: [receiver's event]
    ce_source: xzepr.event.receiver.[receiver]
    ce_type: xzepr.event.receiver.created
    ce_time: [time]
    ce_subject: xzepr.system/1.0.0
    content-type: application/json
    ce_receiverid: [receiver]
    ce_apiversion: v1
    ce_success: true
    ce_name: xzepr.event.receiver.created
    ce_version: 1.0.0
    ce_release: system
    ce_platformid: xzepr
    ce_package: xzepr.system
    ce_description: Event receiver 'build' created
    ce_sequence: [receiver's event]
    xzepr-event-type: xzepr.event.receiver.created
    xzepr-route: default

    {"receiver_id":"[receiver]","name":"build","type":"com.example.build","version":"1.0.0","fingerprint":"sha256:4404eedce2efa7f3a6f2fe11dd0d425e10649c0a84f2c4d55b1ee01125ee51a6","description":"A build of an artifact"}
    "#);
    assert_snapshot!(published.text(2), @r#"
    ce_specversion: 1.0
    ce_id: [event]
    ce_source: xzepr.event.receiver.[receiver]
    ce_type: com.example.build.finished
    ce_time: 2024-01-15T10:30:00.5+01:00
    ce_subject: oci://registry.example.com/myapp
    content-type: application/vnd.example+json
    ce_dataschema: https://example.com/schemas/build
    ce_receiverid: [receiver]
    ce_apiversion: v1
    ce_success: true
    ce_name: com.example.build.finished
    ce_version: 2.1.0
    ce_release: 2.1.0-rc.1
    ce_platformid: linux-x86_64
    ce_package: myapp
    ce_description: Built myapp
    ce_sequence: [event]
    xzepr-event-type: com.example.build.finished
    xzepr-route: default

    {"commit":"ü 1"}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_for_epr_has_its_receiver_or_its_group() {
    let published = publish(&start("epr").await, samples::event).await;
    assert_snapshot!(published.text(0), @r#"
    xzepr-event-type: epr.event.receiver.created
    xzepr-route: default

    {"success":true,"id":"[receiver]","specversion":"1.0","type":"epr.event.receiver.created","source":"epr","api_version":"v1","name":"build","version":"1.0.0","release":"[time]","platform_id":"event-provenance-registry","package":"event.receiver","data":{"events":[],"event_receivers":[{"id":"[receiver]","name":"build","type":"com.example.build","version":"1.0.0","description":"A build of an artifact","schema":{"properties":{"commit":{"type":"string"}},"required":["commit"],"type":"object"},"fingerprint":"4404eedce2efa7f3a6f2fe11dd0d425e10649c0a84f2c4d55b1ee01125ee51a6","created_at":"[time]"}],"event_receiver_groups":[]}}
    "#);
    assert_snapshot!(published.text(1), @r#"
    xzepr-event-type: epr.event.receiver.group.created
    xzepr-route: default

    {"success":true,"id":"[group]","specversion":"1.0","type":"epr.event.receiver.group.created","source":"epr","api_version":"v1","name":"release-gate","version":"1.0.0","release":"[time]","platform_id":"event-provenance-registry","package":"event.receiver.group","data":{"events":[],"event_receivers":[],"event_receiver_groups":[{"id":"[group]","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"The steps before a release","enabled":true,"event_receiver_ids":["[receiver]"],"created_at":"[time]","updated_at":"[time]"}]}}
    "#);
    assert_snapshot!(published.text(2), @r#"
    xzepr-event-type: com.example.build
    xzepr-route: default

    {"success":true,"id":"[event]","specversion":"1.0","type":"com.example.build","source":"epr","api_version":"v1","name":"com.example.build.finished","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"linux-x86_64","package":"myapp","data":{"events":[{"id":"[event]","name":"com.example.build.finished","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"linux-x86_64","package":"myapp","description":"Built myapp","payload":{"commit":"8a41d5f"},"success":true,"created_at":"[time]","event_receiver_id":"[receiver]","EventReceiver":{"id":"[receiver]","name":"build","type":"com.example.build","version":"1.0.0","description":"A build of an artifact","schema":{"properties":{"commit":{"type":"string"}},"required":["commit"],"type":"object"},"fingerprint":"4404eedce2efa7f3a6f2fe11dd0d425e10649c0a84f2c4d55b1ee01125ee51a6","created_at":"[time]"}}],"event_receivers":[{"id":"[receiver]","name":"build","type":"com.example.build","version":"1.0.0","description":"A build of an artifact","schema":{"properties":{"commit":{"type":"string"}},"required":["commit"],"type":"object"},"fingerprint":"4404eedce2efa7f3a6f2fe11dd0d425e10649c0a84f2c4d55b1ee01125ee51a6","created_at":"[time]"}],"event_receiver_groups":[]}}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_no_cdevent_is_skipped_and_is_not_missing() {
    let system = start("cdevents").await;
    let schema = json!({"name": "n", "type": "t", "version": "1", "description": "d", "schema": true});
    let receiver = system.create("/api/v1/receivers", &schema).await;
    let start = created_at(&receiver);
    let mut event = samples::event(&receiver);
    let other = system.create("/api/v1/events", &event).await;
    event["payload"] = json!({
        "context": {
            "specversion": "0.5.0",
            "id": "271069a8-fc18-44f1-b38f-9d70a1695819",
            "source": "/event/source/123",
            "type": "dev.cdevents.build.finished.0.3.0",
            "timestamp": "2024-01-15T10:30:00Z",
        },
        "subject": {"id": "mySubject123", "source": "/event/source/123", "content": {"artifactId": "pkg:oci/myapp"}},
    });
    let cd_event = system.create("/api/v1/events", &event).await;
    let message = system.next_messages(1).await.remove(0);
    assert_eq!(message.key, cd_event);
    assert_snapshot!(text(&message), @r#"
    content-type: application/cloudevents+json; charset=UTF-8

    {"specversion":"1.0","id":"271069a8-fc18-44f1-b38f-9d70a1695819","source":"/event/source/123","type":"dev.cdevents.build.finished.0.3.0","time":"2024-01-15T10:30:00Z","subject":"mySubject123","datacontenttype":"application/json","data":{"context":{"id":"271069a8-fc18-44f1-b38f-9d70a1695819","source":"/event/source/123","specversion":"0.5.0","timestamp":"2024-01-15T10:30:00Z","type":"dev.cdevents.build.finished.0.3.0"},"subject":{"content":{"artifactId":"pkg:oci/myapp"},"id":"mySubject123","source":"/event/source/123"}}}
    "#);
    assert_eq!(system.unexpected_message(), None, "{other}");

    let range = json!({"start": start, "end": system.now().await});
    let report = system.invoke("reconcile-events", &range).await;
    let counts = ["accepted", "published", "skipped"].map(|name| report[name].clone());
    assert_eq!(counts, [json!(3), json!(1), json!(2)], "{report}");
    assert_eq!(report["missing"]["count"], 0, "{report}");
    let dead_letters = system.invoke("redrive-dead-letters", &json!({"action": "list"})).await;
    assert_eq!(dead_letters["count"], 0, "{dead_letters}");
}

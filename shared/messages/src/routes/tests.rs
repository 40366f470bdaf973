use xzepr_domain::EventId;
use xzepr_fixtures::{event, group, group_complete, group_incomplete, receiver};
use xzepr_settings::Settings;

use super::*;
use crate::Messages;

fn messages(when: &str) -> Messages {
    let file = format!("environment: prod\nroutes: [{{name: r, topic: t, when: {when}}}]");
    Messages::new(Settings::new(|_| None, &file).unwrap().messages().unwrap())
}

/// The differences between a route and an event, as texts.
fn differences(when: &str, event: &Event, receiver: Option<&EventReceiver>) -> Vec<String> {
    let messages = messages(when);
    match messages.decide(&messages.routes()[0], event, receiver) {
        Decision::Matches => Vec::new(),
        Decision::Differs(differences) => differences.iter().map(ToString::to_string).collect(),
        Decision::MissingReceiver => vec!["missing".to_owned()],
    }
}

#[test]
fn each_field_is_compared_with_the_events_value() {
    for (when, other) in [
        ("{type: build}", "{type: deploy}"),
        ("{name: b*}", "{name: '*.b'}"),
        ("{platform_id: [x, kubernetes]}", "{platform_id: linux}"),
        ("{package: my*}", "{package: '*your*'}"),
        ("{receiver_id: 01HJ1K2M3N4P5Q6R7S8T9V0W1X}", "{receiver_id: 01HJ1K2M3N4P5Q6R7S8T9V0W1Y}"),
        ("{receiver_type: com.example.*}", "{receiver_type: com.example}"),
        ("{environment: prod}", "{environment: dev}"),
        ("{success: true}", "{success: false}"),
        ("{success: [true, false]}", "{success: [false]}"),
        ("{kind: event}", "{kind: receiver.created}"),
        ("{kind: [group.created, event]}", "{kind: [receiver.*, group.created]}"),
        ("{}", "{name: build, success: false}"),
    ] {
        assert!(differences(when, &event(), Some(&receiver())).is_empty(), "{when}");
        assert_eq!(differences(other, &event(), Some(&receiver())).len(), 1, "{other}");
    }
}

#[test]
fn every_condition_that_does_not_hold_is_explained() {
    assert_eq!(
        differences("{name: [a, c*], success: false, package: myapp}", &event(), None),
        [
            r#"name is "build", and the route accepts a or c*"#,
            r#"success is "true", and the route accepts false"#
        ]
    );
    let created_group = Event::group_created(&group(), EventId::generate());
    assert_eq!(
        differences("{receiver_type: '*'}", &created_group, None),
        ["the event has no receiver_type, and the route accepts *"]
    );
    assert_eq!(differences("{receiver_id: '*'}", &created_group, None).len(), 1);
}

#[test]
fn each_field_names_a_topic_with_the_events_value() {
    let topic = |template: &str, event: &Event| {
        let when = "{receiver_id: '*'}";
        let file = format!("environment: prod\nroutes: [{{name: r, topic: '{template}', when: {when}}}]");
        let messages = Messages::new(Settings::new(|_| None, &file).unwrap().messages().unwrap());
        messages.target(&messages.routes()[0], event, Some(&receiver())).topic.unwrap().to_string()
    };
    let created = Event::receiver_created(&receiver(), EventId::generate());
    for (template, of_event, of_created) in [
        ("{type}", "build", "xzepr.event.receiver.created"),
        ("{name}", "build", "xzepr.event.receiver.created"),
        ("{platform_id}", "kubernetes", "xzepr"),
        ("{package}", "myapp", "xzepr.system"),
        ("{receiver_id}", "01HJ1K2M3N4P5Q6R7S8T9V0W1X", "01HJ1K2M3N4P5Q6R7S8T9V0W1X"),
        ("{receiver_type}", "com.example.build", "com.example.build"),
        ("{environment}", "prod", "prod"),
        ("{environment}.{package}-x", "prod.myapp-x", "prod.xzepr.system-x"),
        ("fixed", "fixed", "fixed"),
    ] {
        assert_eq!(topic(template, &event()), of_event, "{template}");
        assert_eq!(topic(template, &created), of_created, "{template}");
    }
}

#[test]
fn the_events_of_a_gate_have_the_type_of_the_group_and_the_name_of_the_artifact() {
    let (complete, incomplete) = (group_complete(EventId::generate()), group_incomplete(EventId::generate()));
    for (when, event) in [
        ("{type: com.example.gate, name: build, success: true}", &complete),
        ("{kind: group.complete, package: myapp, platform_id: kubernetes}", &complete),
        ("{type: com.example.gate, name: build, success: false}", &incomplete),
        ("{kind: 'group.*complete'}", &incomplete),
    ] {
        assert!(differences(when, event, None).is_empty(), "{when}");
    }
    for when in ["{type: build}", "{kind: event}", "{receiver_id: '*'}", "{receiver_type: '*'}"] {
        assert_eq!(differences(when, &complete, None).len(), 1, "{when}");
        assert_eq!(differences(when, &incomplete, None).len(), 1, "{when}");
    }
    let key = |choice| key_of(&complete, choice);
    assert_eq!(key(KeyChoice::Receiver), "01HJ1K2M3N4P5Q6R7S8T9V0W1Y");
    assert_eq!(key(KeyChoice::Artifact), key_of(&event(), KeyChoice::Artifact));
}

#[test]
fn a_modified_group_is_of_its_own_kind_and_has_no_receiver() {
    let modified = Event::group_modified(&group(), EventId::generate());
    let of_kind = "{kind: group.modified, type: xzepr.event.receiver.group.modified}";
    assert!(differences(of_kind, &modified, None).is_empty());
    for when in ["{receiver_id: '*'}", "{receiver_type: '*'}", "{kind: group.created}"] {
        assert_eq!(differences(when, &modified, None).len(), 1, "{when}");
    }
}

#[test]
fn each_choice_of_a_key_is_a_member_of_the_event() {
    let artifact = "build/2.1.0/2.1.0-rc.1/kubernetes/myapp";
    let event = event();
    for (choice, key) in [
        (KeyChoice::Id, event.id.to_string()),
        (KeyChoice::Receiver, "01HJ1K2M3N4P5Q6R7S8T9V0W1X".to_owned()),
        (KeyChoice::Artifact, artifact.to_owned()),
    ] {
        assert_eq!(key_of(&event, choice), key);
    }
}

#[test]
fn a_missing_receiver_leaves_the_decision_open_unless_another_condition_decides() {
    assert_eq!(differences("{receiver_type: x}", &event(), None), ["missing"]);
    assert_eq!(differences("{receiver_type: x, success: false}", &event(), None).len(), 1);
    assert_ne!(differences("{receiver_type: x, success: false}", &event(), None), ["missing"]);
}

#[test]
fn two_artifacts_never_have_one_key() {
    let key = |name: &str, version: &str| {
        let text = |text: &str| text.to_owned().try_into().unwrap();
        key_of(&Event { name: text(name), version: text(version), ..event() }, KeyChoice::Artifact)
    };
    assert_ne!(key("a/b", "c"), key("a", "b/c"));
    assert_eq!(key("a/b", "é"), "a%2Fb/%C3%A9/2.1.0-rc.1/kubernetes/myapp");
}

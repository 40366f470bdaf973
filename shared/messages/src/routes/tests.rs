use xzepr_domain::EventId;
use xzepr_fixtures::{event, group, receiver};
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
        ("{kind: event}", "{kind: receiver.created}"),
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

use super::*;
use crate::{MessageSettings, Settings, SettingsError};

fn read(routes: &str) -> Result<MessageSettings, SettingsError> {
    let routes = routes.to_owned();
    let variable = move |name: &str| match name {
        "XZEPR_ROUTES" => Some(routes.clone()),
        "XZEPR_ENVIRONMENT" => Some("prod".to_owned()),
        _ => None,
    };
    Settings::new(variable, "")?.messages()
}

/// The faults without the text that all of them begin with.
fn faults(routes: &str) -> String {
    let error = read(routes).unwrap_err().to_string();
    error.replace("XZEPR_ROUTES (routes) ", "").replace("has a fault in route ", "")
}

fn topic_fault(topic: &str) -> String {
    faults(&format!(r#"[{{"name": "r", "topic": "{topic}"}}]"#))
}

#[test]
fn a_route_has_defaults_for_all_but_its_name_and_topic() {
    let settings = read(r#"[{"name": "all", "topic": "events"}]"#).unwrap();
    let route = &settings.routes[0];
    assert_eq!((&*route.name, route.topic.fixed_name().as_deref()), ("all", Some("events")));
    assert_eq!(
        (route.format, route.key, route.compression),
        (Format::Xzepr, KeyChoice::Id, Compression::Gzip)
    );
    assert_eq!(route.when.iter().count(), 0);
}

#[test]
fn the_file_has_the_same_routes_as_the_variable() {
    let file = "routes:\n- name: failures\n  topic: '{environment}.{package}'\n  format: epr\n  key: artifact\n  \
                compression: zstd\n  when: {success: false, type: [build.*, deploy], package: 1}\nenvironment: prod\n";
    let in_file = Settings::new(|_| None, file).unwrap().messages().unwrap();
    let in_variable = read(
        r#"[{"name": "failures", "topic": "{environment}.{package}", "format": "epr", "key": "artifact",
            "compression": "zstd", "when": {"success": false, "type": ["build.*", "deploy"], "package": "1"}}]"#,
    );
    assert_eq!(format!("{:?}", in_file.routes), format!("{:?}", in_variable.unwrap().routes));
    let route = &in_file.routes[0];
    assert_eq!(
        (route.format, route.key, route.compression),
        (Format::Epr, KeyChoice::Artifact, Compression::Zstd)
    );
    assert_eq!(route.topic.fixed_start(), "prod.");
    let texts: Vec<_> = route.when.iter().map(|when| format!("{}: {when}", when.field)).collect();
    assert_eq!(texts, ["success: false", "type: build.* or deploy", "package: 1"]);
}

#[test]
fn every_fault_of_every_route_is_named_at_once() {
    let error = faults(
        r#"[{"topic": "a", "formt": "epr"},
            {"name": "b c", "topic": 7, "format": "json", "key": "name", "compression": "br", "when": []},
            {"name": "d", "topic": "d"}, {"name": "d", "topic": "d", "topic": "e"},
            {"name": "f", "topic": "f", "when": {"typ": "x", "success": "true", "type": [], "name": ["a", ""]}}]"#,
    );
    assert_eq!(
        error,
        "number 1: name is missing; \
         number 1: formt does not exist; there are name, topic, format, key, compression and when; \
         number 2: name must have 1 to 64 letters, digits, '.', '_' and '-'; \
         number 2: topic must be a text; \
         number 2: format must be xzepr, cloudevents, cloudevents-binary, epr or cdevents; \
         number 2: key must be id, receiver or artifact; \
         number 2: compression must be none, gzip, snappy, lz4 or zstd; \
         number 2: when must be an object; \
         d: topic exists twice; \
         d: name is the name of an earlier route; \
         f: when.typ does not exist; there are type, name, platform_id, package, receiver_id, receiver_type, \
         environment, success, kind; \
         f: when.success must be true or false, or a list of both; \
         f: when.type must have at least one value; \
         f: when.name must be a text that is not empty, or a list of such texts"
    );
}

#[test]
fn a_text_that_is_no_list_of_objects_is_refused() {
    for wrong in ["{}", "7", "[7]", "[{}", r#"["name"]"#] {
        assert!(faults(wrong).starts_with("must be a JSON array of objects"), "{wrong}: {}", faults(wrong));
    }
    assert!(Settings::new(|_| None, "routes:\n").is_err());
    assert_eq!(faults("[]"), "has 0 routes, and must have 1 to 100");
    let many: Vec<_> = (0..101).map(|number| format!(r#"{{"name":"{number}"}}"#)).collect();
    assert_eq!(faults(&format!("[{}]", many.join(","))), "has 101 routes, and must have 1 to 100");
}

#[test]
fn a_topic_that_no_event_can_have_is_refused() {
    for wrong in ["", ".", "..", "_", "__a", "a b", "a/{package}", &"a".repeat(250)] {
        let fault = topic_fault(wrong);
        assert!(fault.starts_with("r: topic must be a topic's name"), "{wrong}: {fault}");
    }
    for (wrong, part) in [
        ("{packge}", "has the unknown field {packge}; there are type, name, platform_id, package, "),
        ("{success}", "has the unknown field {success}"),
        ("a{", "has a bracket without its partner"),
        ("a{}", "has a bracket without its partner, or no field in brackets"),
        ("{receiver_type}", "contains {receiver_type}, which events of kind group.created lack"),
    ] {
        let fault = topic_fault(wrong);
        assert!(fault.starts_with(&format!("r: topic {part}")), "{wrong}: {fault}");
    }
    for (route, member) in [
        ("{name: r, topic: '{environment}'}", "topic"),
        ("{name: r, topic: t, when: {environment: '*'}}", "when.environment"),
    ] {
        let error = Settings::new(|_| None, &format!("routes: [{route}]")).unwrap().messages().unwrap_err();
        assert!(
            error.to_string().ends_with(&format!("route r: {member} needs XZEPR_ENVIRONMENT")),
            "{error}"
        );
    }
}

#[test]
fn a_topic_of_the_receivers_type_leaves_out_the_events_without_one() {
    for when in
        [r#"{"receiver_type": "*"}"#, r#"{"kind": ["event", "receiver.*"]}"#, r#"{"receiver_id": "0*"}"#]
    {
        let route = format!(r#"[{{"name": "r", "topic": "{{receiver_type}}", "when": {when}}}]"#);
        assert!(read(&route).is_ok(), "{when}");
    }
}

#[test]
fn conditions_that_no_event_fulfils_are_refused() {
    for when in [
        r#"{"kind": "receiver.deleted"}"#,
        r#"{"kind": "group.created", "receiver_type": "*"}"#,
        r#"{"kind": "group.*", "receiver_id": "0*"}"#,
    ] {
        let fault = faults(&format!(r#"[{{"name": "r", "topic": "t", "when": {when}}}]"#));
        assert!(fault.starts_with("r: when matches no event: the kinds are event, "), "{when}: {fault}");
    }
}

#[test]
fn the_key_of_a_cdevent_is_the_events_id() {
    let fault = faults(r#"[{"name": "r", "topic": "t", "format": "cdevents", "key": "artifact"}]"#);
    assert!(fault.starts_with("r: key must be id with the format cdevents"), "{fault}");
}

#[test]
fn a_glob_that_does_not_compile_is_refused() {
    for glob in ["[a", "{a", "a}", "[z-a]"] {
        let fault = faults(&format!(r#"[{{"name": "r", "topic": "t", "when": {{"type": "{glob}"}}}}]"#));
        assert!(
            fault.starts_with(&format!("r: when.type has the glob {glob:?}, which does not compile: ")),
            "{fault}"
        );
    }
}

#[test]
fn a_glob_matches_the_whole_value() {
    for (glob, matched, other) in [
        ("build", "build", "builds"),
        ("build.*", "build.finished", "build"),
        ("*", "a/b.c", "-"),
        ("*", "", "-"),
        ("build*", "build", "xbuild"),
        ("a*b", "a/b", "a/bc"),
        ("Build", "Build", "build"),
        ("?", "a", "é"),
        ("??", "é", "e"),
        ("[!a-z]", "1", "b"),
        ("{a*,b?}", "bc", "b"),
        ("{a,b}c", "bc", "cc"),
        ("[0-9]?", "1x", "a1"),
        ("*.failed", "a.b.failed", "a.failed.b"),
        (r"a\\*", "a*", "ab"),
    ] {
        let route = format!(r#"[{{"name": "r", "topic": "t", "when": {{"type": "{glob}"}}}}]"#);
        let settings = read(&route).unwrap();
        let condition = settings.routes[0].when.iter().next().unwrap();
        assert!(condition.holds_for(matched), "{glob} {matched}");
        assert!(other == "-" || !condition.holds_for(other), "{glob} {other}");
    }
}

#[test]
fn more_variables_than_lambda_accepts_are_refused() {
    let padding = "x".repeat(64);
    let route = |number: usize| format!(r#"{{"name": "{number}", "topic": "{padding}"}}"#);
    let routes = |count: usize| format!("[{}]", (0..count).map(route).collect::<Vec<_>>().join(","));
    assert!(read(&routes(40)).is_ok());
    let fault = faults(&routes(50));
    assert!(fault.contains("Lambda accepts 4096; put the routes into the file"), "{fault}");
    // A file may be longer.
    assert_eq!(
        Settings::new(|_| None, &format!("routes: {}", routes(50))).unwrap().messages().unwrap().routes.len(),
        50
    );
}

#[test]
fn a_topic_has_the_values_of_its_fields_with_underscores_for_other_characters() {
    let template = |text: &str| TopicTemplate::parse(text, None).unwrap();
    let render = |text: &str, value: &'static str| template(text).render(move |_| Some(value.into()));
    assert_eq!(render("builds.{package}", "a/b é"), Ok("builds.a_b__".to_owned()));
    assert_eq!(render("{package}-{name}", "x"), Ok("x-x".to_owned()));
    assert_eq!(render("fixed", "x"), Ok("fixed".to_owned()));
    assert_eq!(render("{package}", ".."), Err(InvalidTopic::Reserved("..".to_owned())));
    assert_eq!(
        render("{package}", "__consumer_offsets"),
        Err(InvalidTopic::Reserved("__consumer_offsets".to_owned()))
    );
    assert_eq!(render("_{package}", "/"), Err(InvalidTopic::Reserved("__".to_owned())));
    assert_eq!(render("{package}", ""), Err(InvalidTopic::Length(0)));
    let long = "a".repeat(249);
    assert_eq!(template("{package}").render(|_| Some(long.as_str().into())).as_deref(), Ok(long.as_str()));
    assert_eq!(template(".{package}").render(|_| Some(long.as_str().into())), Err(InvalidTopic::Length(250)));
    assert_eq!(template("{name}").render(|_| None), Err(InvalidTopic::MissingField(Field::Name)));
}

#[test]
fn a_topic_outside_of_those_that_the_functions_may_use_is_refused() {
    let read = |topics: &'static str, topic: &str| {
        let file = format!("routes: [{{name: r, topic: '{topic}'}}]\nkafka: {{topics: '{topics}'}}\n");
        Settings::new(|_| None, &file).unwrap().messages().map_err(|error| error.to_string())
    };
    for (topics, topic) in [
        ("a, builds.*", "builds.{package}"),
        ("a, builds.*", "a"),
        ("builds.*", "builds.x"),
        ("*", "{package}"),
        ("a-*", "a-{package}"),
    ] {
        assert!(read(topics, topic).is_ok(), "{topics} {topic}");
    }
    for (topics, topic) in [("a", "ab"), ("builds.*", "build"), ("builds.*", "{package}"), ("a", "{package}")]
    {
        assert_eq!(
            read(topics, topic).unwrap_err(),
            format!("XZEPR_KAFKA_TOPICS (kafka.topics) does not contain the topic {topic} of route r")
        );
    }
    for wrong in ["a b", "a,,b", "a*b", "**", ","] {
        let error = read(wrong, "a").unwrap_err();
        assert!(
            error.starts_with("XZEPR_KAFKA_TOPICS (kafka.topics) must be names of topics"),
            "{wrong}: {error}"
        );
    }
}

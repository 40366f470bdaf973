//! The limits of the document are those of the code.

use end_to_end::ApiDescription;
use serde_json::{Value, json};
use xzepr_domain::{
    ContentType, DataSchema, Description, IdempotencyKey, MAX_EVENT_RECEIVER_IDS, MAX_PAYLOAD_BYTES,
    MAX_SCHEMA_BYTES, ReceiverId, ShortText, Source, Subject,
};
use xzepr_http::{MAX_BODY_BYTES, MAX_CHARACTERS, MAX_EVENTS};

/// The number at a JSON Pointer of the document.
fn number(pointer: &str) -> usize {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let (parent, _) = ApiDescription::of_the_repository().resolve(&format!("/components/{parent}"));
    let number = parent[name].as_u64().unwrap_or_else(|| panic!("there is no {pointer}"));
    usize::try_from(number).unwrap()
}

/// Whether a text is valid against the schema of a component, and against none of these alone.
fn allows(pointer: &str, text: &str) -> bool {
    ApiDescription::of_the_repository()
        .validate(&format!("/components/{pointer}"), &Value::from(text))
        .is_ok()
}

#[test]
fn the_limits_in_bytes_and_elements_are_those_of_the_code() {
    for (pointer, limit) in [
        ("requestBodies/Event/x-max-bytes", MAX_BODY_BYTES),
        ("requestBodies/Events/x-max-bytes", MAX_BODY_BYTES),
        ("requestBodies/EventReceiver/x-max-bytes", MAX_BODY_BYTES),
        ("requestBodies/EventReceiverGroup/x-max-bytes", MAX_BODY_BYTES),
        ("requestBodies/GroupChange/x-max-bytes", MAX_BODY_BYTES),
        ("parameters/Type/schema/maxLength", MAX_CHARACTERS),
        ("parameters/Topic/schema/maxLength", MAX_CHARACTERS),
        ("parameters/Cursor/schema/maxLength", MAX_CHARACTERS),
        ("schemas/Event/properties/payload/x-max-bytes", MAX_PAYLOAD_BYTES),
        ("schemas/CloudEvent/properties/data/x-max-bytes", MAX_PAYLOAD_BYTES),
        ("schemas/EventData/x-max-bytes", MAX_PAYLOAD_BYTES),
        ("schemas/EventReceiver/properties/schema/x-max-bytes", MAX_SCHEMA_BYTES),
        ("schemas/EventReceiverGroup/properties/event_receiver_ids/maxItems", MAX_EVENT_RECEIVER_IDS),
        ("schemas/Events/maxItems", MAX_EVENTS),
        ("schemas/CloudEvents/maxItems", MAX_EVENTS),
        ("schemas/BatchResult/properties/data/maxItems", MAX_EVENTS),
        ("schemas/EventReceiverGroupRecord/properties/event_receiver_ids/maxItems", MAX_EVENT_RECEIVER_IDS),
        ("schemas/Gate/properties/members/maxItems", MAX_EVENT_RECEIVER_IDS),
        ("schemas/Text/maxLength", ShortText::MAX_CHARACTERS),
        ("schemas/Description/maxLength", Description::MAX_CHARACTERS),
        ("schemas/Event/properties/subject/maxLength", Subject::MAX_CHARACTERS),
        ("schemas/CloudEvent/properties/subject/maxLength", Subject::MAX_CHARACTERS),
    ] {
        assert_eq!(number(pointer), limit, "{pointer}");
    }
}

/// Checks that the code and the document allow the same lengths. `text` makes a text of a length.
fn check_length(pointer: &str, text: impl Fn(usize) -> String, is_accepted: impl Fn(String) -> bool) {
    let limit = number(&format!("{pointer}/maxLength"));
    for length in [limit, limit + 1] {
        let is_within = length == limit;
        assert_eq!(is_accepted(text(length)), is_within, "the code at {length} characters, {pointer}");
        assert_eq!(
            allows(pointer, &text(length)),
            is_within,
            "the document at {length} characters, {pointer}"
        );
    }
}

#[test]
fn the_longest_texts_are_those_of_the_code() {
    let source = |text| Source::try_from(text).is_ok();
    check_length("schemas/CloudEvent/properties/source", |length| "x".repeat(length), source);
    let id = |text: String| xzepr_domain::Subject::try_from(text).is_ok();
    check_length("schemas/CloudEvent/properties/id", |length| "x".repeat(length), id);
    for event in ["Event", "CloudEvent"] {
        check_length(
            &format!("schemas/{event}/properties/dataschema"),
            |length| format!("urn:{}", "x".repeat(length - 4)),
            |text| DataSchema::try_from(text).is_ok(),
        );
        check_length(
            &format!("schemas/{event}/properties/datacontenttype"),
            |length| format!("text/json; a={}", "x".repeat(length - 13)),
            |text| ContentType::try_from(text).is_ok(),
        );
    }
    let key = |text: String| text.parse::<IdempotencyKey>().is_ok();
    check_length("parameters/IdempotencyKey/schema", |length| format!("\"{}\"", "k".repeat(length - 2)), key);
}

#[test]
fn texts_that_the_code_refuses_are_refused_by_the_document_and_the_other_way_round() {
    for text in [
        "",
        " ",
        "\u{2003}",
        "\u{3000}\u{a0}",
        "a",
        " a ",
        "é",
        "\u{1f4a9}",
        "a\u{0}",
        "a\nb",
        "\t",
        "a\n",
        "\u{85}",
        "a\u{7f}",
        "\u{feff}",
        "\u{200b}",
        "\u{2028}",
        "\u{2028}a",
    ] {
        let of_the_code = ShortText::try_from(text.to_owned()).is_ok();
        assert_eq!(allows("schemas/Text", text), of_the_code, "{text:?}");
        assert_eq!(allows("schemas/Description", text), of_the_code, "{text:?}");
    }
    for text in ["\u{1f4a9}".repeat(255), "\u{1f4a9}".repeat(256)] {
        assert_eq!(allows("schemas/Text", &text), ShortText::try_from(text.clone()).is_ok());
    }
}

#[test]
fn ids_that_the_code_refuses_are_refused_by_the_document_and_the_other_way_round() {
    let ulid = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";
    let lower = ulid.to_lowercase();
    let changed =
        |place: usize, character: &str| format!("{}{character}{}", &ulid[..place], &ulid[place + 1..]);
    let mut texts = vec![ulid.to_owned(), lower, String::new(), ulid[1..].to_owned(), format!("{ulid}0")];
    texts.push(format!("{ulid}\n"));
    for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZiloué-".chars().map(String::from) {
        texts.extend([changed(0, &character), changed(25, &character)]);
    }
    for text in texts {
        assert_eq!(allows("schemas/Ulid", &text), text.parse::<ReceiverId>().is_ok(), "{text:?}");
    }
}

#[test]
fn idempotency_keys_that_the_code_refuses_are_refused_by_the_document() {
    for text in [
        "k", "\"k\"", "\"a,b\"", "a b", "\" \"", "{}[]|~!", "", "\"\"", "\"", "\"a", "a\"", "a\"b", "a\\b",
        "é", "a,b", "\u{7f}",
    ] {
        let of_the_code = text.parse::<IdempotencyKey>().is_ok();
        assert_eq!(allows("parameters/IdempotencyKey/schema", text), of_the_code, "{text:?}");
    }
    let bare = |length| "k".repeat(length);
    assert!(
        allows("parameters/IdempotencyKey/schema", &bare(255)) && bare(255).parse::<IdempotencyKey>().is_ok()
    );
    assert!(
        !allows("parameters/IdempotencyKey/schema", &bare(256))
            && bare(256).parse::<IdempotencyKey>().is_err()
    );
}

#[test]
fn media_types_that_the_code_accepts_are_accepted_by_the_document() {
    for text in [
        "application/json",
        "text/json; charset=utf-8",
        "Application/Vnd.Example+JSON",
        "application/json ; a=\"b\"",
    ] {
        if ContentType::try_from(text.to_owned()).is_ok() {
            assert!(allows("schemas/Event/properties/datacontenttype", text), "{text}");
        }
    }
    assert!(!allows("schemas/Event/properties/datacontenttype", "text/plain"));
}

#[test]
fn a_replay_has_the_parameters_of_the_document_alone() {
    let operation =
        ApiDescription::of_the_repository().operation("POST", "/api/v1/admin/replay-events").unwrap();
    let parameters = operation.parameters();
    let names: Vec<_> = parameters.iter().map(|(parameter, _)| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["start", "end", "target", "type", "receiver", "topic", "dry_run"]);
    let required: Vec<_> =
        parameters.iter().map(|(parameter, _)| parameter["required"] == json!(true)).collect();
    assert_eq!(required, [true, true, false, false, false, false, false]);
}

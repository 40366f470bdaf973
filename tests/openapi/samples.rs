//! The requests in the documents, in `events/` and in `local` are valid against the document.

use std::fs;

use end_to_end::{ApiDescription, SentRequest};
use local::samples;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::{read, root};

const RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

fn check(method: &str, target: &str, headers: &[(String, String)], body: &str) -> Result<(), String> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let query = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let decoded = |text: &str| text.replace("%3A", ":").replace("%2B", "+");
    let mut sent = HeaderMap::new();
    for (name, value) in headers {
        sent.append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
    }
    ApiDescription::of_the_repository().check_request(&SentRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.map(|(name, value)| (decoded(name), decoded(value))).collect(),
        headers: sent,
        body: body.as_bytes().to_vec(),
    })
}

#[test]
fn every_sample_of_the_api_in_the_folder_events_is_valid() {
    let mut count = 0;
    for entry in fs::read_dir(root().join("events")).unwrap() {
        let path = entry.unwrap().path();
        let event: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let Some(method) = event["requestContext"]["http"]["method"].as_str() else { continue };
        if event["routeKey"] == "$default" {
            continue;
        }
        let target =
            format!("{}?{}", event["rawPath"].as_str().unwrap(), event["rawQueryString"].as_str().unwrap());
        let headers: Vec<_> = event["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        let checked = check(method, &target, &headers, event["body"].as_str().unwrap_or_default());
        assert_eq!(checked, Ok(()), "{}", path.display());
        count += 1;
    }
    assert!(count >= 9, "{count}");
}

#[test]
fn the_samples_of_local_are_valid() {
    for (path, body) in [
        ("/api/v1/event-receivers", samples::receiver()),
        ("/api/v1/event-receiver-groups", samples::group(RECEIVER)),
        ("/api/v1/events", samples::event(RECEIVER)),
    ] {
        assert_eq!(check("POST", path, &[], &body.to_string()), Ok(()), "{path}");
    }
}

/// The words of a command, as a shell reads them.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let command = command.replace("\\\n", " ");
    for character in command.chars() {
        match (quote, character) {
            (Some(open), character) if character == open => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, character) if character.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The requests to the API in a document, and whether the response that follows is a refusal.
fn requests(document: &str) -> Vec<(Vec<String>, bool)> {
    let mut requests = Vec::new();
    let mut blocks = document.split("\n```").skip(1).step_by(2).peekable();
    while let Some(block) = blocks.next() {
        let Some(commands) = block.strip_prefix("sh\n") else { continue };
        let is_refused =
            blocks.peek().is_some_and(|next| next.starts_with('\n') && next.contains("\"error\""));
        for command in format!("\n{commands}").split("\ncurl ").skip(1) {
            requests.push((words(command), is_refused));
        }
    }
    requests
}

#[test]
fn every_request_to_the_api_in_the_documents_is_valid_unless_its_response_is_a_refusal() {
    let (mut valid, mut refused) = (0, 0);
    for document in ["README.md", "docs/api.md"] {
        for (words, is_refused) in requests(&read(document)) {
            let (mut target, mut headers, mut body) = (String::new(), Vec::new(), String::new());
            let mut named_method = None;
            let mut words = words.into_iter();
            while let Some(word) = words.next() {
                match word.as_str() {
                    "-d" => body = words.next().unwrap(),
                    "-X" => named_method = words.next(),
                    "-H" => {
                        let header = words.next().unwrap();
                        let (name, value) = header.split_once(": ").unwrap();
                        headers.push((name.to_owned(), value.to_owned()));
                    }
                    word => target = word.strip_prefix("localhost:8080").unwrap_or(&target).to_owned(),
                }
            }
            let method = if body.is_empty() { "GET" } else { "POST" };
            let method = named_method.as_deref().unwrap_or(method);
            let checked = check(method, &target, &headers, &body);
            assert_eq!(checked.is_err(), is_refused, "{document}: {target}: {checked:?}");
            if is_refused { refused += 1 } else { valid += 1 }
        }
    }
    assert!(valid >= 8 && refused >= 2, "{valid} {refused}");
}

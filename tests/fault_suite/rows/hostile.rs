//! Hostile callers, whose schemas and payloads are made to be expensive, beside honest callers.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    bench::Bench,
    rows::latency::{Percentiles, block},
    scale::Scale,
};

/// The longest that a hostile request may wait for its response.
const RESPONDS_WITHIN: Duration = Duration::from_secs(5);

/// How often each hostile caller posts. On Lambda each would use a processor of its own. Here they share one with
/// the honest callers.
const EVERY: Duration = Duration::from_secs(2);

/// The median of honest POSTs may be this many times the median without hostile callers.
const MAX_RATIO: f64 = 2.0;

/// One caller for each kind of attack: a schema, and a payload for it.
fn attacks() -> Vec<(&'static str, String, String)> {
    let list =
        |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let arrays = format!("{}{}", "[".repeat(120), "]".repeat(120));
    let twice = r##"{"minItems":1,"items":{"oneOf":[{"$ref":"#"},{"$ref":"#"}]}}"##.to_owned();
    let level = |index: usize| {
        let next = format!(r##"{{"$ref":"#/$defs/d{}"}}"##, index + 1);
        format!(r##""d{index}":{{"unevaluatedProperties":false,"anyOf":[{next},{next}]}}"##)
    };
    let unevaluated = format!(
        r##"{{"$schema":"https://json-schema.org/draft/2020-12/schema","$defs":{{{},"d30":true}},"$ref":"#/$defs/d0"}}"##,
        list(30, &level)
    );
    let link = |index: usize| format!(r##""d{index}":{{"$ref":"#/definitions/d{}"}}"##, index + 1);
    let chain = format!(
        r##"{{"definitions":{{{},"d90":{{"items":{{"$ref":"#/definitions/d0"}}}}}},"$ref":"#/definitions/d0"}}"##,
        list(90, &link)
    );
    let tree = r##"{"oneOf":[
        {"properties":{"kind":{"const":"leaf"},"value":{"type":"integer"}},"required":["kind"]},
        {"properties":{"kind":{"const":"node"},"children":{"items":{"$ref":"#"}}},"required":["kind","children"]}]}"##;
    let wrong_leaf = format!(
        r#"{}{{"kind":"leaf","value":"x"}}{}"#,
        r#"{"kind":"node","children":["#.repeat(30),
        "]}".repeat(30)
    );
    let names = format!(r#"{{"items":{{"required":[{}]}}}}"#, list(40, &|index| format!("\"n{index}\"")));
    let patterns =
        format!(r#"{{"anyOf":[{}]}}"#, list(2000, &|index| format!(r#"{{"pattern":"c{index}"}}"#)));
    let large = format!(r#"{{"anyOf":[{}]}}"#, list(1000, &|_| r#"{"pattern":"a{5000}"}"#.to_owned()));
    let constants =
        format!(r#"{{"items":{{"anyOf":[{}]}}}}"#, list(3000, &|index| format!(r#"{{"const":{index}.5}}"#)));
    let text = format!("\"{}\"", "a".repeat(250_000));
    vec![
        ("ways that join", twice, arrays.clone()),
        ("unevaluated levels", unevaluated, r#"{"a":1}"#.to_owned()),
        ("a chain that leads back", chain, arrays),
        ("a tree with a wrong leaf", tree.to_owned(), wrong_leaf),
        ("names that are missing", names, format!("[{}]", list(80_000, &|_| "{}".to_owned()))),
        ("patterns and a long text", patterns, text.clone()),
        ("large patterns", large, text),
        ("a product", constants, format!("[{}]", list(40_000, &|index| index.to_string()))),
    ]
}

/// Honest callers are delayed little, no function ends, and every attack gets its response.
pub(crate) async fn callers(bench: &mut Bench, scale: Scale) {
    let functions = ["create-event", "create-event-receiver"];
    let mut deaths = functions.map(|function| bench.stack.functions.deaths(function).unwrap());
    for watch in &mut deaths {
        watch.mark_unchanged();
    }
    let load = bench.load();
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..scale.latency_blocks {
        alone.extend(block(bench).await);
        let mut attackers = attackers(bench);
        beside.extend(block(bench).await);
        // An attacker ends only with a panic.
        if let Some(ended) = attackers.try_join_next() {
            ended.unwrap();
        }
    }
    load.stop_after(scale.events).await;
    let (alone, beside) = (Percentiles::of(alone), Percentiles::of(beside));
    let ratio = beside.median.as_secs_f64() / alone.median.as_secs_f64();
    println!("POST alone: {alone}; beside hostile callers: {beside}; ratio of the medians {ratio:.2}");
    assert!(ratio <= MAX_RATIO, "hostile callers delay honest ones");
    for (function, deaths) in functions.iter().zip(&deaths) {
        assert!(!deaths.has_changed().unwrap(), "{function} ended");
    }
}

/// Attackers that continue until they are dropped.
fn attackers(bench: &Bench) -> JoinSet<()> {
    let mut attackers = JoinSet::new();
    for (name, schema, payload) in attacks() {
        let (http, url) = (bench.api.http.clone(), bench.api.url.clone());
        attackers.spawn(async move {
            loop {
                attack(&http, &url, name, &schema, &payload).await;
                // The load of an attacker, not a wait.
                sleep(EVERY).await;
            }
        });
    }
    attackers
}

/// Declares a receiver, and posts an event for it if it was accepted.
async fn attack(http: &reqwest::Client, url: &str, name: &str, schema: &str, payload: &str) {
    let texts = r#""name":"n","version":"1","description":"d""#;
    let receiver = format!(r#"{{{texts},"type":"{name}","schema":{schema}}}"#);
    let (status, response) = post(http, &format!("{url}/api/v1/event-receivers"), receiver).await;
    assert!(status == 200 || status == 400, "{name}: the receiver gets {status}: {response}");
    let Some(id) = response["data"].as_str() else { return };
    let event = format!(
        r#"{{{texts},"release":"r","platform_id":"p","package":"k","event_receiver_id":"{id}","payload":{payload}}}"#
    );
    let (status, response) = post(http, &format!("{url}/api/v1/events"), event).await;
    assert!(status == 200 || status == 400, "{name}: the event gets {status}: {response}");
    assert!(response.to_string().len() <= 16 * 1024, "{name}");
}

async fn post(http: &reqwest::Client, url: &str, body: String) -> (u16, Value) {
    let response = http.post(url).timeout(RESPONDS_WITHIN).body(body).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(json!(null)))
}

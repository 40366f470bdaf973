//! Handwritten cases, one for each way to make a check expensive.

use crate::Case;

/// The bytes for the parts of a schema or a payload. The rest is for the text around them.
const SCHEMA_BYTES: usize = 62_000;
const PAYLOAD_BYTES: usize = 260_000;

const DRAFT_2019: &str = r#""$schema":"https://json-schema.org/draft/2019-09/schema""#;
pub(crate) const DRAFT_2020: &str = r#""$schema":"https://json-schema.org/draft/2020-12/schema""#;

pub(crate) fn cases() -> Vec<Case> {
    [paths_that_meet(), chains(), trees(), unevaluated(), patterns(), products(), comparisons(), formats()]
        .into_iter()
        .flatten()
        .collect()
}

pub(crate) fn case(name: impl Into<String>, schema: impl Into<String>, payload: impl Into<String>) -> Case {
    Case { name: name.into(), schema: schema.into(), payload: payload.into() }
}

/// As many items with commas between them as fit into the bytes.
pub(crate) fn fill(bytes: usize, item: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for index in 0.. {
        let item = item(index);
        if text.len() + item.len() + 1 > bytes {
            break;
        }
        if index > 0 {
            text.push(',');
        }
        text.push_str(&item);
    }
    text
}

pub(crate) fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

pub(crate) fn of_schema(item: impl Fn(usize) -> String) -> String {
    fill(SCHEMA_BYTES, item)
}

pub(crate) fn array(item: impl Fn(usize) -> String) -> String {
    format!("[{}]", fill(PAYLOAD_BYTES, item))
}

pub(crate) fn object() -> String {
    format!("{{{}}}", fill(PAYLOAD_BYTES, |index| format!(r#""a{index}":1"#)))
}

fn text() -> String {
    format!("\"{}\"", "a".repeat(PAYLOAD_BYTES))
}

pub(crate) fn nested(open: &str, core: &str, close: &str, depth: usize) -> String {
    format!("{}{core}{}", open.repeat(depth), close.repeat(depth))
}

fn paths_that_meet() -> Vec<Case> {
    let arrays = nested("[", "", "]", 120);
    let objects = nested(r#"{"a":"#, "1", "}", 120);
    let twice = r##"[{"$ref":"#"},{"$ref":"#"}]"##;
    let mut cases = Vec::new();
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let items = format!(r#""items":{{"{keyword}":{twice}}}"#);
        cases.push(case(format!("{keyword} twice"), format!("{{{items}}}"), arrays.clone()));
        cases.push(case(
            format!("{keyword} twice, in vain"),
            format!(r#"{{"minItems":1,{items}}}"#),
            arrays.clone(),
        ));
    }
    cases.extend([
        case("if", r##"{"items":{"if":{"$ref":"#"},"then":{"$ref":"#"},"else":{"$ref":"#"}}}"##, arrays.clone()),
        case("not", r##"{"items":{"allOf":[{"not":{"$ref":"#"}},{"not":{"not":{"$ref":"#"}}}]}}"##, arrays.clone()),
        case(
            "properties",
            format!(r##"{{"properties":{{"a":{{"allOf":{twice}}}}},"patternProperties":{{"a":{{"anyOf":{twice}}}}}}}"##),
            objects,
        ),
        case("dynamic scopes", wandering_scopes(), arrays),
    ]);
    cases
}

/// Resources that lead to each other, so that there are many dynamic scopes.
fn wandering_scopes() -> String {
    let resources = list(90, |index| {
        let (one, other) = ((index * 7 + 1) % 90, (index * 11 + 5) % 90);
        format!(
            r##""r{index}":{{"$id":"r{index}","$dynamicAnchor":"a","items":{{"anyOf":[
               {{"$dynamicRef":"#a"}},{{"$ref":"r{one}"}},{{"$ref":"r{other}"}}]}}}}"##
        )
    });
    format!(r##"{{{DRAFT_2020},"$defs":{{{resources}}},"$ref":"r0"}}"##)
}

fn chains() -> Vec<Case> {
    let chain = |length: usize, link: &dyn Fn(usize) -> String, end: &str| {
        let links = list(length, |index| format!(r#""d{index}":{}"#, link(index + 1)));
        format!(r##"{{"definitions":{{{links},"d{length}":{end}}},"$ref":"#/definitions/d0"}}"##)
    };
    let single = |next: usize| format!(r##"{{"$ref":"#/definitions/d{next}"}}"##);
    let double = |next: usize| format!(r##"{{"allOf":[{0},{0}]}}"##, single(next));
    let back = r##"{"items":{"$ref":"#/definitions/d0"}}"##;
    let arrays = nested("[", "", "]", 120);
    vec![
        case("400 references that lead back", chain(400, &single, back), arrays.clone()),
        case("95 references that lead back", chain(95, &single, back), arrays),
        case("doubled references", chain(300, &double, r#"{"type":"string"}"#), "1"),
        case("fewer doubled references", chain(45, &double, r#"{"not":{"type":"number"}}"#), "1"),
        case("a circle", r##"{"allOf":[{"$ref":"#"}]}"##, "1"),
    ]
}

fn trees() -> Vec<Case> {
    let schema = r##"{"oneOf":[
        {"properties":{"kind":{"const":"leaf"},"value":{"type":"integer"}},"required":["kind"]},
        {"properties":{"kind":{"const":"node"},"children":{"items":{"$ref":"#"}}},"required":["kind","children"]}]}"##;
    let tree =
        |depth| nested(r#"{"kind":"node","children":["#, r#"{"kind":"leaf","value":"x"}"#, "]}", depth);
    [16, 20, 60]
        .map(|depth| case(format!("a tree with a wrong leaf, {depth} levels"), schema, tree(depth)))
        .into()
}

fn unevaluated() -> Vec<Case> {
    let mut cases = Vec::new();
    for draft in [DRAFT_2019, DRAFT_2020] {
        for levels in [18, 45, 300] {
            let level = |index: usize| {
                let next = format!(r##"{{"$ref":"#/$defs/d{}"}}"##, index + 1);
                format!(r##""d{index}":{{"unevaluatedProperties":false,"anyOf":[{next},{next}]}}"##)
            };
            let schema = format!(
                r##"{{{draft},"$defs":{{{},"d{levels}":{{"properties":{{"a":true}}}}}},"$ref":"#/$defs/d0"}}"##,
                list(levels, level)
            );
            cases.push(case(format!("unevaluated, {levels} levels"), schema, object()));
        }
        let both = r##"[{"properties":{"a":{"$ref":"#"}}},{"properties":{"a":{"$ref":"#"}}}]"##;
        cases.push(case(
            "unevaluated properties, nested",
            format!(r##"{{{draft},"unevaluatedProperties":{{"$ref":"#"}},"anyOf":{both}}}"##),
            nested(r#"{"a":"#, "1", "}", 120),
        ));
        cases.push(case(
            "unevaluated items, nested",
            format!(
                r##"{{{draft},"unevaluatedItems":{{"$ref":"#"}},"anyOf":[{{"contains":{{"$ref":"#"}}}}]}}"##
            ),
            nested("[", "", "]", 120),
        ));
        let all = of_schema(|_| r##"{"$ref":"#/$defs/all"}"##.to_owned());
        cases.push(case(
            "unevaluated, kept marks",
            format!(
                r##"{{{draft},"$defs":{{"all":{{"additionalProperties":true}}}},"unevaluatedProperties":false,"anyOf":[{all}]}}"##
            ),
            object(),
        ));
        let patterns = list(700, |index| format!(r#"{{"patternProperties":{{"{index}":true}}}}"#));
        cases.push(case(
            "unevaluated, patterns",
            format!(r##"{{{draft},"unevaluatedProperties":false,"anyOf":[{patterns}]}}"##),
            object(),
        ));
    }
    cases
}

fn patterns() -> Vec<Case> {
    let any = |patterns: String| format!(r#"{{"anyOf":[{patterns}]}}"#);
    let one = |pattern: String| format!(r#"{{"pattern":"{pattern}"}}"#);
    // The text looks random, so that a DFA always finds new states.
    let noise = |index: u64| if index.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 0 { 'a' } else { 'b' };
    let noise = format!("\"{}\"", (0..PAYLOAD_BYTES as u64).map(noise).collect::<String>());
    let mut cases = vec![
        case("1,500 of a{5000}", any(list(1500, |index| one(format!("a{{5000}}{index}")))), "\"a\""),
        case("many patterns", any(of_schema(|index| one(format!("[ab]{{20}}c{index}")))), text()),
        case("many small patterns", any(of_schema(|index| one(format!("c{index}")))), text()),
        case("classes of Unicode", any(list(120, |index| one(format!("^\\\\p{{L}}{index}")))), text()),
        case("a class of Unicode, 40 times", one("^\\\\p{L}{40}$".to_owned()), text()),
        case("letters", one("^\\\\p{L}*$".to_owned()), text()),
        case("9,000 classes of Unicode", one("\\\\p{L}".repeat(9000)), "\"a\""),
        case("case ignored", one(format!("(?i){}", "[^a]".repeat(15_000))), "\"a\""),
        case("alternatives", one(of_schema(|index| index.to_string()).replace(',', "|")), text()),
        case("dots", one(".*".repeat(20_000)), text()),
        case("groups", one(nested("(", "a", ")", 30_000)), text()),
        case(
            "names",
            format!(r#"{{"patternProperties":{{{}}}}}"#, of_schema(|index| format!(r#""x{index}":{{}}"#))),
            object(),
        ),
        case(
            "names of names",
            format!(
                r#"{{"propertyNames":{{"allOf":[{}]}}}}"#,
                of_schema(|index| format!(r#"{{"not":{{"pattern":"x{index}"}}}}"#))
            ),
            object(),
        ),
    ];
    for states in [20, 100, 300, 1000, 4000] {
        let pattern = |index: usize| one(format!("(a|b)*a(a|b){{{states}}}c{index}?$"));
        cases.push(case(format!("{states} states"), any(list(20, pattern)), noise.clone()));
        let texts =
            array(|index| format!("\"{}\"", if index % 2 == 0 { "ab".repeat(30) } else { "b".repeat(60) }));
        cases.push(case(
            format!("{states} states, short texts"),
            format!(r#"{{"items":{}}}"#, pattern(0)),
            texts,
        ));
    }
    cases
}

/// Schemas of 64 KiB with payloads of 256 KiB. Each part of the schema meets each part of the payload.
fn products() -> Vec<Case> {
    let numbers = || array(|index| index.to_string());
    let objects = || array(|_| "{}".to_owned());
    let all = |part: &dyn Fn(usize) -> String| format!(r#"{{"allOf":[{}]}}"#, of_schema(part));
    let each = |keyword: &str, parts: String| format!(r#"{{"items":{{"{keyword}":{parts}}}}}"#);
    vec![
        case(
            "required",
            each("required", format!("[{}]", list(40, |index| format!("\"n{index}\"")))),
            objects(),
        ),
        case(
            "required, all",
            each("required", format!("[{}]", of_schema(|index| format!("\"n{index}\"")))),
            objects(),
        ),
        case(
            "properties",
            each("properties", format!("{{{}}}", of_schema(|index| format!(r#""p{index}":{{}}"#)))),
            objects(),
        ),
        case(
            "dependencies",
            each("dependencies", format!("{{{}}}", of_schema(|index| format!(r#""p{index}":["q"]"#)))),
            objects(),
        ),
        case("enum", each("enum", format!("[{}]", of_schema(|index| (index * 7).to_string()))), numbers()),
        case(
            "constants",
            each("anyOf", format!("[{}]", of_schema(|index| format!(r#"{{"const":{}}}"#, index + 900_000)))),
            numbers(),
        ),
        case(
            "multiples",
            each(
                "allOf",
                format!("[{}]", of_schema(|index| format!(r#"{{"multipleOf":1e-{}}}"#, 290 + index % 10))),
            ),
            numbers(),
        ),
        case(
            "contains",
            all(&|index| format!(r#"{{"not":{{"contains":{{"const":{index}.5}}}}}}"#)),
            numbers(),
        ),
        case("empty schemas", all(&|_| "{}".to_owned()), numbers()),
        case("lengths", all(&|index| format!(r#"{{"maxLength":{}}}"#, 900_000 + index)), text()),
        case(
            "kinds",
            each(
                "anyOf",
                format!(
                    "[{}]",
                    of_schema(|index| format!(r#"{{"properties":{{"kind":{{"const":"k{index}"}}}}}}"#))
                ),
            ),
            array(|index| format!(r#"{{"kind":"k{}"}}"#, index % 3000)),
        ),
        case(
            "meta-schemas",
            format!(r#"{{{DRAFT_2020},"items":{{"$ref":"https://json-schema.org/draft/2020-12/schema"}}}}"#),
            array(|_| r#"{"type":"x"}"#.to_owned()),
        ),
        case("nothing is allowed", r#"{"additionalProperties":false}"#, object()),
        case(
            "long names",
            format!(r#"{{"required":[{}]}}"#, list(6, |index| format!("\"{}{index}\"", "n".repeat(10_000)))),
            "{}",
        ),
    ]
}

fn comparisons() -> Vec<Case> {
    let digits = || array(|index| (index % 10).to_string());
    let unique = r#"{"uniqueItems":true}"#;
    let long =
        |index: usize| format!(r#"{{"const":[{},{index}]}}"#, list(600, |index| (index % 10).to_string()));
    vec![
        case("digits", unique, digits()),
        case("numbers", unique, array(|index| index.to_string())),
        case("deep items", unique, array(|index| nested("[", &index.to_string(), "]", 100))),
        case(
            "items that differ at their end",
            unique,
            array(|index| format!("[{}{index}]", "0,".repeat(200))),
        ),
        case(
            "unique in many ways",
            format!(r#"{{"allOf":[{}]}}"#, of_schema(|_| unique.to_owned())),
            digits(),
        ),
        case("long constants", format!(r#"{{"anyOf":[{}]}}"#, list(50, long)), digits()),
    ]
}

fn formats() -> Vec<Case> {
    let names = [
        "date",
        "date-time",
        "duration",
        "email",
        "hostname",
        "idn-email",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "iri",
        "iri-reference",
        "json-pointer",
        "regex",
        "relative-json-pointer",
        "time",
        "uri",
        "uri-reference",
        "uri-template",
        "uuid",
    ];
    let texts = [
        ("a".to_owned(), 1),
        ("(".to_owned(), 1),
        ("/a.b-".to_owned(), 5),
        ("é".to_owned(), 2),
        ("{a}".to_owned(), 3),
    ];
    let mut cases = Vec::new();
    for name in names {
        let schema = format!(
            r#"{{{DRAFT_2020},"anyOf":[{}]}}"#,
            fill(60_000, |_| format!(r#"{{"not":{{"format":"{name}"}}}},{{"format":"{name}"}}"#))
        );
        for (part, bytes) in &texts {
            cases.push(case(
                format!("{name} of {part}"),
                schema.clone(),
                format!("\"{}\"", part.repeat(PAYLOAD_BYTES / bytes)),
            ));
        }
    }
    cases
}

//! Work that a count of steps easily misses: explanations, names, anchors, URIs and translations of patterns.

use crate::{
    Case,
    handwritten::{DRAFT_2020, array, case, fill, list, nested, object, of_schema},
};

pub(crate) fn cases() -> Vec<Case> {
    [explanations(), names(), anchors(), texts()].into_iter().flatten().collect()
}

fn explanations() -> Vec<Case> {
    let zeros = || array(|_| "0".to_owned());
    // The inner values are checked first and fail late, so the explanation takes every path on every level.
    let link = |index: usize| format!(r##""d{index}":{{"$ref":"#/definitions/d{}"}}"##, index + 1);
    let ways = format!(
        r##"{{"definitions":{{"w":{{"allOf":[{{"items":{{"$ref":"#/definitions/w"}}}},{{"anyOf":[{{"$ref":"#/definitions/d0"}},true]}}]}},{},
           "d90":{{"items":{{"$ref":"#/definitions/d0"}},"not":{{"type":"number"}}}}}},
           "allOf":[{{"$ref":"#/definitions/w"}},{{"$ref":"#/definitions/d0"}}]}}"##,
        list(90, link)
    );
    let places = r##"{"properties":{"~":{"$ref":"#"}},"items":{"allOf":[{"type":"string"},{"type":"null"},{"minimum":1}]}}"##;
    let deep_zeros = format!("[{}]", fill(240_000, |_| "0".to_owned()));
    let prefixes = of_schema(|_| r#"{"items":[false]}"#.to_owned());
    vec![
        case("an explanation of many levels", ways, nested("[", "1", "]", 118)),
        case("places that are cut", places, nested(r#"{"~":"#, &deep_zeros, "}", 100)),
        case("items that no schema is for", format!(r#"{{"allOf":[{prefixes}]}}"#), zeros()),
    ]
}

fn names() -> Vec<Case> {
    let required = list(5000, |index| format!("\"a{index}\""));
    let again = fill(20_000, |_| r##"{"$ref":"#/definitions/r"}"##.to_owned());
    let long = |index: usize| format!("\"{}{index}\"", "n".repeat(14_000));
    vec![
        case(
            "names that are there",
            format!(r#"{{"definitions":{{"r":{{"required":[{required}]}}}},"allOf":[{again}]}}"#),
            object(),
        ),
        case(
            "long names",
            format!(r#"{{"items":{{"required":[{}]}}}}"#, list(4, long)),
            array(|_| r#"{"n":1,"nn":2}"#.to_owned()),
        ),
    ]
}

fn anchors() -> Vec<Case> {
    let name = "a".repeat(28_000);
    let chain = list(700, |index| {
        format!(
            r##""r{index}":{{"$id":"r{index}","$dynamicAnchor":"a{index}","items":{{"$dynamicRef":"r{}#a{0}"}}}}"##,
            index + 1
        )
    });
    let links = list(900, |index| {
        format!(
            r##""c{index}":{{"$id":"c{index}","$dynamicAnchor":"z","items":{{"$ref":"c{}"}}}}"##,
            index + 1
        )
    });
    let children = fill(25_000, |_| r#"{"$id":"1f"}"#.to_owned());
    let one_id = of_schema(|index| format!(r#"{{"$id":"{index}"}}"#));
    let root = format!("http://example.com/{}", "p".repeat(1900));
    vec![
        case(
            "a long anchor",
            format!(r##"{{{DRAFT_2020},"$dynamicAnchor":"{name}","items":{{"$dynamicRef":"#{name}"}}}}"##),
            array(|_| "0".to_owned()),
        ),
        case(
            "anchors that lead to anchors",
            format!(
                r##"{{{DRAFT_2020},"$defs":{{{chain},"r700":{{"$id":"r700","$dynamicAnchor":"a700"}}}},"$ref":"r0"}}"##
            ),
            nested("[", "", "]", 120),
        ),
        case(
            "scopes inside scopes",
            format!(
                r##"{{{DRAFT_2020},"$defs":{{{links},"c900":{{"$id":"c900","$dynamicRef":"#z"}}}},"$ref":"c0"}}"##
            ),
            nested("[", "", "]", 120),
        ),
        case(
            "a circle of dynamic references",
            format!(r##"{{{DRAFT_2020},"$dynamicAnchor":"a","$dynamicRef":"#a"}}"##),
            "1",
        ),
        case("equal URIs", format!(r#"{{{DRAFT_2020},"$id":"{root}","allOf":[{children}]}}"#), "1"),
        case(
            "long URIs",
            format!(
                r#"{{{DRAFT_2020},"$id":"{root}/","allOf":[{}]}}"#,
                &one_id[..one_id.floor_char_boundary(58_000)]
                    .rsplit_once(',')
                    .map_or("true", |(whole, _)| whole)
            ),
            "1",
        ),
    ]
}

fn texts() -> Vec<Case> {
    let noise = |index: u64| if index.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 0 { 'a' } else { 'b' };
    let noise = format!("\"{}\"", (0..6000).map(noise).collect::<String>());
    let label: String = (0x4e00..0x4e00 + 250).filter_map(char::from_u32).collect();
    let idn = |_| r#"{"not":{"format":"idn-hostname"}}"#.to_owned();
    let mut cases = vec![
        case("control characters", format!(r#"{{"pattern":"{}"}}"#, r"\\cA".repeat(15_000)), "\"a\""),
        case("dots alone", format!(r#"{{"pattern":"{}"}}"#, ".".repeat(65_000)), "\"a\""),
        case("spaces", format!(r#"{{"pattern":"{}"}}"#, r"\\s".repeat(20_000)), "\"a\""),
        case(
            "names of Chinese characters",
            format!(r#"{{{DRAFT_2020},"allOf":[{}]}}"#, of_schema(idn)),
            format!("\"{label}.{label}.{label}\""),
        ),
    ];
    for states in [10, 16, 24] {
        let pattern = |index: usize| format!(r#"{{"not":{{"pattern":"a[ab]{{{states}}}c{index}"}}}}"#);
        let schema = format!(r#"{{"allOf":[{}]}}"#, of_schema(pattern));
        cases.push(case(format!("many DFAs of {states}"), schema, noise.clone()));
    }
    cases
}

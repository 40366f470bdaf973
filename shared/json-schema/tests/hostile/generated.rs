//! Generated schemas, whose definitions refer to each other in every way, with payloads that are deep or wide.

use crate::Case;

/// Keywords that join references on the same value.
const COMBINATIONS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

pub(crate) fn case(seed: u64) -> Case {
    let mut random = fastrand::Rng::with_seed(seed);
    let draft = if random.bool() {
        "https://json-schema.org/draft/2020-12/schema"
    } else {
        "https://json-schema.org/draft/2019-09/schema"
    };
    let count = random.usize(1..20);
    let definitions: Vec<_> =
        (0..count).map(|index| format!(r#""d{index}":{}"#, definition(&mut random, index, count))).collect();
    let schema =
        format!(r##"{{"$schema":"{draft}","$defs":{{{}}},"$ref":"#/$defs/d0"}}"##, definitions.join(","));
    Case { name: format!("seed {seed}"), schema, payload: payload(&mut random) }
}

fn definition(random: &mut fastrand::Rng, index: usize, count: usize) -> String {
    let mut members = Vec::new();
    for _ in 0..random.usize(1..4) {
        let below =
            |random: &mut fastrand::Rng| format!(r##"{{"$ref":"#/$defs/d{}"}}"##, random.usize(0..count));
        // On the same value it refers only to later definitions, so that there is no cycle.
        let here = |random: &mut fastrand::Rng| match index + 1 {
            next if next < count => format!(r##"{{"$ref":"#/$defs/d{}"}}"##, random.usize(next..count)),
            _ => r#"{"type":["array","object"]}"#.to_owned(),
        };
        let many = |random: &mut fastrand::Rng, one: &dyn Fn(&mut fastrand::Rng) -> String| {
            (0..random.usize(2..5)).map(|_| one(random)).collect::<Vec<_>>().join(",")
        };
        let combination = COMBINATIONS[random.usize(0..3)];
        members.push(match random.u32(0..13) {
            0..=2 => format!(r#""{combination}":[{}]"#, many(random, &here)),
            3 => format!(r#""not":{}"#, here(random)),
            4 => format!(r#""if":{},"then":{},"else":{}"#, here(random), here(random), here(random)),
            5 => format!(r#""items":{{"{combination}":[{}]}}"#, many(random, &below)),
            6 => format!(r#""additionalProperties":{{"{combination}":[{}]}}"#, many(random, &below)),
            7 => format!(r#""properties":{{"a":{},"b":{}}}"#, below(random), below(random)),
            8 => format!(r#""unevaluatedProperties":{}"#, below(random)),
            9 => format!(r#""unevaluatedItems":{}"#, below(random)),
            10 => format!(r#""contains":{}"#, below(random)),
            11 => r#""uniqueItems":true"#.to_owned(),
            _ => format!(r#""dependentSchemas":{{"a":{}}}"#, here(random)),
        });
    }
    members.sort_unstable();
    members.dedup_by(|one, other| one.split(':').next() == other.split(':').next());
    format!("{{{}}}", members.join(","))
}

fn payload(random: &mut fastrand::Rng) -> String {
    let (open, close) =
        [("[", "]"), (r#"{"a":"#, "}"), (r#"{"b":["#, "]}"), (r#"[1,{"a":"#, "}]")][random.usize(0..4)];
    let levels = random.usize(1..60);
    let core = match random.u32(0..4) {
        0 => "1".to_owned(),
        1 => format!("[{}]", vec!["[]"; random.usize(1..60_000)].join(",")),
        2 => format!("[{}]", vec![r#"{"a":1,"b":[2]}"#; random.usize(1..12_000)].join(",")),
        _ => {
            let members: Vec<_> =
                (0..random.usize(1..15_000)).map(|index| format!(r#""k{index}":{index}"#)).collect();
            format!("{{{}}}", members.join(","))
        }
    };
    format!("{}{core}{}", open.repeat(levels), close.repeat(levels))
}

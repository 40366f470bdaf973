//! Compares our verdicts on thousands of generated schemas and values with those of the crate jsonschema, the most used
//! validator for Rust. The schemas are small enough for it.

#![expect(clippy::disallowed_types, reason = "schemas and values are generated; no caller's text is read")]

use serde_json::{Map, Value, json};
use xzepr_json::JsonText;
use xzepr_json_schema::Schema;

const DRAFTS: [&str; 5] = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

const NAMES: [&str; 5] = ["a", "b", "c", "aa", "é/~"];

struct Draw {
    random: fastrand::Rng,
    draft: usize,
}

impl Draw {
    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.random.usize(0..choices.len())].clone()
    }

    fn is(&mut self, one_in: u32) -> bool {
        self.random.u32(0..one_in) == 0
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.random.u32(0..if depth == 0 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => Value::Bool(self.random.bool()),
            2 => self.number(),
            3 | 4 => json!(self.of(&["", "a", "b", "ab", "aaa", "é", "1"])),
            5 => (0..self.random.usize(0..4)).map(|_| self.value(depth - 1)).collect(),
            _ => self.members(|draw| draw.value(depth - 1)),
        }
    }

    fn number(&mut self) -> Value {
        self.of(&[json!(0), json!(1), json!(2), json!(-1), json!(1.0), json!(1.5), json!(0.1), json!(1e20)])
    }

    fn members(&mut self, mut member: impl FnMut(&mut Self) -> Value) -> Value {
        let count = self.random.usize(0..4);
        (0..count).map(|_| (self.of(&NAMES).to_owned(), member(self))).collect::<Map<_, _>>().into()
    }

    fn schema(&mut self, depth: usize) -> Value {
        if self.draft > 0 && self.is(8) {
            return Value::Bool(!self.is(3));
        }
        let mut members = Map::new();
        for _ in 0..self.random.usize(1..4) {
            let (keyword, value) = if depth == 0 { self.assertion() } else { self.keyword(depth - 1) };
            members.insert(keyword.to_owned(), value);
        }
        members.into()
    }

    fn count(&mut self) -> Value {
        json!(self.random.u32(0..4))
    }

    fn names(&mut self) -> Value {
        let mut names: Vec<_> = (0..self.random.usize(1..3)).map(|_| self.of(&NAMES)).collect();
        names.sort_unstable();
        names.dedup();
        json!(names)
    }

    fn assertion(&mut self) -> (&'static str, Value) {
        let types = ["array", "boolean", "integer", "null", "number", "object", "string"];
        match self.random.u32(0..17) {
            0 | 1 => ("type", json!(self.of(&types))),
            2 => ("type", json!(["string", "object", self.of(&["array", "integer", "null"])])),
            3 => ("enum", json!([self.value(1), self.value(1), "a"])),
            4 if self.draft > 0 => ("const", self.value(1)),
            5 => ("minimum", self.number()),
            6 => ("maximum", self.number()),
            7 if self.draft > 0 => ("exclusiveMinimum", self.number()),
            8 => ("multipleOf", self.of(&[json!(1), json!(2), json!(0.1), json!(0.5)])),
            9 => ("minLength", self.count()),
            10 => ("maxLength", self.count()),
            11 => ("pattern", json!(self.of(&["^a", "a$", "b", "^.$", "^\\w*$", "[^a]"]))),
            12 => ("minItems", self.count()),
            13 => ("maxItems", self.count()),
            14 => ("uniqueItems", json!(true)),
            15 => ("maxProperties", self.count()),
            _ => ("required", self.names()),
        }
    }

    fn keyword(&mut self, depth: usize) -> (&'static str, Value) {
        let modern = self.draft >= 3;
        match self.random.u32(0..24) {
            0 | 1 => ("properties", self.members(|draw| draw.schema(depth))),
            2 => ("patternProperties", json!({self.of(&["^a", "a", "b$"]): self.schema(depth)})),
            3 => ("additionalProperties", self.schema(depth)),
            4 if self.draft > 0 => ("propertyNames", self.schema(depth)),
            5 if self.draft < 4 => ("items", json!([self.schema(depth), self.schema(depth)])),
            5 => ("prefixItems", json!([self.schema(depth), self.schema(depth)])),
            6 => ("items", self.schema(depth)),
            7 if self.draft < 4 => ("additionalItems", self.schema(depth)),
            8 if self.draft > 0 => ("contains", self.schema(depth)),
            9 if modern => (self.of(&["minContains", "maxContains"]), self.count()),
            10 => ("allOf", json!([self.schema(depth), self.schema(depth)])),
            11 => ("anyOf", json!([self.schema(depth), self.schema(depth)])),
            12 => ("oneOf", json!([self.schema(depth), self.schema(depth)])),
            13 => ("not", self.schema(depth)),
            14 if self.draft >= 2 => ("if", self.schema(depth)),
            15 if self.draft >= 2 => ("then", self.schema(depth)),
            16 if self.draft >= 2 => ("else", self.schema(depth)),
            17 if modern => ("dependentRequired", json!({self.of(&NAMES): self.names()})),
            18 if modern => ("dependentSchemas", json!({self.of(&NAMES): self.schema(depth)})),
            17 | 18 if !modern => {
                ("dependencies", json!({self.of(&NAMES): self.schema(depth), "a": self.names()}))
            }
            19 | 20 if modern => ("unevaluatedProperties", self.schema(depth)),
            // In 2019-09 jsonschema counts the matches of `contains` as evaluated, which is the rule of 2020-12 only.
            21 if self.draft == 4 => ("unevaluatedItems", self.schema(depth)),
            22 => ("$ref", json!(self.of(&["#/definitions/d0", "#/definitions/d1"]))),
            _ => self.assertion(),
        }
    }

    fn document(&mut self) -> Value {
        let mut document = match self.schema(3) {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        document.insert("$schema".to_owned(), json!(DRAFTS[self.draft]));
        let definitions = json!({"d0": self.schema(2), "d1": self.schema(1)});
        document.insert("definitions".to_owned(), definitions);
        document.into()
    }
}

#[test]
fn our_verdicts_are_those_of_jsonschema() {
    let (mut compared, mut matched) = (0, 0);
    for (seed, draft) in (0..10_000).zip((0..DRAFTS.len()).cycle()) {
        let mut draw = Draw { random: fastrand::Rng::with_seed(seed), draft };
        let document = draw.document();
        let ours = Schema::compile(&JsonText::try_from(document.to_string()).unwrap());
        let theirs = jsonschema::options().should_validate_formats(true).offline().build(&document);
        // This crate refuses a definition that refers to itself on the same value. jsonschema would never end there.
        let refused_here = matches!(&ours, Err(error) if error.to_string().contains("refers to itself"));
        if refused_here {
            continue;
        }
        assert_eq!(ours.is_ok(), theirs.is_ok(), "seed {seed}: {document}: {ours:?}");
        let (Ok(ours), Ok(theirs)) = (ours, theirs) else { continue };
        for _ in 0..10 {
            let value = draw.value(3);
            let mismatches = ours
                .mismatches(&JsonText::try_from(value.to_string()).unwrap().value().unwrap())
                .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            assert_eq!(
                mismatches.is_empty(),
                theirs.is_valid(&value),
                "seed {seed}: {document}\n{value}\n{mismatches:?}"
            );
            compared += 1;
            matched += usize::from(mismatches.is_empty());
        }
    }
    assert!(compared > 75_000 && matched > compared / 10, "{compared} compared, {matched} matched");
}

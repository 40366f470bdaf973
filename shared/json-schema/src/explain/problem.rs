//! The texts for keywords that fail.

use xzepr_json::{Json, Object};

use super::{
    Explanation,
    quote::{number, quoted, scalar},
};
use crate::{
    error::TooMuchWork,
    evaluate::Scope,
    node::{Keyword, Types},
};

/// The most values of an `enum` and the most names in a message.
const MAX_LISTED: usize = 10;

impl Explanation<'_, '_, '_> {
    /// The problems of a keyword that fails on the value itself, not on a part of it.
    pub(super) fn problems(
        &mut self,
        keyword: &Keyword,
        value: &Json,
        scope: Scope,
    ) -> Result<Vec<String>, TooMuchWork> {
        Ok(match (keyword, value) {
            (Keyword::Required(names), Json::Object(members)) => missing(names, members, ""),
            (Keyword::DependentRequired(dependents), Json::Object(members)) => {
                let present = dependents.iter().filter(|(name, _)| members.get(name).is_some());
                present
                    .flat_map(|(name, names)| {
                        missing(names, members, &format!(", since it has {}", quoted(name)))
                    })
                    .collect()
            }
            (Keyword::PropertyNames(node), Json::Object(members)) => {
                let mut problems = Vec::new();
                for (name, _) in members.iter() {
                    if problems.len() < MAX_LISTED
                        && !self.evaluation.detached(*node, &Json::String(name.into()), scope)?
                    {
                        problems.push(format!("must not have a member of the name {}", quoted(name)));
                    }
                }
                problems
            }
            (keyword, _) => vec![rule(keyword)],
        })
    }
}

fn missing<'a>(names: &'a [Box<str>], members: &'a Object<'a>, reason: &str) -> Vec<String> {
    let missing = names.iter().filter(|name| members.get(name).is_none()).take(MAX_LISTED);
    missing.map(|name| format!("must have the member {}{reason}", quoted(name))).collect()
}

/// The rule of `anyOf` or `oneOf`.
pub(super) fn of_alternatives(keyword: &Keyword, count: usize, matching: usize) -> String {
    match keyword {
        Keyword::OneOf(_) if matching > 0 => {
            format!("must match exactly one of {count} alternatives, and matches more")
        }
        Keyword::OneOf(_) => format!("must match exactly one of {count} alternatives, and matches none"),
        _ => format!("must match at least one of {count} alternatives, and matches none"),
    }
}

fn rule(keyword: &Keyword) -> String {
    match keyword {
        Keyword::Type(types) => format!("must be {}", kinds(*types)),
        Keyword::Enum(values) => match listed(values) {
            Some(list) => format!("must be one of {list}"),
            None => format!("must be one of the {} values that the schema lists", values.len()),
        },
        Keyword::Const(value) => match scalar(value) {
            Some(value) => format!("must be {value}"),
            None => "must be the value that the schema gives".to_owned(),
        },
        Keyword::Minimum(limit) => format!("must be at least {}", number(*limit)),
        Keyword::ExclusiveMinimum(limit) => format!("must be more than {}", number(*limit)),
        Keyword::Maximum(limit) => format!("must be at most {}", number(*limit)),
        Keyword::ExclusiveMaximum(limit) => format!("must be less than {}", number(*limit)),
        Keyword::MultipleOf(divisor) => format!("must be a multiple of {}", number(*divisor)),
        Keyword::MinLength(count) => format!("must have at least {}", counted(*count, "character")),
        Keyword::MaxLength(count) => format!("must have at most {}", counted(*count, "character")),
        Keyword::Pattern(pattern) => format!("must match the pattern {}", quoted(pattern.as_str())),
        Keyword::Format(format) => format!("must have the format {}", format.name()),
        Keyword::Content { is_base64: true, is_json: true } => "must be JSON in Base64".to_owned(),
        Keyword::Content { is_base64: true, .. } => "must be Base64".to_owned(),
        Keyword::Content { .. } => "must be JSON text".to_owned(),
        Keyword::MinItems(count) => format!("must have at least {}", counted(*count, "item")),
        Keyword::MaxItems(count) => format!("must have at most {}", counted(*count, "item")),
        Keyword::UniqueItems => "must not have an item twice".to_owned(),
        Keyword::MinProperties(count) => format!("must have at least {}", counted(*count, "member")),
        Keyword::MaxProperties(count) => format!("must have at most {}", counted(*count, "member")),
        Keyword::Contains(contains) => match contains.max {
            Some(max) => format!("must have {} to {max} items that match `contains`", contains.min),
            None => format!("must have at least {} that match `contains`", counted(contains.min, "item")),
        },
        Keyword::Not(_) => "must not match the schema under `not`".to_owned(),
        _ => "is not allowed".to_owned(),
    }
}

fn kinds(types: Types) -> String {
    let names = types.names().into_iter().map(|name| match name {
        "null" => "null".to_owned(),
        "array" | "integer" | "object" => format!("an {name}"),
        name => format!("a {name}"),
    });
    names.collect::<Vec<_>>().join(" or ")
}

fn listed(values: &[Json]) -> Option<String> {
    let values = values.iter().map(scalar).collect::<Option<Vec<_>>>()?;
    (values.len() <= MAX_LISTED).then(|| values.join(", "))
}

fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

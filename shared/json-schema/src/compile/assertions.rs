//! Keywords that read only the value and apply no other schema.

use xzepr_json::{Json, Number};

use super::{Compiler, Subschema};
use crate::{
    draft::Draft,
    error::SchemaError,
    format::Format,
    node::{Keyword, Names, TYPES, Types},
    pointer::Segment,
};

/// The type of an annotation's value. An annotation has no effect on a check, but it must be well-formed.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Flag,
    List,
    Members,
}

const ANNOTATIONS: [(&str, Draft, Shape); 15] = [
    ("$anchor", Draft::Draft201909, Shape::Text),
    ("$comment", Draft::Draft7, Shape::Text),
    ("$dynamicAnchor", Draft::Draft202012, Shape::Text),
    ("$id", Draft::Draft6, Shape::Text),
    ("$schema", Draft::Draft4, Shape::Text),
    ("$vocabulary", Draft::Draft201909, Shape::Members),
    ("contentEncoding", Draft::Draft7, Shape::Text),
    ("contentMediaType", Draft::Draft7, Shape::Text),
    ("deprecated", Draft::Draft201909, Shape::Flag),
    ("description", Draft::Draft4, Shape::Text),
    ("examples", Draft::Draft6, Shape::List),
    ("readOnly", Draft::Draft7, Shape::Flag),
    ("id", Draft::Draft4, Shape::Text),
    ("title", Draft::Draft4, Shape::Text),
    ("writeOnly", Draft::Draft7, Shape::Flag),
];

impl<'a> Compiler<'a> {
    pub(super) fn check_annotations(&self, of: &Subschema<'a>) -> Result<(), SchemaError> {
        for (keyword, since, shape) in ANNOTATIONS {
            // Only draft 4 has `id`.
            let is_known = of.draft >= since && (keyword != "id" || of.draft == Draft::Draft4);
            let Some(value) = of.get(keyword).filter(|_| is_known) else { continue };
            let (is_right, rule) = match shape {
                Shape::Text => (value.as_str().is_some(), "must be a string"),
                Shape::Flag => (value.as_bool().is_some(), "must be a boolean"),
                Shape::List => (value.as_array().is_some(), "must be an array"),
                Shape::Members => (value.as_object().is_some(), "must be an object"),
            };
            if !is_right {
                return Err(self.places.invalid_keyword(of.place, keyword, rule));
            }
        }
        Ok(())
    }

    pub(super) fn add_assertions(&mut self, of: &mut Subschema<'a>) -> Result<(), SchemaError> {
        let draft = of.draft;
        for (name, value) in of.members.iter() {
            let invalid = |problem: &str| self.places.invalid_keyword(of.place, name, problem);
            let number = || value.as_number().ok_or_else(|| invalid("must be a number"));
            let count = || {
                let count = value.as_number().and_then(Number::as_count);
                count.ok_or_else(|| invalid("must be an integer of at least 0"))
            };
            let text = || value.as_str().ok_or_else(|| invalid("must be a string"));
            let keyword = match name {
                "type" => Keyword::Type(
                    types(value, draft)
                        .ok_or_else(|| invalid("must be a type's name or an array of different ones"))?,
                ),
                "enum" => {
                    let values = value.as_array().ok_or_else(|| invalid("must be an array"))?;
                    let mut values: Vec<_> = values.iter().map(Json::to_static).collect();
                    values.sort_unstable();
                    Keyword::Enum(values.into())
                }
                "const" if draft >= Draft::Draft6 => Keyword::Const(value.to_static()),
                "maximum" if is_exclusive_in_draft_4(of, "exclusiveMaximum") => {
                    Keyword::ExclusiveMaximum(number()?)
                }
                "maximum" => Keyword::Maximum(number()?),
                "minimum" if is_exclusive_in_draft_4(of, "exclusiveMinimum") => {
                    Keyword::ExclusiveMinimum(number()?)
                }
                "minimum" => Keyword::Minimum(number()?),
                "exclusiveMaximum" | "exclusiveMinimum" if draft == Draft::Draft4 => {
                    let limit = if name == "exclusiveMaximum" { "maximum" } else { "minimum" };
                    if value.as_bool().is_none() || of.get(limit).is_none() {
                        return Err(invalid(&format!("must be a boolean beside {limit} in draft 4")));
                    }
                    continue;
                }
                "exclusiveMaximum" => Keyword::ExclusiveMaximum(number()?),
                "exclusiveMinimum" => Keyword::ExclusiveMinimum(number()?),
                "multipleOf" => {
                    let divisor = number()?;
                    if divisor <= Number::from(0_u64) {
                        return Err(invalid("must be more than 0"));
                    }
                    Keyword::MultipleOf(divisor)
                }
                "minLength" => Keyword::MinLength(count()?),
                "maxLength" => Keyword::MaxLength(count()?),
                "minItems" => Keyword::MinItems(count()?),
                "maxItems" => Keyword::MaxItems(count()?),
                "minProperties" => Keyword::MinProperties(count()?),
                "maxProperties" => Keyword::MaxProperties(count()?),
                "uniqueItems" => match value.as_bool() {
                    Some(true) => Keyword::UniqueItems,
                    Some(false) => continue,
                    None => return Err(invalid("must be a boolean")),
                },
                "required" => {
                    let names = names(value).filter(|names| draft > Draft::Draft4 || !names.is_empty());
                    Keyword::Required(names.ok_or_else(|| invalid(NAMES))?)
                }
                "pattern" => {
                    let text = text()?;
                    let place = self.places.below(of.place, &[Segment::Name(name)]);
                    Keyword::Pattern(self.compile_pattern(text, place)?)
                }
                "format" => match Format::named(text()?, draft) {
                    Some(format) => Keyword::Format(format),
                    None => continue,
                },
                _ => continue,
            };
            of.keywords.push(keyword);
        }
        of.keywords.extend(content(of));
        Ok(())
    }
}

/// The rule for a list of members' names.
pub(super) const NAMES: &str = "must be an array of different strings";

/// A list of different names.
pub(super) fn names(value: &Json) -> Option<Names> {
    let mut names = value.as_array()?.iter().map(Json::as_str).collect::<Option<Vec<_>>>()?;
    names.sort_unstable();
    let are_different = names.windows(2).all(|pair| pair[0] != pair[1]);
    are_different.then(|| names.into_iter().map(Into::into).collect())
}

fn types(value: &Json, draft: Draft) -> Option<Types> {
    let bit = |name: &str| TYPES.iter().position(|known| *known == name).map(|bit| 1_u8 << bit);
    let bits = match value {
        Json::String(name) => bit(name)?,
        Json::Array(_) => {
            let names = names(value).filter(|names| !names.is_empty())?;
            names.iter().map(|name| bit(name)).sum::<Option<u8>>()?
        }
        _ => return None,
    };
    Some(Types { bits, strict_integers: draft == Draft::Draft4 })
}

fn is_exclusive_in_draft_4(of: &Subschema<'_>, keyword: &str) -> bool {
    of.draft == Draft::Draft4 && of.get(keyword).and_then(Json::as_bool) == Some(true)
}

/// `contentEncoding` and `contentMediaType`, for the values that most validators know. A validator may check them only
/// in drafts 6 and 7 (draft 7, Validation section 8).
fn content(of: &Subschema<'_>) -> Option<Keyword> {
    if !matches!(of.draft, Draft::Draft6 | Draft::Draft7) {
        return None;
    }
    let is = |keyword: &str, value: &str| of.get(keyword).and_then(Json::as_str) == Some(value);
    if of.get("contentMediaType").is_some() && !is("contentMediaType", "application/json") {
        return None;
    }
    let (is_base64, is_json) = (is("contentEncoding", "base64"), is("contentMediaType", "application/json"));
    (is_base64 || is_json).then_some(Keyword::Content { is_base64, is_json })
}

//! Keywords that read only the value. A keyword for another type of value always matches.

use std::cmp::Ordering;

use base64::{Engine, prelude::BASE64_STANDARD};
use xzepr_json::{Json, Object};

use super::{Evaluation, Verdict, compare::compare};
use crate::{
    error::TooMuchWork,
    node::{Keyword, Names},
    work::BYTES_A_STEP,
};

impl Evaluation<'_> {
    pub(super) fn assertion(&mut self, keyword: &Keyword, value: &Json) -> Verdict {
        match (keyword, value) {
            (Keyword::Never, _) => Ok(false),
            (Keyword::Type(types), value) => Ok(types.include(value)),
            (Keyword::Const(expected), value) => Ok(compare(expected, value, &mut self.work)?.is_eq()),
            (Keyword::Enum(values), value) => self.is_listed(values, value),
            (Keyword::Minimum(limit), Json::Number(number)) => Ok(number >= limit),
            (Keyword::ExclusiveMinimum(limit), Json::Number(number)) => Ok(number > limit),
            (Keyword::Maximum(limit), Json::Number(number)) => Ok(number <= limit),
            (Keyword::ExclusiveMaximum(limit), Json::Number(number)) => Ok(number < limit),
            (Keyword::MultipleOf(divisor), Json::Number(number)) => {
                self.work.spend(20)?;
                Ok(number.is_multiple_of(*divisor))
            }
            (keyword, Json::String(text)) => self.text(keyword, text),
            (Keyword::MinItems(limit), Json::Array(items)) => Ok(items.len() as u64 >= *limit),
            (Keyword::MaxItems(limit), Json::Array(items)) => Ok(items.len() as u64 <= *limit),
            (Keyword::UniqueItems, Json::Array(items)) => self.are_unique(items),
            (Keyword::MinProperties(limit), Json::Object(members)) => Ok(members.len() as u64 >= *limit),
            (Keyword::MaxProperties(limit), Json::Object(members)) => Ok(members.len() as u64 <= *limit),
            (Keyword::Required(names), Json::Object(members)) => self.has_all(names, members),
            (Keyword::DependentRequired(dependents), Json::Object(members)) => {
                for (name, required) in dependents {
                    if self.find(members, name)?.is_some() && !self.has_all(required, members)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(true),
        }
    }

    fn has_all(&mut self, names: &Names, members: &Object) -> Verdict {
        for name in names {
            if self.find(members, name)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Finds a member. It costs the steps of the comparisons with other names.
    pub(super) fn find<'m>(
        &mut self,
        members: &'m Object<'m>,
        name: &str,
    ) -> Result<Option<(usize, &'m Json<'m>)>, TooMuchWork> {
        let comparisons = members.len().checked_ilog2().unwrap_or(0) as usize + 1;
        self.work.spend(1 + comparisons * (1 + name.len() / BYTES_A_STEP) / 2)?;
        Ok(members.find(name))
    }

    fn text(&mut self, keyword: &Keyword, text: &str) -> Verdict {
        let length = |text: &str| text.chars().count() as u64;
        match keyword {
            Keyword::MinLength(limit) => {
                self.work.spend(text.len() / BYTES_A_STEP)?;
                Ok(length(text) >= *limit)
            }
            Keyword::MaxLength(limit) => {
                self.work.spend(text.len() / BYTES_A_STEP)?;
                Ok(length(text) <= *limit)
            }
            Keyword::Pattern(pattern) => self.matcher.matches(pattern, text, &mut self.work),
            Keyword::Format(format) => {
                self.work.spend(format.steps(text))?;
                Ok(format.matches(text))
            }
            Keyword::Content { is_base64, is_json } => {
                self.work.spend(text.len())?;
                Ok(is_content(text, *is_base64, *is_json))
            }
            _ => Ok(true),
        }
    }

    /// A binary search, because a list may be as long as the schema.
    fn is_listed(&mut self, values: &[Json], value: &Json) -> Verdict {
        let mut left = values;
        while !left.is_empty() {
            let (before, from) = left.split_at(left.len() / 2);
            let Some((middle, after)) = from.split_first() else { break };
            match compare(middle, value, &mut self.work)? {
                Ordering::Equal => return Ok(true),
                Ordering::Less => left = after,
                Ordering::Greater => left = before,
            }
        }
        Ok(false)
    }

    /// Sorts the items, so that equal ones are neighbours.
    fn are_unique(&mut self, items: &[Json]) -> Verdict {
        if items.len() < 2 {
            return Ok(true);
        }
        let weight: usize = items.iter().map(weight).sum();
        let comparisons = items.len().ilog2() as usize + 1;
        self.work.spend(weight.saturating_mul(comparisons) / 4 + weight)?;
        let mut sorted: Vec<_> = items.iter().collect();
        sorted.sort_unstable();
        Ok(sorted.windows(2).all(|pair| pair[0] != pair[1]))
    }
}

/// The steps that a comparison with the value may take.
fn weight(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => 1,
        Json::String(text) => 1 + text.len() / BYTES_A_STEP,
        Json::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| 1 + name.len() / BYTES_A_STEP + weight(value));
            1 + members.sum::<usize>()
        }
    }
}

fn is_content(text: &str, is_base64: bool, is_json: bool) -> bool {
    if !is_base64 {
        return !is_json || Json::parse(text).is_ok();
    }
    let Ok(decoded) = BASE64_STANDARD.decode(text) else { return false };
    !is_json || std::str::from_utf8(&decoded).is_ok_and(|text| Json::parse(text).is_ok())
}

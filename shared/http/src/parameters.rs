//! The parameters of a query string, read by their rules.
//!
//! A parameter that is unknown, repeated or empty is refused. It may be a filter with a typo in its name, or a variable
//! that a script did not set. Without the filter the request would select too much.
//!
//! ```
//! use xzepr_http::{HttpError, Parameters, Query};
//!
//! fn limit(Query(query): &Query) -> Result<u64, HttpError> {
//!     let parameters = Parameters::new(query, &["name", "limit"])?;
//!     parameters.number("limit", 1..=1000, 50)
//! }
//! ```

use std::{ops::RangeInclusive, str::FromStr};

use chrono::{DateTime, Utc};
use lambda_http::aws_lambda_events::query_map::QueryMap;
use xzepr_domain::{InvalidId, ShortText, parse_time};

use crate::HttpError;

/// The most characters of a value. Names, versions and the like have no more, so a longer value would find nothing.
pub const MAX_CHARACTERS: usize = ShortText::MAX_CHARACTERS;

/// The bounds of a range of time, either of which may be absent.
pub type Times = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// The parameters of a query string. Each is known, given once, and has 1 to [`MAX_CHARACTERS`] characters.
#[derive(Debug, Clone, Copy)]
pub struct Parameters<'a>(&'a QueryMap);

impl<'a> Parameters<'a> {
    /// Checks the names and the lengths. `names` are the known parameters.
    pub fn new(query: &'a QueryMap, names: &[&str]) -> Result<Self, HttpError> {
        Self::with_switches(query, names, &[])
    }

    /// As [`new`](Self::new), but these parameters may be empty, which counts as `true`.
    pub fn with_switches(query: &'a QueryMap, names: &[&str], switches: &[&str]) -> Result<Self, HttpError> {
        if let Some((unknown, _)) = query.iter().find(|(name, _)| !names.contains(name)) {
            let rule = format!("does not exist; there are {}", names.join(", "));
            return Err(HttpError::UnknownParameter { name: unknown.to_owned(), rule });
        }
        for name in names {
            let values = query.all(name).unwrap_or_default();
            if values.len() > 1 {
                return Err(HttpError::invalid_parameter(*name, "must be given once"));
            }
            let Some(value) = values.first() else { continue };
            if value.is_empty() && !switches.contains(name) {
                return Err(HttpError::invalid_parameter(*name, "must not be empty"));
            }
            if value.chars().nth(MAX_CHARACTERS).is_some() {
                let rule = format!("must have at most {MAX_CHARACTERS} characters");
                return Err(HttpError::invalid_parameter(*name, rule));
            }
        }
        Ok(Self(query))
    }

    /// A value as it was sent.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.0.first(name)
    }

    /// A value that must be there, as it was sent.
    pub fn required(&self, name: &str) -> Result<&'a str, HttpError> {
        self.value(name).ok_or_else(|| HttpError::invalid_parameter(name, "is required"))
    }

    /// A name, a version or another such text. It is not blank and has no control characters.
    pub fn text(&self, name: &str) -> Result<Option<ShortText>, HttpError> {
        self.read(name, |value| ShortText::try_from(value.to_owned()))
    }

    /// A text as [`text`](Self::text) reads it, which must be there.
    pub fn required_text(&self, name: &str) -> Result<ShortText, HttpError> {
        self.required(name)?;
        self.text(name)?.ok_or_else(|| HttpError::invalid_parameter(name, "is required"))
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, HttpError> {
        self.read(name, |value| match value {
            "" | "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false"),
        })
    }

    /// A whole number in a range, or the default.
    pub fn number(&self, name: &str, range: RangeInclusive<u64>, default: u64) -> Result<u64, HttpError> {
        let number = self.read(name, |value| {
            let number = value.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end()))
        });
        Ok(number?.unwrap_or(default))
    }

    /// The id of an item, such as a `ReceiverId`.
    pub fn id<Id: FromStr<Err = InvalidId>>(&self, name: &str) -> Result<Option<Id>, HttpError> {
        self.read(name, str::parse)
    }

    /// A time in RFC 3339, not before 1970. A space counts as a `+`, because a query string turns the `+` of an offset
    /// into a space.
    pub fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, HttpError> {
        self.read(name, parse_time)
    }

    /// Two times, the first of which is before the second. Either may be absent.
    pub fn times(&self, from: &str, to: &str) -> Result<Times, HttpError> {
        match (self.time(from)?, self.time(to)?) {
            (Some(first), Some(last)) if first >= last => {
                Err(HttpError::invalid_parameter(from, format!("must be before {to}")))
            }
            times => Ok(times),
        }
    }

    /// One of some values, such as the orders of a list.
    pub fn one_of<T: Copy>(&self, name: &str, values: &[(&str, T)]) -> Result<Option<T>, HttpError> {
        self.read(name, |value| {
            let found = values.iter().find(|(text, _)| *text == value);
            found.map(|(_, found)| *found).ok_or_else(|| {
                let texts: Vec<_> = values.iter().map(|(text, _)| *text).collect();
                format!("must be {}", texts.join(" or "))
            })
        })
    }

    fn read<T, Rule: ToString>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, Rule>,
    ) -> Result<Option<T>, HttpError> {
        let value = self.value(name).map(read).transpose();
        value.map_err(|rule| HttpError::invalid_parameter(name, rule))
    }
}

#[cfg(test)]
mod tests;

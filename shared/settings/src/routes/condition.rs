//! The events that a route matches.

use std::fmt;

use globset::{ErrorKind, GlobBuilder, GlobSet};
use xzepr_domain::EventKind;

use super::field::Field;

/// The conditions of a route. An event must fulfil each of them.
#[derive(Debug, Clone, Default)]
pub struct Conditions(pub(super) Vec<Condition>);

impl Conditions {
    /// Each condition, in the order of the settings.
    pub fn iter(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter()
    }

    /// Whether an event of this kind can fulfil them.
    pub(super) fn allow(&self, kind: EventKind) -> bool {
        self.0.iter().all(|condition| match condition.field {
            Field::Kind => condition.holds_for(kind.as_str()),
            field => field.is_of(kind),
        })
    }
}

/// A field must have one of some values.
#[derive(Clone)]
pub struct Condition {
    /// The field.
    pub field: Field,
    /// The values as they are in the settings.
    values: Vec<String>,
    globs: GlobSet,
}

impl Condition {
    /// Compiles globs. A glob matches the whole value, and its `*` also matches a slash. A text without `*`, `?`, `[` and
    /// `{` matches itself alone.
    pub(super) fn parse(field: Field, values: Vec<String>) -> Result<Self, Vec<String>> {
        let (mut globs, mut faults) = (GlobSet::builder(), Vec::new());
        let fault =
            |value, error: &ErrorKind| format!("has the glob {value:?}, which does not compile: {error}");
        for value in &values {
            match GlobBuilder::new(value).backslash_escape(true).build() {
                Ok(glob) => drop(globs.add(glob)),
                Err(error) => faults.push(fault(value, error.kind())),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        match globs.build() {
            Ok(globs) => Ok(Self { field, values, globs }),
            Err(error) => Err(vec![fault(&values.join(", "), error.kind())]),
        }
    }

    /// Whether the field's value is one of the condition's.
    pub fn holds_for(&self, value: &str) -> bool {
        self.globs.is_match(value)
    }
}

/// The values that the condition accepts, such as `build.* or deploy`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.values.join(" or "))
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.field)
    }
}

//! The name of a route.

use std::{fmt, ops::Deref, str::FromStr, sync::Arc};

/// A name of 1 to 64 letters, digits, `.`, `_` and `-`. It is in the key of a dead letter and in a header, so it has no
/// space and no `#`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteName(Arc<str>);

impl RouteName {
    pub(super) const RULE: &str = "must have 1 to 64 letters, digits, '.', '_' and '-'";
}

/// The name of the route of a deployment without a list of routes.
impl Default for RouteName {
    fn default() -> Self {
        Self("default".into())
    }
}

impl FromStr for RouteName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_valid = (1..=64).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if is_valid { Ok(Self(text.into())) } else { Err(Self::RULE) }
    }
}

impl Deref for RouteName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RouteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

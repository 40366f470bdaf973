//! The values of the keyword `format` that are checked.
use crate::draft::Draft;

/// A format of strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {}

impl Format {
    pub(crate) fn named(_: &str, _: Draft) -> Option<Self> {
        None
    }
    pub(crate) fn name(self) -> &'static str {
        match self {}
    }
    pub(crate) fn matches(self, _: &str) -> bool {
        match self {}
    }
}

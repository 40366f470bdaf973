//! The places of keywords in their document, for messages.

use crate::{
    error::SchemaError,
    pointer::{Segment, pointer},
};

/// The index of a place.
pub(super) type Place = usize;

/// All places. Each has the index of the place above it and its last segment, because the full pointers of a deep
/// schema would be larger than the schema.
#[derive(Debug, Default)]
pub(super) struct Places<'a>(Vec<Option<(Place, Segment<'a>)>>);

impl<'a> Places<'a> {
    pub(super) fn root(&mut self) -> Place {
        self.0.push(None);
        self.0.len() - 1
    }

    pub(super) fn below(&mut self, mut place: Place, path: &[Segment<'a>]) -> Place {
        for segment in path {
            self.0.push(Some((place, *segment)));
            place = self.0.len() - 1;
        }
        place
    }

    pub(super) fn last(&self, place: Place) -> Option<&'a str> {
        match self.0[place] {
            Some((_, Segment::Name(name))) => Some(name),
            _ => None,
        }
    }

    /// A refusal of the schema at a place.
    pub(super) fn invalid(&self, place: Place, problem: impl Into<String>) -> SchemaError {
        self.invalid_below(place, &[], problem)
    }

    /// A refusal of a keyword's value.
    pub(super) fn invalid_keyword(
        &self,
        place: Place,
        keyword: &str,
        problem: impl Into<String>,
    ) -> SchemaError {
        self.invalid_below(place, &[Segment::Name(keyword)], problem)
    }

    /// A refusal of a part below a place.
    pub(super) fn invalid_below(
        &self,
        mut place: Place,
        path: &[Segment<'_>],
        problem: impl Into<String>,
    ) -> SchemaError {
        let mut segments: Vec<_> = path.iter().rev().copied().collect();
        while let Some((above, segment)) = self.0[place] {
            segments.push(segment);
            place = above;
        }
        segments.reverse();
        SchemaError::DoesNotCompile { problem: problem.into(), place: pointer(&segments) }
    }
}

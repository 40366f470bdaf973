//! Where a keyword is in its document, for messages.

use crate::error::SchemaError;

/// A place, as its index.
pub(super) type Place = usize;

/// A part of a JSON Pointer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Segment<'a> {
    Name(&'a str),
    Index(usize),
}

/// All places, each as the one above it and its last segment: written out, the places of a deep schema would
/// be larger than the schema.
#[derive(Debug, Default)]
pub(super) struct Places<'a>(Vec<Option<(Place, Segment<'a>)>>);

/// The most characters of a place that a message has.
const MAX_LENGTH: usize = 200;

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

    /// A refusal of what stands at a place.
    pub(super) fn invalid(&self, place: Place, problem: impl Into<String>) -> SchemaError {
        SchemaError::DoesNotCompile { problem: problem.into(), place: self.pointer(place) }
    }

    /// A refusal of a keyword's value.
    pub(super) fn invalid_keyword(
        &self,
        place: Place,
        keyword: &str,
        problem: impl Into<String>,
    ) -> SchemaError {
        let place = shorten(format!("{}/{keyword}", self.pointer(place)));
        SchemaError::DoesNotCompile { problem: problem.into(), place }
    }

    fn pointer(&self, mut place: Place) -> String {
        let mut segments = Vec::new();
        while let Some((above, segment)) = self.0[place] {
            segments.push(match segment {
                Segment::Name(name) => name.replace('~', "~0").replace('/', "~1"),
                Segment::Index(index) => index.to_string(),
            });
            place = above;
        }
        shorten(segments.iter().rev().map(|segment| format!("/{segment}")).collect())
    }
}

fn shorten(text: String) -> String {
    match text.char_indices().nth(MAX_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

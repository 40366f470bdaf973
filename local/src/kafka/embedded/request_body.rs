//! Checks that a request has the form that its version prescribes.

use super::{
    frame::RequestStart,
    request_fields::{self, Field, Kind},
};

/// Whether the bytes after a request's start hold its client id and its fields. Bytes after them are no fault.
pub(super) fn is_well_formed(start: RequestStart, bytes: &[u8]) -> bool {
    let Some(request) = request_fields::of(start.api_key) else { return false };
    let is_flexible = start.version >= request.flexible_since;
    // The client id has an old length in every version.
    let mut header = Reader { rest: bytes, version: start.version, is_flexible: false };
    let Some(()) = header.nullable(Length::Text) else { return false };
    let mut body = Reader { is_flexible, ..header };
    body.tags().and_then(|()| body.structure(request.fields)).is_some()
}

/// How a length is written where it is not compact.
#[derive(Clone, Copy)]
enum Length {
    Text,
    BytesOrArray,
}

struct Reader<'a> {
    rest: &'a [u8],
    version: i16,
    is_flexible: bool,
}

impl<'a> Reader<'a> {
    fn structure(&mut self, fields: &[Field]) -> Option<()> {
        let version = self.version;
        for field in fields.iter().filter(|field| (field.since..=field.until).contains(&version)) {
            self.field(&field.kind)?;
        }
        self.tags()
    }

    fn field(&mut self, kind: &Kind) -> Option<()> {
        match kind {
            Kind::Fixed(length) => self.skip(*length),
            Kind::Text => {
                let length = self.length(Length::Text)??;
                self.skip(length)
            }
            Kind::NullableText => self.nullable(Length::Text),
            Kind::Bytes => {
                let length = self.length(Length::BytesOrArray)??;
                self.skip(length)
            }
            Kind::Int32s => {
                let count = self.length(Length::BytesOrArray)??;
                self.skip(count.checked_mul(size_of::<i32>())?)
            }
            Kind::Array(fields) => {
                let count = self.length(Length::BytesOrArray)??;
                self.structures(count, fields)
            }
            Kind::NonEmptyArray(fields) => {
                let count = self.length(Length::BytesOrArray)?.filter(|count| *count > 0)?;
                self.structures(count, fields)
            }
            Kind::NullableArray(fields) => {
                let count = self.length(Length::BytesOrArray)?;
                self.structures(count.unwrap_or_default(), fields)
            }
        }
    }

    /// Ends at the first structure that is not there, so it never takes longer than the request is.
    fn structures(&mut self, count: usize, fields: &[Field]) -> Option<()> {
        (0..count).try_for_each(|_| self.structure(fields))
    }

    fn nullable(&mut self, length: Length) -> Option<()> {
        let length = self.length(length)?;
        self.skip(length.unwrap_or_default())
    }

    /// The tagged fields at the end of a structure.
    fn tags(&mut self) -> Option<()> {
        if !self.is_flexible {
            return Some(());
        }
        (0..self.varint()?).try_for_each(|_| {
            self.varint()?;
            let length = usize::try_from(self.varint()?).ok()?;
            self.skip(length)
        })
    }

    /// `Some(None)` is null.
    fn length(&mut self, length: Length) -> Option<Option<usize>> {
        let length = match (self.is_flexible, length) {
            // One more than the length, so that 0 is null.
            (true, _) => i32::try_from(self.varint()?).ok()? - 1,
            (false, Length::Text) => i16::from_be_bytes(*self.take(2)?.first_chunk()?).into(),
            (false, Length::BytesOrArray) => i32::from_be_bytes(*self.take(4)?.first_chunk()?),
        };
        if length == -1 { Some(None) } else { usize::try_from(length).ok().map(Some) }
    }

    /// An unsigned number of 32 bits, 7 of them in each byte, the lowest first.
    fn varint(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..u32::BITS).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.take(length).map(drop)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }
}

#[cfg(test)]
#[path = "request_body_tests.rs"]
mod tests;

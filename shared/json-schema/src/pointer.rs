//! JSON Pointers (RFC 6901) in messages, each of a bounded length.

use std::fmt::Write;

/// A part of a JSON Pointer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Segment<'a> {
    Name(&'a str),
    Index(usize),
}

/// The most characters of a pointer that a message has.
const MAX_LENGTH: usize = 200;

/// Writes a pointer. Of a long one the end is left out.
pub(crate) fn pointer<'a>(segments: impl IntoIterator<Item = Segment<'a>>) -> String {
    let (mut pointer, mut length) = (String::new(), 0);
    for segment in segments {
        if length >= MAX_LENGTH {
            pointer.push('…');
            break;
        }
        let start = pointer.len();
        match segment {
            Segment::Name(name) => {
                let name = shorten(name, MAX_LENGTH - length);
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Index(index) => {
                // Writing to a `String` cannot fail.
                let _ = write!(pointer, "/{index}");
            }
        }
        length += pointer[start..].chars().count();
    }
    pointer
}

/// The first characters of a text, and a sign where more follow.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Segment::*, *};

    #[test]
    fn a_pointer_is_escaped_and_ends_where_it_gets_long() {
        assert_eq!(pointer([Name("a/b~"), Index(7), Name("")]), "/a~1b~0/7/");
        let long = "é".repeat(10_000);
        for segments in [vec![Name(&long)], vec![Name("a"); 1000], vec![Name(&long); 3]] {
            let pointer = pointer(segments);
            assert!(pointer.ends_with('…') && pointer.chars().count() < 210, "{pointer}");
        }
    }
}

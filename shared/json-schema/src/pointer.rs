//! JSON Pointers (RFC 6901) of limited length, for messages.

/// A part of a JSON Pointer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Segment<'a> {
    Name(&'a str),
    Index(usize),
}

/// The most characters of a pointer in a message.
const MAX_LENGTH: usize = 200;

/// Writes a pointer. A long one loses its middle, because its end names the wrong part.
pub(crate) fn pointer(segments: &[Segment<'_>]) -> String {
    let parts: Vec<_> = segments.iter().map(Segment::written).collect();
    let length = |part: &String| part.chars().count();
    if parts.iter().map(length).sum::<usize>() <= MAX_LENGTH {
        return parts.concat();
    }
    let head = fitting(parts.iter());
    let tail = parts.len() - fitting(parts.iter().rev());
    format!("{}/…{}", parts[..head].concat(), parts[tail..].concat())
}

/// The number of parts that fit into half of a pointer, at least one.
fn fitting<'a>(parts: impl Iterator<Item = &'a String>) -> usize {
    let lengths = parts.scan(0, |length, part| {
        *length += part.chars().count();
        Some(*length)
    });
    lengths.take_while(|length| *length <= MAX_LENGTH / 2).count().max(1)
}

impl Segment<'_> {
    fn written(&self) -> String {
        match self {
            Self::Name(name) => {
                format!("/{}", shorten(name, MAX_LENGTH / 2).replace('~', "~0").replace('/', "~1"))
            }
            Self::Index(index) => format!("/{index}"),
        }
    }
}

/// The first characters of a text, and an ellipsis if more follow.
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
    fn a_pointer_is_escaped() {
        assert_eq!(pointer(&[Name("a/b~"), Index(7), Name("")]), "/a~1b~0/7/");
        assert_eq!(pointer(&[]), "");
    }

    #[test]
    fn a_long_pointer_keeps_its_start_and_its_end() {
        let tree: Vec<_> =
            (0..40).flat_map(|_| [Name("children"), Index(0)]).chain([Name("value")]).collect();
        let pointer = pointer(&tree);
        assert!(pointer.starts_with("/children/0/children/0"), "{pointer}");
        assert!(pointer.contains("/…/") && pointer.ends_with("/children/0/value"), "{pointer}");
        assert!(pointer.chars().count() <= MAX_LENGTH + 2, "{pointer}");
    }

    #[test]
    fn long_names_are_cut() {
        let (long, escaped) = ("é".repeat(10_000), "~".repeat(10_000));
        for segments in [vec![Name(&long)], vec![Name(&long); 3], vec![Name(&escaped), Name(&escaped)]] {
            assert!(pointer(&segments).chars().count() < 420);
        }
    }
}

//! JSON pointers.

/// RFC 6901, section 3.
pub(super) fn is_pointer(text: &str) -> bool {
    // A tilde is only allowed in the escapes `~0` and `~1`.
    (text.is_empty() || text.starts_with('/'))
        && text.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
}

/// The Internet-Draft on relative JSON pointers, section 3: a number of levels without leading zeros,
/// then a pointer or `#`.
pub(super) fn is_relative_pointer(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let levels = &text[..text.len() - rest.len()];
    let is_number = levels == "0" || !levels.is_empty() && !levels.starts_with('0');
    is_number && (rest == "#" || is_pointer(rest))
}

#[cfg(test)]
mod tests {
    use super::{is_pointer, is_relative_pointer};

    #[test]
    fn a_pointer_is_empty_or_begins_with_a_slash() {
        for text in ["", "/", "/foo/0/~0~1", "/a//b", "/é %\u{0}", "/~01"] {
            assert!(is_pointer(text), "{text}");
        }
        for text in ["a", "#", "#/a", "/~", "/~2", "/~/a", "/~~", "0/a", " /"] {
            assert!(!is_pointer(text), "{text}");
        }
    }

    #[test]
    fn a_relative_pointer_begins_with_a_number_of_levels() {
        for text in ["0", "1", "120", "0#", "0/foo/bar", "2/0/baz/1/zip", "10/~0"] {
            assert!(is_relative_pointer(text), "{text}");
        }
        for text in ["", "/foo", "-1/a", "+1/a", "01", "00", "01#", "0##", "0#/a", "1a", "0/~2", "१/a", "#"]
        {
            assert!(!is_relative_pointer(text), "{text}");
        }
    }
}

//! Regular expressions of ECMA-262.

use jsonschema_regex::is_valid_ecma_regex;

/// The largest product of the names and the groups of a pattern. It allows 512 named groups, or 262,144 groups with a
/// single name. The library compares each name with the names of all groups around it, and each reference with all
/// names. So its cost grows with this product.
const MAX_COMPARISONS: usize = 1 << 18;

/// Whether the text is a pattern of ECMA-262.
pub(super) fn is_regex(text: &str) -> bool {
    let groups = text.matches('(').count();
    // Lookbehinds are counted too, because only a parser can distinguish them from names.
    let names = text.matches("(?<").count() + text.matches(r"\k<").count();
    names * groups <= MAX_COMPARISONS && is_valid_ecma_regex(text)
}

#[cfg(test)]
mod tests {
    use super::is_regex;

    #[test]
    fn a_pattern_has_the_syntax_of_ecma_262() {
        for text in
            ["", "a+", r"^\d{3}$", "(?<name>x)", r"(?<n>a)\k<n>", "(?<=a+)b", "[]", "[^]", r"\cA", "(?i:a)"]
        {
            assert!(is_regex(text), "{text}");
        }
        for text in [
            "(",
            "^(abc]",
            r"\a",
            r"\Z",
            "(?P<name>x)",
            "(?#comment)a",
            "(?i)abc",
            "a**",
            "{",
            "[b-a]",
            r"\2",
        ] {
            assert!(!is_regex(text), "{text}");
        }
    }

    #[test]
    fn the_names_of_a_pattern_are_limited() {
        let named = |count: usize| (0..count).map(|name| format!("(?<n{name}>a)")).collect::<String>();
        assert!(is_regex(&named(512)));
        assert!(!is_regex(&named(513)));
        assert!(is_regex(&"(a)".repeat(60_000)));
    }
}

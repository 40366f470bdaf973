//! URI templates (RFC 6570).

/// RFC 6570, section 2: literals, and expressions in braces.
pub(super) fn is_template(text: &str) -> bool {
    let mut pieces = text.split('{');
    pieces.next().is_some_and(is_literals)
        && pieces.all(|piece| {
            piece
                .split_once('}')
                .is_some_and(|(expression, literals)| is_expression(expression) && is_literals(literals))
        })
}

/// Section 2.1, with erratum 6937, which allows the apostrophe.
#[expect(clippy::match_same_arms, reason = "the RFC has separate rules for ASCII and Unicode")]
fn is_literals(text: &str) -> bool {
    is_made_of(text, |c| match c {
        '\0'..=' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => false,
        // Control characters, and the characters outside of `ucschar` and `iprivate`: specials, tags, noncharacters.
        '\u{7f}'..='\u{9f}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff0}'..='\u{ffff}' => false,
        '\u{e0000}'..='\u{e0fff}' => false,
        _ => u32::from(c) & 0xfffe != 0xfffe,
    })
}

/// Section 2.2: an optional operator, then variables.
fn is_expression(text: &str) -> bool {
    let variables =
        text.strip_prefix(['+', '#', '.', '/', ';', '?', '&', '=', ',', '!', '@', '|']).unwrap_or(text);
    variables.split(',').all(is_variable)
}

/// Section 2.3: a name, which may have a modifier of section 2.4.
fn is_variable(text: &str) -> bool {
    match text.split_once(':') {
        Some((name, length)) => is_name(name) && is_max_length(length),
        None => is_name(text.strip_suffix('*').unwrap_or(text)),
    }
}

/// Section 2.3: `varname`.
fn is_name(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && is_made_of(part, |c| c.is_ascii_alphanumeric() || c == '_'))
}

/// Section 2.4.1: `max-length`, from 1 to 9999.
fn is_max_length(text: &str) -> bool {
    (1..=4).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the text contains only allowed characters and the triplets of section 1.5.
fn is_made_of(text: &str, is_allowed: fn(char) -> bool) -> bool {
    let mut pieces = text.split('%');
    pieces.next().is_some_and(|piece| piece.chars().all(is_allowed))
        && pieces.all(|piece| {
            piece.split_at_checked(2).is_some_and(|(digits, rest)| {
                digits.bytes().all(|b| b.is_ascii_hexdigit()) && rest.chars().all(is_allowed)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::is_template;

    #[test]
    fn a_template_contains_literals_and_expressions() {
        for text in [
            "",
            "http://example.com/~{username}/{?q,lang*}",
            "{+path:6}/here",
            "{a.b,c%20d}",
            "{&x:9999}",
            "a%2Fb",
            "it's",
            "é\u{e000}",
            "{=later}",
            "{x}{y}",
        ] {
            assert!(is_template(text), "{text}");
        }
        for text in [
            "{",
            "}",
            "{}",
            "{a",
            "a}",
            "{a}}",
            "{{a}}",
            "{+}",
            "{a,}",
            "{a..b}",
            "{.}",
            "{a:0}",
            "{a:10000}",
            "{a:}",
            "{a:1*}",
            "{a**}",
            "{a b}",
            "{é}",
            "a b",
            "a%2",
            "%zz",
            "%é",
            "{%4}",
            "<a>",
            "a|b",
            "\u{80}",
            "\u{ffff}",
        ] {
            assert!(!is_template(text), "{text}");
        }
    }
}

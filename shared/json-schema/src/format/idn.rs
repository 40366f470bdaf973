//! Host names in Unicode: IDNA 2008.
//!
//! `idna` implements UTS 46. It maps, normalises and encodes a name, and it checks lengths, hyphens, the Bidi rule
//! (RFC 5893) and the joiners (RFC 5892, appendices A.1 and A.2). UTS 46 allows more code points than RFC 5892 and
//! leaves out its other contextual rules. This module checks both.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, Script};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::hostname::MAX_HOSTNAME;

/// The longest text that is read. After the mapping of UTS 46 a name has at most 253 code points of at most 4 octets.
/// Four times that leaves room for marks that compose with their letter.
pub(super) const MAX_TEXT: usize = MAX_HOSTNAME * 4 * 4;

/// The most code points of a label before the mapping. 63 octets encode at most 63 code points, and twice that leaves
/// room for marks that compose with their letter. The time of the encoding grows with the square of their number.
const MAX_LABEL: usize = 63 * 2;

/// RFC 5890, section 2.3.2.3: a name of A-labels, U-labels and labels of ASCII.
pub(super) fn is_hostname(text: &str) -> bool {
    let is_too_long = |label: &str| label.chars().nth(MAX_LABEL).is_some();
    if text.len() > MAX_TEXT || text.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).any(is_too_long) {
        return false;
    }
    let Ok(ascii) =
        Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
    else {
        return false;
    };
    let (unicode, decoded) = Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    decoded.is_ok() && unicode.split('.').all(is_u_label)
}

/// RFC 5890, section 2.3.2.1: a label of ASCII that is the encoding of a U-label.
pub(super) fn is_a_label(label: &str) -> bool {
    label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--")) && is_hostname(label)
}

/// RFC 5892, sections 2 and 3, and appendix A, for a label that `idna` accepts.
fn is_u_label(label: &str) -> bool {
    let mut previous = None;
    let mut rest = label.chars();
    while let Some(c) = rest.next() {
        let allowed = match c {
            // Appendix A.3: MIDDLE DOT.
            '\u{b7}' => previous == Some('l') && rest.clone().next() == Some('l'),
            // Appendix A.4: GREEK LOWER NUMERAL SIGN (KERAIA).
            '\u{375}' => rest.clone().next().is_some_and(|next| script(next) == Script::Greek),
            // Appendices A.5 and A.6: HEBREW PUNCTUATION GERESH and GERSHAYIM.
            '\u{5f3}' | '\u{5f4}' => previous.is_some_and(|before| script(before) == Script::Hebrew),
            // Appendices A.1, A.2, A.7, A.8 and A.9: `idna` checks them, or the rules for the whole label below.
            '\u{200c}' | '\u{200d}' | '\u{30fb}' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => true,
            _ => is_pvalid(c),
        };
        if !allowed {
            return false;
        }
        previous = Some(c);
    }
    has_a_kana_or_han_beside_middle_dots(label) && has_one_kind_of_arabic_digits(label)
}

/// Appendix A.7: KATAKANA MIDDLE DOT.
fn has_a_kana_or_han_beside_middle_dots(label: &str) -> bool {
    !label.contains('\u{30fb}')
        || label.chars().any(|c| matches!(script(c), Script::Hiragana | Script::Katakana | Script::Han))
}

/// Appendices A.8 and A.9: ARABIC-INDIC DIGITS and EXTENDED ARABIC-INDIC DIGITS.
fn has_one_kind_of_arabic_digits(label: &str) -> bool {
    !(label.contains(|c| ('\u{660}'..='\u{669}').contains(&c))
        && label.contains(|c| ('\u{6f0}'..='\u{6f9}').contains(&c)))
}

/// Section 3, for code points without a contextual rule. The mapping of UTS 46 leaves none that is
/// unstable (section 2.2) or ignorable (section 2.3).
#[expect(clippy::match_same_arms, reason = "each arm is one section of the RFC")]
fn is_pvalid(c: char) -> bool {
    match c {
        'a'..='z' | '0'..='9' | '-' => true,
        // Section 2.6: exceptions.
        '\u{df}' | '\u{3c2}' | '\u{6fd}' | '\u{6fe}' | '\u{f0b}' | '\u{3007}' => true,
        '\u{640}' | '\u{7fa}' | '\u{302e}' | '\u{302f}' | '\u{3031}'..='\u{3035}' | '\u{303b}' => false,
        // Section 2.9: old Hangul Jamo.
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}' => false,
        // Section 2.4: ignorable blocks.
        '\u{20d0}'..='\u{20ff}' | '\u{1d100}'..='\u{1d24f}' => false,
        // Section 2.1: letters and digits.
        _ => matches!(
            CodePointMapData::<GeneralCategory>::new().get(c),
            GeneralCategory::LowercaseLetter
                | GeneralCategory::UppercaseLetter
                | GeneralCategory::OtherLetter
                | GeneralCategory::DecimalNumber
                | GeneralCategory::ModifierLetter
                | GeneralCategory::NonspacingMark
                | GeneralCategory::SpacingMark
        ),
    }
}

fn script(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::{is_a_label, is_hostname};

    #[test]
    fn u_labels_a_labels_and_ascii_are_names() {
        for text in
            ["실례.테스트", "bücher.example", "xn--bcher-kva.example", "hostname", "a。b", "ßς་〇", "BÜCHER"]
        {
            assert!(is_hostname(text), "{text}");
        }
        for text in
            ["", ".", "a..b", "example.", "-a", "a-", "ab--cd", "a b", "a_b", "xn--X", "☃.example", "😀"]
        {
            assert!(!is_hostname(text), "{text}");
        }
    }

    #[test]
    fn contextual_code_points_need_their_context() {
        for text in ["l·l", "α͵β", "א׳ב", "א״ב", "・ぁ", "・ァ", "・丈", "ب٠ب", "۰0", "क्\u{200d}ष"]
        {
            assert!(is_hostname(text), "{text}");
        }
        for text in ["l·a", "·l", "l·", "α͵s", "α͵", "a׳ב", "׳ב", "״ב", "def・abc", "・", "ب٠۰", "क\u{200d}ष"]
        {
            assert!(!is_hostname(text), "{text}");
        }
    }

    #[test]
    fn disallowed_code_points_make_no_label() {
        for text in [
            "실〮례",
            "ـߺ",
            "〱〲",
            "\u{300}hello",
            "\u{1100}\u{1100}",
            "a\u{20d0}",
            "a\u{1d165}",
            "0a.א",
            "aא",
        ] {
            assert!(!is_hostname(text), "{text}");
        }
    }

    #[test]
    fn an_a_label_encodes_a_u_label_in_the_one_canonical_way() {
        assert!(is_a_label("xn--bcher-kva") && is_a_label("XN--BCHER-KVA"));
        for label in ["bcher", "xn--", "xn--example-", "xn---9uc", "xn--7a", "ab--cd", "é"] {
            assert!(!is_a_label(label), "{label}");
        }
    }

    #[test]
    fn a_decomposed_name_of_the_longest_kind_is_read() {
        // Each syllable is written as three jamo, which compose to one code point.
        let name = ["\u{1112}\u{1161}\u{11ab}".repeat(40).as_str(); 3].join(".");
        assert!(is_hostname(&name));
    }
}

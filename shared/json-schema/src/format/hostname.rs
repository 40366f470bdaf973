//! Host names in ASCII.

use super::idn;

/// RFC 1035, section 2.3.4 allows 255 octets on the wire. They are 253 octets as text.
pub(super) const MAX_HOSTNAME: usize = 253;

/// RFC 1035, section 2.3.4.
const MAX_LABEL: usize = 63;

/// RFC 1123, section 2.1, with valid A-labels (RFC 5890, section 2.3.2.1).
///
/// Hyphens in the third and fourth place of a label are reserved for A-labels (RFC 5891, section 4.2.3.1).
pub(super) fn is_hostname(text: &str) -> bool {
    is_ascii_hostname(text)
        && text.split('.').all(|label| label.get(2..4) != Some("--") || idn::is_a_label(label))
}

/// RFC 1123, section 2.1: labels of letters, digits and inner hyphens.
pub(super) fn is_ascii_hostname(text: &str) -> bool {
    text.len() <= MAX_HOSTNAME && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::{is_ascii_hostname, is_hostname};

    #[test]
    fn labels_contain_letters_digits_and_inner_hyphens() {
        for text in ["www.example.com", "localhost", "1host", "a--b.com", "192.0.2.1", "A.B"] {
            assert!(is_ascii_hostname(text) && is_hostname(text), "{text}");
        }
        for text in
            ["", ".", "example.", ".example", "a..b", "-a", "a-", "a_b", "a b", "é", "a\u{ff0e}b", "a\n"]
        {
            assert!(!is_ascii_hostname(text) && !is_hostname(text), "{text}");
        }
    }

    #[test]
    fn lengths_have_the_limits_of_the_dns() {
        let label = "a".repeat(63);
        assert!(is_hostname(&label));
        assert!(!is_hostname(&format!("{label}a")));
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!(longest.len(), 253);
        assert!(is_hostname(&longest));
        assert!(!is_hostname(&format!("{longest}a")));
    }

    #[test]
    fn reserved_hyphens_begin_a_valid_a_label() {
        for text in ["xn--9n2bp8q.xn--9t4b11yi5a", "xn--zca29lwxobi7a", "xn--ll-0ea.example"] {
            assert!(is_hostname(text), "{text}");
        }
        for text in ["xn--X", "xn--l-fda", "ab--cd.example", "xn--07jt112bpxg", "XN--aa---o47jg78q", "xn--a-"]
        {
            assert!(!is_hostname(text), "{text}");
        }
        assert!(is_ascii_hostname("ab--cd.example"));
    }
}

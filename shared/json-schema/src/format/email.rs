//! Mail addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use email_address::EmailAddress;

use super::{hostname, idn};

/// RFC 5321, section 4.5.3.1.1.
const MAX_LOCAL_PART: usize = 64;

/// RFC 5321, section 4.1.2: `Mailbox`.
pub(super) fn is_email(text: &str) -> bool {
    text.is_ascii() && is_mailbox(text, hostname::is_hostname)
}

/// RFC 6531, section 3.3: `Mailbox` whose atoms, quoted strings and labels may be outside of ASCII.
pub(super) fn is_idn_email(text: &str) -> bool {
    is_mailbox(text, idn::is_hostname)
}

fn is_mailbox(text: &str, is_domain: fn(&str) -> bool) -> bool {
    // A domain has no `@`, but a quoted local part may have one.
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    is_local_part(local) && (is_domain(domain) || is_address_literal(domain))
}

/// RFC 5321, section 4.1.2: `Local-part`.
fn is_local_part(local: &str) -> bool {
    // `email_address` 0.2.9 refuses an empty quoted string, which the RFC allows.
    if local == r#""""# {
        return true;
    }
    // RFC 6531, section 3.3 allows every character outside of ASCII where it allows a letter. `email_address` 0.2.9
    // allows only some of them, so each is replaced by a letter.
    local.len() <= MAX_LOCAL_PART
        && EmailAddress::is_valid_local_part(&local.replace(|c: char| !c.is_ascii(), "a"))
}

/// RFC 5321, section 4.1.3: `address-literal`. The only registered tag is `IPv6:`.
fn is_address_literal(domain: &str) -> bool {
    let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    match literal.split_at_checked("IPv6:".len()) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => address.parse::<Ipv6Addr>().is_ok(),
        _ => literal.parse::<Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_email, is_idn_email};

    #[test]
    fn a_mailbox_has_a_local_part_and_a_domain() {
        for text in [
            "joe.bloggs@example.com",
            "~te~st@example.com",
            r#""joe bloggs"@example.com"#,
            r#""a@b"@example.com"#,
            r#"""@example.com"#,
            r#""a\"b"@example.com"#,
            "joe@localhost",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@[ipv6:2001:db8::1]",
            r#""a <b"@example.com"#,
        ] {
            assert!(is_email(text) && is_idn_email(text), "{text}");
        }
        for text in [
            "",
            "2962",
            "@example.com",
            "joe@",
            ".a@example.com",
            "a.@example.com",
            "a..b@example.com",
            "a b@c.d",
            "a@b@c.d",
            "a@b=c.d",
            "a@[127.0.0.300]",
            "a@[::1]",
            "a@[IPv6:127.0.0.1]",
            "a@[",
            "Joe <joe@example.com>",
            "<joe@example.com>",
            "a@-b.c",
            "a@b.c.",
            r#""a"b"@c.d"#,
            r#"""#,
            "a@xn--X",
        ] {
            assert!(!is_email(text) && !is_idn_email(text), "{text}");
        }
    }

    #[test]
    fn a_local_part_has_at_most_64_octets() {
        let local = "a".repeat(64);
        assert!(is_email(&format!("{local}@example.com")));
        assert!(!is_email(&format!("{local}a@example.com")));
        assert!(is_idn_email(&format!("{}@example.com", "é".repeat(32))));
        assert!(!is_idn_email(&format!("{}@example.com", "é".repeat(33))));
    }

    #[test]
    fn only_an_internationalized_mailbox_leaves_ascii() {
        for text in [
            "실례@실례.테스트",
            "δοκιμή@example.com",
            "\"δ ο\"@example.com",
            "a@bücher.example",
            "\u{85}@a.b",
        ] {
            assert!(is_idn_email(text) && !is_email(text), "{text}");
        }
        assert!(!is_idn_email("user\u{ff20}example.com"));
    }
}

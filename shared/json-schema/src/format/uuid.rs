//! Universally unique identifiers.

/// RFC 4122, section 3: hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn a_uuid_has_hyphens_between_its_groups() {
        for text in ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"] {
            assert!(is_uuid(text), "{text}");
        }
        for text in [
            "",
            "2eb8aa08aa9811eab4aa73b441d16380",
            "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
            "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}",
            "2eb8aa08-aa98-11ea-b4aa-73b441d1638g",
            "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380",
            "2eb8aa08-aa98-11ea-b4aa73b4-41d16380",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}

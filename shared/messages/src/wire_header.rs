//! Confluent's wire header: a zero byte, then the schema's id as four bytes in big-endian order.
//!
//! <https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format>

const MAGIC_BYTE: u8 = 0;

const LENGTH: usize = 5;

/// The value behind the wire header of this id.
pub fn framed(id: u32, value: Vec<u8>) -> Vec<u8> {
    let mut framed = Vec::with_capacity(LENGTH + value.len());
    framed.push(MAGIC_BYTE);
    framed.extend(id.to_be_bytes());
    framed.extend(value);
    framed
}

/// The value behind its wire header. A value without a header is returned as it is.
///
/// JSON text never begins with a zero byte (RFC 8259, section 2), so no JSON value is taken for a header.
pub fn unframed(value: &[u8]) -> &[u8] {
    match value.split_at_checked(LENGTH) {
        Some(([MAGIC_BYTE, ..], value)) => value,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_five_bytes_and_is_removed_again() {
        for (id, header) in
            [(1, [0, 0, 0, 0, 1]), (0x0102_0304, [0, 1, 2, 3, 4]), (u32::MAX, [0, 255, 255, 255, 255])]
        {
            for value in [&b"{}"[..], b""] {
                let framed = framed(id, value.to_vec());
                assert_eq!(framed, [&header[..], value].concat());
                assert_eq!(unframed(&framed), value);
            }
        }
    }

    #[test]
    fn a_value_without_a_header_is_kept() {
        for value in [&b""[..], b"{", b"{\"a\":1}", b"\0\0\0\0", b"\"\0\0\0\0\0\""] {
            assert_eq!(unframed(value), value);
        }
    }
}

//! The attribute `traceparent` of CloudEvents' extension for distributed tracing.

/// The trace of an event and the span that sent it, as W3C's trace context defines it.
///
/// <https://www.w3.org/TR/trace-context/#traceparent-header>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traceparent(String);

super::kept_text!(Traceparent);

/// A text that is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a traceparent of W3C's trace context")]
pub struct InvalidTraceparent;

impl TryFrom<String> for Traceparent {
    type Error = InvalidTraceparent;

    /// Accepts version 00 alone, since the parts of a later version are unknown.
    fn try_from(text: String) -> Result<Self, InvalidTraceparent> {
        let mut parts = text.split('-');
        let mut is_hex = |length: usize, may_be_zero: bool| {
            parts.next().is_some_and(|part| {
                part.len() == length
                    && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                    && (may_be_zero || part.bytes().any(|byte| byte != b'0'))
            })
        };
        let is_valid = is_hex(2, true) && is_hex(32, false) && is_hex(16, false) && is_hex(2, true);
        let is_valid = is_valid && parts.next().is_none() && text.starts_with("00");
        if is_valid { Ok(Self(text)) } else { Err(InvalidTraceparent) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_has_a_version_a_trace_a_span_and_flags() {
        let traceparent = |text: &str| Traceparent::try_from(text.to_owned());
        let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(traceparent(valid).map(|valid| valid.to_string()), Ok(valid.to_owned()));
        for wrong in [
            "",
            "00",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(traceparent(wrong), Err(InvalidTraceparent), "{wrong}");
        }
    }
}

//! The attribute `traceparent` of CloudEvents' extension for distributed tracing.

use std::ops::Range;

/// The flag of a trace that is recorded.
const SAMPLED: u8 = 1;

/// The trace of an event and the span that sent it, as W3C's trace context defines it.
///
/// <https://www.w3.org/TR/trace-context/#traceparent-header>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traceparent(String);

super::kept_text!(Traceparent);

/// The places of the parts in the text, whose lengths are fixed.
const TRACE_ID: Range<usize> = 3..35;
const PARENT_ID: Range<usize> = 36..52;
const FLAGS: Range<usize> = 53..55;

impl Traceparent {
    /// The trace of AWS X-Ray that Lambda names for an invocation. It is `None` if X-Ray does not sample it, since the
    /// trace would lead nowhere.
    ///
    /// <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>
    pub fn of_xray(header: &str) -> Option<Self> {
        let fields = || header.split(';').filter_map(|field| field.trim().split_once('='));
        let field = |name| fields().find_map(|(field, value)| (field == name).then_some(value));
        let (version, id) = field("Root")?.split_once('-')?;
        let (seconds, rest) = id.split_once('-')?;
        let is_sampled = version == "1" && field("Sampled")? == "1";
        let text = format!("00-{seconds}{rest}-{}-01", field("Parent")?);
        is_sampled.then(|| text.try_into().ok()).flatten()
    }

    /// The trace: 32 lower-case hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        self.part(TRACE_ID)
    }

    /// The span that sent the event: 16 lower-case hexadecimal digits.
    pub fn parent_id(&self) -> &str {
        self.part(PARENT_ID)
    }

    /// Whether the sender records the trace.
    pub fn is_sampled(&self) -> bool {
        u8::from_str_radix(self.part(FLAGS), 16).is_ok_and(|flags| flags & SAMPLED != 0)
    }

    fn part(&self, place: Range<usize>) -> &str {
        self.0.get(place).unwrap_or_default()
    }
}

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
    #[test]
    fn the_parts_of_a_traceparent_are_read() {
        let sampled = |flags: &str| {
            let text = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}");
            Traceparent::try_from(text).unwrap()
        };
        assert_eq!(sampled("01").trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(sampled("01").parent_id(), "00f067aa0ba902b7");
        assert_eq!(
            ["00", "01", "02", "03"].map(|flags| sampled(flags).is_sampled()),
            [false, true, false, true]
        );
    }

    #[test]
    fn a_trace_of_x_ray_becomes_a_traceparent_if_it_is_sampled() {
        let of = |header: &str| Traceparent::of_xray(header).map(|trace| trace.to_string());
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        let expected = Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01".to_owned());
        assert_eq!(of(&format!("{root};Parent=53995c3f42cd8ad8;Sampled=1")), expected);
        let with_lineage =
            format!("{root}; Parent=53995c3f42cd8ad8; Sampled=1; Lineage=a87bd80c:0|68fd508a:5");
        assert_eq!(of(&with_lineage), expected);
        for other in [
            "",
            root,
            &format!("{root};Parent=53995c3f42cd8ad8"),
            &format!("{root};Parent=53995c3f42cd8ad8;Sampled=0"),
            &format!("{root};Parent=53995c3f42cd8ad8;Sampled=?"),
            &format!("{root};Sampled=1"),
            &format!("{root};Parent=1;Sampled=1"),
            "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
            "Root=1-5759e988;Parent=53995c3f42cd8ad8;Sampled=1",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}

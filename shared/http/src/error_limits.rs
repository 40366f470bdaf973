//! The limits of the errors in a response.

/// The limits of the errors of one refusal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ErrorLimits {
    /// The most bytes of all errors.
    bytes: usize,
    /// The most characters of one error.
    characters: usize,
}

impl ErrorLimits {
    /// A response has at most 16 KiB: the errors, the longest one again in the message, and the other members.
    pub(crate) const RESPONSE: Self = Self { bytes: 12 * 1024, characters: 500 };

    /// The entry of an event in the response to a batch has at most 2.5 KiB.
    pub(crate) const ENTRY: Self = Self { bytes: 1024, characters: 160 };

    /// The first errors, as many as fit. The last text counts the others.
    pub(crate) fn limit(self, errors: impl ExactSizeIterator<Item = String>) -> Vec<String> {
        let (count, mut listed, mut bytes) = (errors.len(), Vec::new(), 0);
        for error in errors.map(|error| self.shorten(&error)) {
            bytes += error.chars().map(escaped_length).sum::<usize>();
            if bytes > self.bytes {
                listed.push(format!("{} more errors", count - listed.len()));
                break;
            }
            listed.push(error);
        }
        listed
    }

    /// The start of a text. Names from the caller can make it long.
    pub(crate) fn shorten(self, text: &str) -> String {
        match text.char_indices().nth(self.characters) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        }
    }
}

/// The most bytes of a character in JSON.
fn escaped_length(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        character if character.is_control() => 6,
        character => character.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use xzepr_domain::{EventRequest, Fault, FaultKind, Rejected};

    use super::*;
    use crate::{HttpError, error_texts::ErrorText};

    fn response_bytes(error: &HttpError) -> usize {
        serde_json::to_string(&ErrorText::from(error)).unwrap().len()
    }

    fn entry_bytes(error: &HttpError) -> usize {
        serde_json::to_string(&ErrorText::of_entry(error)).unwrap().len()
    }

    #[test]
    fn no_response_is_longer_than_16_kib() {
        let fault = |problem: &str| Fault {
            kind: FaultKind::PayloadMismatch,
            field: "payload",
            place: "/\u{1f4a9}".repeat(100),
            problem: problem.to_owned(),
        };
        for problem in ["x".repeat(1_000_000), "\u{7}".repeat(5000), "\"\\".repeat(5000), "é".repeat(5000)] {
            for count in [1, 20, 500] {
                let faults = vec![fault(&problem); count];
                let error = HttpError::Rejected(Rejected { faults });
                let (bytes, of_entry) = (response_bytes(&error), entry_bytes(&error));
                assert!(bytes <= 16 * 1024 && of_entry <= 2560, "{count}: {bytes} {of_entry}");
            }
        }
        let text = "\u{7}".repeat(50_000);
        let Err(invalid) = EventRequest::parse(&serde_json::to_string(&text).unwrap()) else {
            panic!("a string")
        };
        let error = HttpError::from(invalid);
        assert!(response_bytes(&error) <= 16 * 1024 && entry_bytes(&error) <= 2560);
        let name = "n".repeat(100_000);
        assert!(response_bytes(&HttpError::invalid_parameter(name.clone(), name)) < 4096);
    }

    #[test]
    fn errors_that_are_left_out_are_counted() {
        let limits = ErrorLimits::RESPONSE;
        let errors = limits.limit((0..500).map(|index| format!("{index}: {}", "x".repeat(100))));
        let listed = errors.len() - 1;
        assert!(listed > 80);
        assert_eq!(errors[listed], format!("{} more errors", 500 - listed));
        assert_eq!(limits.limit(["a".to_owned()].into_iter()), ["a"]);
    }
}

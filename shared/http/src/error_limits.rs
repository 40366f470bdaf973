//! The limits of the errors in a response.

/// A response has at most 16 KiB: the errors, the longest one again in the message, and the other members.
const MAX_ERRORS_BYTES: usize = 12 * 1024;

/// The most characters of one error.
const MAX_ERROR_CHARACTERS: usize = 500;

/// The first errors, as many as fit. The last text counts the others.
pub(crate) fn limit_errors(errors: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let (count, mut listed, mut bytes) = (errors.len(), Vec::new(), 0);
    for error in errors.map(|error| shorten(&error)) {
        bytes += error.chars().map(escaped_length).sum::<usize>();
        if bytes > MAX_ERRORS_BYTES {
            listed.push(format!("{} more errors", count - listed.len()));
            break;
        }
        listed.push(error);
    }
    listed
}

/// The most bytes of a character in JSON.
fn escaped_length(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        character if character.is_control() => 6,
        character => character.len_utf8(),
    }
}

/// The start of a text. Names from the caller can make it long.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_ERROR_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use xzepr_domain::{Fault, FaultKind, Rejected};

    use super::*;
    use crate::{HttpError, error_texts::ErrorText};

    fn response_bytes(error: &HttpError) -> usize {
        serde_json::to_string(&ErrorText::from(error)).unwrap().len()
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
                let bytes = response_bytes(&HttpError::Rejected(Rejected { faults }));
                assert!(bytes <= 16 * 1024, "{count}: {bytes}");
            }
        }
        let name = "n".repeat(100_000);
        assert!(response_bytes(&HttpError::invalid_parameter(name.clone(), name)) < 4096);
    }

    #[test]
    fn errors_that_are_left_out_are_counted() {
        let errors = limit_errors((0..500).map(|index| format!("{index}: {}", "x".repeat(100))));
        let listed = errors.len() - 1;
        assert!(listed > 80);
        assert_eq!(errors[listed], format!("{} more errors", 500 - listed));
        assert_eq!(limit_errors(["a".to_owned()].into_iter()), ["a"]);
    }
}

//! The size of a page, as a function of Lambda sends it.

use std::io::{self, Write};

use serde::Serialize;

/// The most bytes of a page's records. A function's response is a string in JSON, which has at most 6 MB:
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>. The rest is for the headers.
pub const MAX_PAGE_BYTES: usize = 5_000_000;

/// The room of a page that is being filled.
#[derive(Debug)]
pub struct PageBytes {
    used: usize,
    max: usize,
}

impl PageBytes {
    /// An empty page.
    pub fn new() -> Self {
        Self { used: 0, max: MAX_PAGE_BYTES }
    }

    /// Adds a record if the page has room for it, and returns whether it has. The first record always fits, so each page
    /// makes progress: no record has as much as a page.
    pub fn add(&mut self, record: &impl Serialize) -> bool {
        let used = self.used + sent_bytes(record);
        let fits = self.used == 0 || used <= self.max;
        if fits {
            self.used = used;
        }
        fits
    }
}

impl Default for PageBytes {
    fn default() -> Self {
        Self::new()
    }
}

/// The bytes of a record within the string, with the comma after it.
fn sent_bytes(record: &impl Serialize) -> usize {
    let mut counter = Counter(1);
    // A record of texts and JSON can be written, and the counter refuses nothing.
    let _ = serde_json::to_writer(&mut counter, record);
    counter.0
}

/// Counts the bytes that a string in JSON has for the bytes that are written.
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // JSON has no other control characters: those of its strings are escaped, and these four are white space.
        let escaped = bytes.iter().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | b'\t'));
        self.0 += bytes.len() + escaped.count();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xzepr_domain::JsonText;

    use super::*;

    #[test]
    fn a_page_takes_its_first_record_and_then_those_that_fit() {
        let mut page = PageBytes { used: 0, max: 20 };
        let record = "x".repeat(30);
        assert!(page.add(&record));
        assert!(!page.add(&record) && !page.add(&"x"));
        let mut page = PageBytes { used: 0, max: 20 };
        // Each has six bytes: its letter, two quotes with their backslashes, and the comma.
        assert!(page.add(&"x") && page.add(&"y") && page.add(&"z"));
        assert!(!page.add(&"x"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_bytes_of_a_record_are_those_that_lambda_sends(text in any::<String>(), space in "[ \t\r\n]{0,9}") {
            let text = format!("{space}{{{space}\"a\":{}}}", serde_json::to_string(&text).unwrap());
            let raw = JsonText::try_from(text.trim().to_owned()).unwrap();
            let sent = serde_json::to_string(&serde_json::to_string(raw.as_raw()).unwrap()).unwrap();
            prop_assert_eq!(sent_bytes(&raw.as_raw()), sent.len() - "\"\"".len() + 1);
        }
    }
}

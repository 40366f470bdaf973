//! Texts for snapshots.

/// A text with the values that differ from run to run replaced by their names in square brackets.
///
/// # Panics
///
/// If the text does not contain one of the values.
pub fn redacted(text: &impl ToString, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_string(), |text, (value, name)| {
        assert!(text.contains(value), "{name}, which is {value}, is not in {text}");
        text.replace(value, &format!("[{name}]"))
    })
}

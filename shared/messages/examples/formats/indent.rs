//! White space for people. Everything else of a JSON text stays as it is.

/// The text with each member and each item on a line of its own.
pub(crate) fn indented(json: &str) -> String {
    let (mut output, mut depth) = (String::with_capacity(2 * json.len()), 0);
    let (mut is_string, mut is_escaped) = (false, false);
    for character in json.chars() {
        if is_string {
            output.push(character);
            is_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            continue;
        }
        match character {
            '{' | '[' => {
                output.push(character);
                depth += 1;
                break_line(&mut output, depth);
            }
            '}' | ']' => {
                depth -= 1;
                output.truncate(output.trim_end().len());
                if !output.ends_with(['{', '[']) {
                    break_line(&mut output, depth);
                }
                output.push(character);
            }
            ',' => {
                output.push(character);
                break_line(&mut output, depth);
            }
            ':' => output.push_str(": "),
            ' ' | '\t' | '\r' | '\n' => {}
            _ => {
                is_string = character == '"';
                output.push(character);
            }
        }
    }
    output
}

fn break_line(output: &mut String, depth: usize) {
    output.push('\n');
    output.push_str(&"  ".repeat(depth));
}

//! The fenced blocks of a Markdown document.

/// Commands that only a marked block may have.
const COMMANDS: [&str; 6] = ["$", "aws", "cargo", "curl", "kcat", "sam"];

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    /// The document and the line.
    pub(crate) place: String,
    /// The marker of a block of commands, if it is a known one.
    pub(crate) marker: Option<Marker>,
    /// The words after the opening fence.
    info: String,
    pub(crate) text: String,
    /// The block without any marker that follows without a text between them.
    pub(crate) output: Option<String>,
}

/// Where a block of commands runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// Beside a running `local`.
    Runs,
    /// Not in this test.
    Elsewhere,
}

impl Block {
    /// The blocks of a document, in order.
    ///
    /// # Panics
    ///
    /// If a block is not closed.
    pub(crate) fn all(document: &str, text: &str) -> Vec<Self> {
        let mut blocks: Vec<Self> = Vec::new();
        let mut lines = text.lines().enumerate();
        let mut is_right_after_a_block = false;
        while let Some((number, line)) = lines.next() {
            let Some(info) = line.trim_start().strip_prefix("```") else {
                is_right_after_a_block &= line.trim().is_empty();
                continue;
            };
            let place = format!("{document}:{}", number + 1);
            let indent = line.len() - line.trim_start().len();
            let (mut text, mut is_closed) = (String::new(), false);
            for (_, line) in lines.by_ref() {
                if line.trim() == "```" {
                    is_closed = true;
                    break;
                }
                text += line.get(indent..).unwrap_or_default();
                text.push('\n');
            }
            assert!(is_closed, "{place}: the block is not closed");
            let info = info.trim().to_owned();
            if info.is_empty()
                && is_right_after_a_block
                && let Some(last) = blocks.last_mut()
            {
                last.output = Some(text.clone());
            }
            blocks.push(Self { place, marker: marker(&info), info, text, output: None });
            is_right_after_a_block = true;
        }
        blocks
    }

    /// Whether it is of a language.
    pub(crate) fn is_of(&self, language: &str) -> bool {
        self.info == language
    }

    /// The fault of a block whose marker is unknown or missing.
    pub(crate) fn fault(&self) -> Option<String> {
        if self.marker.is_some() {
            return None;
        }
        let place = &self.place;
        if ["sh", "bash", "shell", "console"].contains(&self.info.split(' ').next().unwrap_or_default()) {
            return Some(format!("{place}: the marker is unknown: {}", self.info));
        }
        let is_command = |line: &&str| COMMANDS.iter().any(|command| line.split(' ').next() == Some(command));
        let command = self.text.lines().find(is_command)?;
        Some(format!("{place}: a block with commands needs the marker sh: {command}"))
    }
}

fn marker(info: &str) -> Option<Marker> {
    match info {
        "sh" => Some(Marker::Runs),
        "sh needs-aws" | "sh needs-kafka" | "sh slow" => Some(Marker::Elsewhere),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(info: &str, line: &str) -> Option<String> {
        Block::all("a.md", &format!("text\n```{info}\n{line}\n```\n")).remove(0).fault()
    }

    #[test]
    fn a_block_of_commands_with_an_unknown_marker_is_a_fault() {
        for info in ["sh", "sh needs-aws", "sh needs-kafka", "sh slow"] {
            assert_eq!(fault(info, "curl x"), None);
        }
        assert_eq!(fault("sh fast", "x").unwrap(), "a.md:2: the marker is unknown: sh fast");
        assert_eq!(fault("console", "x").unwrap(), "a.md:2: the marker is unknown: console");
    }

    #[test]
    fn a_command_in_a_block_without_a_marker_is_a_fault() {
        for line in ["$ ls", "aws x", "curl x", "kcat x", "sam build", "cargo run"] {
            let expected = format!("a.md:2: a block with commands needs the marker sh: {line}");
            assert_eq!(fault("", line), Some(expected.clone()));
            assert_eq!(fault("yaml", line), Some(expected));
        }
        assert_eq!(fault("", r#"{"data":"curl"}"#), None);
        assert_eq!(fault("json", "sample"), None);
    }

    #[test]
    fn a_block_in_a_list_loses_its_indent_and_its_output_is_the_next_block() {
        let blocks = Block::all("a.md", "1. x\n\n   ```sh\n   a\n     b\n   ```\n\n   ```\n   c\n   ```\n");
        assert_eq!(blocks[0].text, "a\n  b\n");
        assert_eq!(blocks[0].output.as_deref(), Some("c\n"));
        let blocks = Block::all("a.md", "```sh\na\n```\n\ntext\n\n```\nb\n```\n");
        assert_eq!(blocks[0].output, None);
    }
}

//! The lines of a log that are new since the last look.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
};

use crate::error::{Context, Result};

/// A log, and how far it was read.
pub(super) struct LogTail {
    path: PathBuf,
    read: u64,
}

impl LogTail {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, read: 0 }
    }

    /// Sees each whole line that is new. A line whose end is not written yet is left for the next time.
    pub(super) fn read(&mut self, see: impl FnMut(&str)) -> Result<()> {
        let reading = || format!("reading {}", self.path.display());
        let mut log = File::open(&self.path).context(reading())?;
        log.seek(SeekFrom::Start(self.read)).context(reading())?;
        let mut new = Vec::new();
        log.read_to_end(&mut new).context(reading())?;
        let end = new.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        String::from_utf8_lossy(&new[..end]).lines().for_each(see);
        self.read += u64::try_from(end).unwrap_or(0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::OpenOptions, io::Write};

    use super::*;

    #[test]
    fn each_line_is_seen_once_and_only_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        File::create(&path).unwrap();
        let mut tail = LogTail::new(path.clone());
        let mut see_after = |text: &str| {
            OpenOptions::new().append(true).open(&path).unwrap().write_all(text.as_bytes()).unwrap();
            let mut seen = Vec::new();
            tail.read(|line| seen.push(line.to_owned())).unwrap();
            seen
        };
        assert_eq!(see_after("one\ntw"), ["one"]);
        assert_eq!(see_after(""), Vec::<String>::new());
        assert_eq!(see_after("o\nthree\n"), ["two", "three"]);
    }
}

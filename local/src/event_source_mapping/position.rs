//! How far each shard has been delivered: in memory, and in a file where the data is kept.

use std::{collections::HashMap, fs, path::PathBuf};

use crate::error::{Context, Result};

/// The last sequence number that was done with, by shard.
pub(crate) struct Positions {
    file: Option<PathBuf>,
    by_shard: HashMap<String, String>,
}

impl Positions {
    pub(crate) fn load(file: Option<PathBuf>) -> Result<Self> {
        let by_shard = match file.as_ref().filter(|file| file.exists()) {
            Some(file) => {
                let text = fs::read(file).context("reading the mapping's position")?;
                serde_json::from_slice(&text).context("reading the mapping's position")?
            }
            None => HashMap::new(),
        };
        Ok(Self { file, by_shard })
    }

    pub(crate) fn of(&self, shard: &str) -> Option<String> {
        self.by_shard.get(shard).cloned()
    }

    /// Renamed into place: a process that is killed here leaves the old position or the new one.
    pub(crate) fn advance(&mut self, shard: &str, sequence_number: &str) -> Result<()> {
        self.by_shard.insert(shard.to_owned(), sequence_number.to_owned());
        let Some(file) = &self.file else { return Ok(()) };
        let text = serde_json::to_vec(&self.by_shard).context("writing the mapping's position")?;
        let new = file.with_extension("new");
        fs::write(&new, text).and_then(|()| fs::rename(&new, file)).context("writing the mapping's position")
    }
}

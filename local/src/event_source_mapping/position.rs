//! The position in each shard: in memory, and in a file if the data is kept.

use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use crate::error::{Context, Result};

/// Keeps the position in one shard.
pub(crate) trait KeepPosition {
    /// Keeps the sequence number of the last record that needs no delivery any more.
    fn advance(&mut self, sequence_number: &str) -> Result<()>;
}

/// The last sequence number that needs no delivery any more, by shard.
pub(crate) struct Positions {
    file: Option<PathBuf>,
    by_shard: HashMap<String, String>,
}

/// The position in one shard, among the others.
pub(crate) struct ShardPosition {
    pub(crate) positions: Arc<Mutex<Positions>>,
    pub(crate) shard: String,
}

impl Positions {
    pub(crate) fn load(file: Option<PathBuf>) -> Result<Self> {
        let by_shard = match file.as_ref().filter(|file| file.exists()) {
            Some(file) => {
                let reading = || format!("reading the mapping's position in {}", file.display());
                let text = fs::read(file).context(reading())?;
                serde_json::from_slice(&text).context(reading())?
            }
            None => HashMap::new(),
        };
        Ok(Self { file, by_shard })
    }

    fn get(&self, shard: &str) -> Option<String> {
        self.by_shard.get(shard).cloned()
    }

    /// The new file replaces the old one at once, so a process that is killed leaves one of both positions.
    fn advance(&mut self, shard: &str, sequence_number: &str) -> Result<()> {
        self.by_shard.insert(shard.to_owned(), sequence_number.to_owned());
        let Some(file) = &self.file else { return Ok(()) };
        let text = serde_json::to_vec(&self.by_shard).context("writing the mapping's position")?;
        let new = file.with_extension("new");
        fs::write(&new, text).and_then(|()| fs::rename(&new, file)).context("writing the mapping's position")
    }
}

impl ShardPosition {
    pub(crate) fn get(&self) -> Option<String> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner).get(&self.shard)
    }
}

impl KeepPosition for ShardPosition {
    fn advance(&mut self, sequence_number: &str) -> Result<()> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner).advance(&self.shard, sequence_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(file: Option<PathBuf>) -> [ShardPosition; 2] {
        let positions = Arc::new(Mutex::new(Positions::load(file).unwrap()));
        ["1", "2"].map(|shard| ShardPosition { positions: Arc::clone(&positions), shard: shard.to_owned() })
    }

    #[test]
    fn the_position_in_each_shard_survives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("position.json");
        let [mut first, mut second] = positions(Some(file.clone()));
        assert_eq!((first.get(), second.get()), (None, None));
        first.advance("10").unwrap();
        second.advance("20").unwrap();
        first.advance("11").unwrap();
        let [first, second] = positions(Some(file));
        assert_eq!((first.get().as_deref(), second.get().as_deref()), (Some("11"), Some("20")));
    }

    #[test]
    fn without_a_file_the_position_is_in_memory() {
        let [mut first, second] = positions(None);
        first.advance("10").unwrap();
        assert_eq!((first.get().as_deref(), second.get()), (Some("10"), None));
    }

    #[test]
    fn a_file_that_cannot_be_read_or_written_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("position.json");
        fs::write(&file, "{\"1\":").unwrap();
        let error = Positions::load(Some(file.clone())).map(drop).unwrap_err().to_string();
        assert!(error.contains(&file.display().to_string()), "{error}");
        let [mut first, _] = positions(Some(dir.path().join("none/position.json")));
        assert!(first.advance("10").is_err());
    }
}

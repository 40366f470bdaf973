//! `dead_letters`: what could not be published.

use crate::{Settings, SettingsError, reader::Reader, table::TABLE_NAME_RULE, table::is_table_name};

/// The dead letters' table and how often they are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterSettings {
    /// `XZEPR_DEAD_LETTERS_TABLE_NAME`, `dead_letters.table_name`; default `xzepr-dead-letters`.
    pub table_name: String,
    /// `XZEPR_DEAD_LETTERS_MAX_ATTEMPTS`, `dead_letters.max_attempts`; default 10: after so many attempts,
    /// the first included, a dead letter is parked.
    pub max_attempts: u32,
}

impl DeadLetterSettings {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(settings);
        let table_name = reader.value(
            ("XZEPR_DEAD_LETTERS_TABLE_NAME", "dead_letters.table_name"),
            "xzepr-dead-letters".to_owned(),
            |name| is_table_name(name),
            TABLE_NAME_RULE,
        );
        let max_attempts = reader.value(
            ("XZEPR_DEAD_LETTERS_MAX_ATTEMPTS", "dead_letters.max_attempts"),
            10,
            |attempts| *attempts >= 1,
            "must be a whole number of at least 1",
        );
        reader.finish(Self { table_name, max_attempts })
    }
}

//! `dead_letters`: the events that could not be published.

use crate::{
    Settings, SettingsError,
    reader::Reader,
    setting::{Setting, settings},
    table::{TABLE_NAME_RULE, is_table_name},
};

settings! {
    TABLE_NAME = Setting {
        variable: "XZEPR_DEAD_LETTERS_TABLE_NAME",
        key: "dead_letters.table_name",
        default: Some("xzepr-dead-letters"),
        rule: TABLE_NAME_RULE,
    };
    MAX_ATTEMPTS = Setting {
        variable: "XZEPR_DEAD_LETTERS_MAX_ATTEMPTS",
        key: "dead_letters.max_attempts",
        default: Some("10"),
        rule: "must be a whole number of at least 1",
    };
}

/// The dead letters' table, and how often they are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterSettings {
    /// The table's name.
    pub table_name: String,
    /// After so many attempts, the first one included, a dead letter is parked.
    pub max_attempts: u32,
}

impl DeadLetterSettings {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(settings);
        let table_name = reader.checked(&TABLE_NAME, |name: &String| is_table_name(name));
        let max_attempts = reader.checked(&MAX_ATTEMPTS, |attempts| *attempts >= 1);
        reader.finish(|| Some(Self { table_name: table_name?, max_attempts: max_attempts? }))
    }
}

//! `index`: the table for search and gates, which can be written again from the events.

use crate::{
    Settings, SettingsError,
    reader::Reader,
    setting::{Setting, settings},
    table::{TABLE_NAME_RULE, is_table_name},
};

settings! {
    TABLE_NAME = Setting {
        variable: "XZEPR_INDEX_TABLE_NAME",
        key: "index.table_name",
        default: Some("xzepr-index"),
        rule: TABLE_NAME_RULE,
    };
}

/// The index table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSettings {
    /// The table's name.
    pub table_name: String,
}

impl IndexSettings {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(settings);
        let table_name = reader.checked(&TABLE_NAME, |name: &String| is_table_name(name));
        reader.finish(|| Some(Self { table_name: table_name? }))
    }
}

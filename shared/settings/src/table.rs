//! `table`: the DynamoDB table.

use crate::{
    Settings, SettingsError,
    reader::Reader,
    setting::{Setting, settings},
};

settings! {
    NAME = Setting {
        variable: "XZEPR_TABLE_NAME",
        key: "table.name",
        default: Some("xzepr"),
        rule: TABLE_NAME_RULE,
    };
}

/// The DynamoDB table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSettings {
    /// The table's name.
    pub name: String,
}

impl TableSettings {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(settings);
        let name = reader.checked(&NAME, |name: &String| is_table_name(name));
        reader.finish(|| Some(Self { name: name? }))
    }
}

pub(crate) const TABLE_NAME_RULE: &str = "must be a table's name: 3 to 255 letters, digits, '_', '-' and '.'";

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>
pub(crate) fn is_table_name(name: &str) -> bool {
    (3..=255).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

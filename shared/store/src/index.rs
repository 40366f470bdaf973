//! The index table: everything in it can be written again from the events.

use xzepr_settings::IndexSettings;

use crate::table::Table;

/// The index table. It is used through the client of the table.
#[derive(Debug, Clone)]
pub struct Index {
    pub(crate) table: Table,
}

impl Table {
    /// The index of this table.
    pub fn index(&self, settings: IndexSettings) -> Index {
        Index { table: Self { client: self.client.clone(), name: settings.table_name } }
    }
}

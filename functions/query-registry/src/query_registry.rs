//! The endpoints.

use xzepr_http::Api;
use xzepr_store::{Index, Table};

pub(crate) struct QueryRegistry {
    _table: Table,
    _index: Index,
}

impl QueryRegistry {
    pub(crate) fn new(table: Table, index: Index) -> Self {
        Self { _table: table, _index: index }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api::new()
    }
}

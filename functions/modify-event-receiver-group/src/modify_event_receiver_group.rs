//! From a PATCH to a changed group.

use xzepr_http::Api;
use xzepr_store::Table;

pub(crate) struct ModifyEventReceiverGroup {
    _table: Table,
}

impl ModifyEventReceiverGroup {
    pub(crate) fn new(table: Table) -> Self {
        Self { _table: table }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api::new()
    }
}

//! A client that may be prepared only when it is first used.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use aws_sdk_dynamodb::Client;

/// A client. Its copies are prepared together.
#[derive(Debug, Clone, Default)]
pub(crate) struct LazyClient(Arc<OnceLock<Client>>);

impl From<Client> for LazyClient {
    fn from(client: Client) -> Self {
        Self(Arc::new(client.into()))
    }
}

impl Deref for LazyClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.0.get_or_init(crate::table::client)
    }
}

#[cfg(test)]
mod tests {
    use xzepr_settings::TableSettings;

    use crate::Table;

    /// Whether the client of a table has been prepared.
    fn is_prepared(table: &Table) -> bool {
        table.client.0.get().is_some()
    }

    fn settings() -> TableSettings {
        TableSettings { name: "table".to_owned() }
    }

    #[tokio::test]
    async fn a_table_that_connects_later_prepares_its_client_at_the_first_use_of_any_copy() {
        assert!(is_prepared(&Table::connect(settings())));
        let table = Table::connect_later(settings());
        let copy = table.clone();
        assert!(!is_prepared(&table) && !is_prepared(&copy));
        copy.prepare();
        assert!(is_prepared(&table) && is_prepared(&copy));
    }
}

//! A client that is prepared when it is first used.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use aws_sdk_dynamodb::Client;

use crate::{table::client, trusted_roots::Roots};

/// A client. Its copies are prepared together.
#[derive(Debug, Clone)]
pub(crate) struct LazyClient(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    client: OnceLock<Client>,
    roots: Roots,
}

impl LazyClient {
    /// A client that trusts these roots.
    pub(crate) fn new(roots: Roots) -> Self {
        Self(Arc::new(Shared { client: OnceLock::new(), roots }))
    }
}

impl From<Client> for LazyClient {
    fn from(client: Client) -> Self {
        Self(Arc::new(Shared { client: client.into(), roots: Roots::System }))
    }
}

impl Deref for LazyClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.0.client.get_or_init(|| client(&self.0.roots))
    }
}

#[cfg(test)]
mod tests {
    use xzepr_settings::TableSettings;

    use crate::Table;

    /// Whether the client of a table has been prepared.
    fn is_prepared(table: &Table) -> bool {
        table.client.0.client.get().is_some()
    }

    fn settings() -> TableSettings {
        TableSettings { name: "table".to_owned() }
    }

    #[tokio::test]
    async fn a_table_that_connects_later_prepares_its_client_at_the_first_use_of_any_copy() {
        assert!(is_prepared(&Table::connect(settings()).unwrap()));
        let table = Table::connect_later(settings()).unwrap();
        let copy = table.clone();
        assert!(!is_prepared(&table) && !is_prepared(&copy));
        copy.prepare();
        assert!(is_prepared(&table) && is_prepared(&copy));
    }
}

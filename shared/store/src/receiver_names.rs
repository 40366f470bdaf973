//! The names of receivers, without their schemas.

use serde::Deserialize;
use xzepr_domain::ReceiverId;

use crate::{
    error::StoreError,
    keys::{Key, PARTITION_KEY},
    table::{Table, from_item},
};

/// A receiver, as an answer about others names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverName {
    /// The receiver.
    pub id: ReceiverId,
    /// Its name.
    pub name: String,
    /// Its type.
    pub r#type: String,
}

#[derive(Deserialize)]
struct NameItem {
    pk: String,
    name: String,
    r#type: String,
}

impl Table {
    /// Reads the names of receivers: one request for each 100. The result has only those that exist, in no order.
    pub async fn receiver_names(&self, ids: &[ReceiverId]) -> Result<Vec<ReceiverName>, StoreError> {
        let keys = ids.iter().map(|id| Key::receiver(*id)).collect();
        let items = self.get_all(keys, &[PARTITION_KEY, "name", "type"]).await?;
        let names = items.into_iter().map(|item| {
            let NameItem { pk, name, r#type } = from_item(item)?;
            let id = pk.rsplit('#').next().unwrap_or_default().parse();
            let id = id.map_err(|_| StoreError::Failed("the item of a receiver has no id".to_owned()))?;
            Ok(ReceiverName { id, name, r#type })
        });
        names.collect()
    }
}

#[cfg(test)]
mod tests {
    use xzepr_domain::{Event, EventId, EventReceiverRequest};

    use super::*;
    use crate::test_table::table;

    #[tokio::test]
    async fn the_names_of_the_receivers_that_exist_are_read() {
        let table = table().await;
        let mut expected = Vec::new();
        for number in 0..101 {
            let body = format!(
                r#"{{"name":"n{number}","type":"t{number}","version":"1","description":"d","schema":true}}"#
            );
            let id = ReceiverId::generate();
            let receiver = EventReceiverRequest::parse(&body).unwrap().accept(id).unwrap();
            let created = Event::receiver_created(&receiver, EventId::generate());
            table.declare_receiver(&receiver, &created, None, None).await.unwrap();
            expected.push(ReceiverName { id, name: format!("n{number}"), r#type: format!("t{number}") });
        }
        let ids: Vec<_> = expected.iter().map(|name| name.id).chain([ReceiverId::generate()]).collect();
        let mut names = table.receiver_names(&ids).await.unwrap();
        names.sort_by_key(|name| name.id);
        expected.sort_by_key(|name| name.id);
        assert_eq!(names, expected);
        assert!(table.receiver_names(&[]).await.unwrap().is_empty());
    }
}

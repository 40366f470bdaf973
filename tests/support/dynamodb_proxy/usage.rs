//! The requests of a DynamoDB API, and their capacity units as the API reports them.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

/// The operations that read items.
const READS: [&str; 5] = ["BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"];

/// The operations that write items.
const WRITES: [&str; 5] = ["BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"];

/// The operations that consume capacity.
pub(super) const MEASURED: [&str; 10] =
    [READS[0], READS[1], READS[2], READS[3], READS[4], WRITES[0], WRITES[1], WRITES[2], WRITES[3], WRITES[4]];

/// The usage of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OperationUsage {
    /// All requests.
    pub requests: u64,
    /// Those of them that the API answered with an error, such as a failed condition.
    pub refused: u64,
    /// Those of them that met an injected conflict. They did not reach the API.
    pub conflicts: u64,
    /// The capacity units: read units of a read, write units of a write, transactional ones doubled. A refused write has
    /// none here. DynamoDB counts one whose condition fails as a write.
    pub units: f64,
}

/// The usage of each operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage(BTreeMap<String, OperationUsage>);

impl Usage {
    /// The usage of one operation, such as `PutItem`.
    pub fn of(&self, operation: &str) -> OperationUsage {
        self.0.get(operation).copied().unwrap_or_default()
    }

    /// The usage of all operations that read items.
    pub fn reads(&self) -> OperationUsage {
        self.sum(&READS)
    }

    /// The usage of all operations that write items.
    pub fn writes(&self) -> OperationUsage {
        self.sum(&WRITES)
    }

    pub(super) fn add(&mut self, operation: &str, is_success: bool, answer: &[u8]) {
        let usage = self.0.entry(operation.to_owned()).or_default();
        usage.requests += 1;
        usage.refused += u64::from(!is_success);
        if MEASURED.contains(&operation) {
            let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
            usage.units += units(&answer["ConsumedCapacity"]);
        }
    }

    pub(super) fn add_conflict(&mut self, operation: &str) {
        let usage = self.0.entry(operation.to_owned()).or_default();
        usage.requests += 1;
        usage.conflicts += 1;
    }

    fn sum(&self, operations: &[&str]) -> OperationUsage {
        operations.iter().map(|operation| self.of(operation)).fold(OperationUsage::default(), |sum, usage| {
            OperationUsage {
                requests: sum.requests + usage.requests,
                refused: sum.refused + usage.refused,
                conflicts: sum.conflicts + usage.conflicts,
                units: sum.units + usage.units,
            }
        })
    }
}

/// The units of one table, or of each table of a list.
fn units(consumed: &Value) -> f64 {
    match consumed {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => table["CapacityUnits"].as_f64().unwrap_or_default(),
    }
}

/// A line for each operation.
impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (operation, OperationUsage { requests, refused, conflicts, units }) in &self.0 {
            writeln!(
                f,
                "{operation}: {requests} requests, {refused} refused, {conflicts} conflicts, {units} units"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::{
        Client,
        types::{AttributeValue, ConditionCheck, Put, TransactWriteItem},
    };
    use local::create_dead_letters_table;

    use super::*;
    use crate::{DynamodbApi, DynamodbProxy, Item};

    const TABLE: &str = "counted";

    fn item(sort_key: &str, bytes: usize) -> Item {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let attributes = [("pk", text("p")), ("sk", text(sort_key)), ("text", text(&"x".repeat(bytes)))];
        attributes.map(|(name, value)| (name.to_owned(), value)).into_iter().collect::<HashMap<_, _>>()
    }

    fn key(sort_key: &str) -> Item {
        let mut key = item(sort_key, 0);
        key.remove("text");
        key
    }

    async fn start() -> (DynamodbApi, DynamodbProxy, Client) {
        let api = DynamodbApi::embedded();
        let proxy = DynamodbProxy::start(api.url()).await;
        create_dead_letters_table(&proxy.url(), TABLE).await.unwrap();
        let client = Client::new(&local::sdk_config(&proxy.url()).await);
        proxy.reset();
        (api, proxy, client)
    }

    #[tokio::test]
    async fn requests_and_units_are_counted_by_operation() {
        let (_api, proxy, client) = start().await;
        let put = |item| client.put_item().table_name(TABLE).set_item(Some(item));
        put(item("a", 900)).send().await.unwrap();
        put(item("b", 4000)).send().await.unwrap();
        let refused = put(item("a", 0)).condition_expression("attribute_not_exists(pk)").send().await;
        assert!(refused.is_err());
        let put = Put::builder().table_name(TABLE).set_item(Some(item("c", 900))).build().unwrap();
        let check = ConditionCheck::builder().table_name(TABLE).set_key(Some(key("a")));
        let check = check.condition_expression("attribute_exists(pk)").build().unwrap();
        let actions = [
            TransactWriteItem::builder().put(put).build(),
            TransactWriteItem::builder().condition_check(check).build(),
        ];
        client.transact_write_items().set_transact_items(Some(actions.into())).send().await.unwrap();
        let get = client.get_item().table_name(TABLE).set_key(Some(key("b")));
        get.clone().consistent_read(true).send().await.unwrap();
        get.send().await.unwrap();

        let usage = proxy.usage();
        let expected = OperationUsage { requests: 3, refused: 1, conflicts: 0, units: 5.0 };
        assert_eq!(usage.of("PutItem"), expected, "{usage}");
        assert_eq!(usage.of("TransactWriteItems").units, 4.0, "{usage}");
        assert_eq!((usage.reads().requests, usage.reads().units), (2, 1.5), "{usage}");
        assert_eq!((usage.writes().requests, usage.writes().units), (4, 9.0), "{usage}");
        proxy.reset();
        assert_eq!(proxy.usage(), Usage::default());
    }

    #[tokio::test]
    async fn a_transaction_that_meets_a_conflict_changes_nothing() {
        let (_api, proxy, client) = start().await;
        let put = Put::builder().table_name(TABLE).set_item(Some(item("a", 1))).build().unwrap();
        let transaction =
            client.transact_write_items().transact_items(TransactWriteItem::builder().put(put).build());
        proxy.conflict(1.0);
        let error = transaction.clone().send().await.unwrap_err().into_service_error();
        let reasons = match &error {
            error if error.is_transaction_canceled_exception() => format!("{error:?}"),
            error => panic!("{error:?}"),
        };
        assert!(reasons.contains("TransactionConflict"), "{reasons}");
        let single = client.put_item().table_name(TABLE).set_item(Some(item("a", 1)));
        let error = single.send().await.unwrap_err().into_service_error();
        assert!(error.is_transaction_conflict_exception(), "{error:?}");
        proxy.conflict(0.0);
        let scan = client.scan().table_name(TABLE).send().await.unwrap();
        assert_eq!(scan.count(), 0);
        transaction.send().await.unwrap();
        assert_eq!(proxy.usage().of("TransactWriteItems").conflicts, 1);
    }
}

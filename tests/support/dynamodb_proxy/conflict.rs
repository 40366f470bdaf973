//! Transaction conflicts as DynamoDB answers them:
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling>.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Value, json};

const NAMESPACE: &str = "com.amazonaws.dynamodb.v20120810#";

/// The writes of one item. One of an item that a transaction writes at the same time fails too.
const SINGLE_WRITES: [&str; 3] = ["PutItem", "UpdateItem", "DeleteItem"];

/// Which writes meet a conflict.
pub(super) struct Conflicts {
    /// The share of the writes, from 0 to 1.
    pub(super) share: f64,
    /// Decides the same in each run, as far as the requests come in the same order.
    random: Rng,
    /// The tables of the transactions so far. Where there are none, a single write meets none either.
    tables: BTreeSet<String>,
}

impl Default for Conflicts {
    fn default() -> Self {
        Self { share: 0.0, random: Rng::with_seed(1), tables: BTreeSet::new() }
    }
}

impl Conflicts {
    /// The answer to a write that meets a conflict. `None` for one that meets none, and for every read.
    pub(super) fn draw(&mut self, operation: &str, request: &Value) -> Option<Value> {
        if operation == "TransactWriteItems" {
            let actions = request["TransactItems"].as_array().map_or(&[][..], Vec::as_slice);
            let tables = actions.iter().filter_map(|action| action.as_object()?.values().next());
            self.tables.extend(tables.filter_map(|action| action["TableName"].as_str()).map(str::to_owned));
            return (!actions.is_empty() && self.is_drawn()).then(|| self.cancelled(actions.len()));
        }
        let table = request["TableName"].as_str()?;
        let may_meet_one = SINGLE_WRITES.contains(&operation) && self.tables.contains(table);
        (may_meet_one && self.is_drawn()).then(|| {
            json!({
                "__type": format!("{NAMESPACE}TransactionConflictException"),
                "message": "Transaction is ongoing for the item",
            })
        })
    }

    fn is_drawn(&mut self) -> bool {
        self.random.f64() < self.share
    }

    /// One of the actions meets the conflict.
    fn cancelled(&mut self, actions: usize) -> Value {
        let conflict = self.random.usize(..actions);
        let reasons = (0..actions).map(|index| {
            if index == conflict {
                json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"})
            } else {
                json!({"Code": "None"})
            }
        });
        let reasons: Vec<_> = reasons.collect();
        json!({
            "__type": format!("{NAMESPACE}TransactionCanceledException"),
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
            "CancellationReasons": reasons,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction() -> Value {
        json!({"TransactItems": [{"Put": {"TableName": "t"}}, {"Update": {"TableName": "t"}}]})
    }

    #[test]
    fn a_transaction_is_cancelled_by_a_conflict_of_one_action() {
        let mut conflicts = Conflicts { share: 1.0, ..Conflicts::default() };
        let answer = conflicts.draw("TransactWriteItems", &transaction()).unwrap();
        let codes = answer["CancellationReasons"].as_array().unwrap().iter().map(|reason| &reason["Code"]);
        let mut codes: Vec<_> = codes.map(|code| code.as_str().unwrap()).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["None", "TransactionConflict"]);
    }

    #[test]
    fn a_single_write_meets_a_conflict_only_in_a_table_with_transactions() {
        let mut conflicts = Conflicts { share: 1.0, ..Conflicts::default() };
        let put = json!({"TableName": "t"});
        assert_eq!(conflicts.draw("PutItem", &put), None);
        conflicts.draw("TransactWriteItems", &transaction());
        assert!(conflicts.draw("PutItem", &put).is_some());
        assert_eq!(conflicts.draw("GetItem", &put), None);
        assert_eq!(conflicts.draw("PutItem", &json!({"TableName": "other"})), None);
    }

    #[test]
    fn the_share_decides_how_many_meet_one() {
        for (share, least, most) in [(0.0, 0, 0), (0.25, 150, 350), (1.0, 1000, 1000)] {
            let mut conflicts = Conflicts { share, ..Conflicts::default() };
            let drawn = (0..1000).filter_map(|_| conflicts.draw("TransactWriteItems", &transaction()));
            let drawn = drawn.count();
            assert!((least..=most).contains(&drawn), "{share}: {drawn}");
        }
    }
}

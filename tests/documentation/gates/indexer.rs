//! The indexer, with the embedded DynamoDB API.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType},
};
use chrono::Utc;
use local::dynamodb::EmbeddedDynamodb;
use tokio::time::Instant;
use xzepr_domain::{Artifact, Event, EventId, EventReceiverGroup, GroupId, gate::Gate};
use xzepr_indexing::{Indexer, Outcome};
use xzepr_queries::gates::{Tables, explain};
use xzepr_settings::{IndexSettings, TableSettings};

use super::{World, artifact, run, table::Row};

struct Registry {
    tables: Tables,
    indexer: Indexer,
}

impl World for Registry {
    async fn accept(&mut self, event: &Event) {
        self.tables.table.put_event(event, None, None).await.unwrap();
    }

    async fn deliver(&mut self, event: &Event) {
        let until = Instant::now() + Duration::from_secs(60);
        let outcomes = self.indexer.index(std::slice::from_ref(event), until).await;
        assert!(matches!(outcomes[..], [Outcome::Indexed]), "{outcomes:?}");
    }

    async fn create(&mut self, group: &EventReceiverGroup) {
        let created = Event::group_created(group, EventId::generate());
        self.tables.table.create_group(group, &created, None, None).await.unwrap();
    }

    async fn modify(&mut self, group: &EventReceiverGroup) {
        let modified = Event::group_modified(group, EventId::generate());
        self.tables.table.modify_group(group, &modified, None).await.unwrap();
    }

    /// The gate, whose last completion must be an event that will be published.
    async fn gate(&self, group: GroupId, artifact: &Artifact) -> Gate {
        let gate = self.tables.table.gate(artifact, group).await.unwrap();
        if let Some(id) = gate.event {
            let event = self.tables.table.find_event(id).await.unwrap();
            assert!(event.is_some_and(|event| event.artifact() == *artifact));
        }
        gate
    }
}

async fn create_table(client: &Client, name: &str) {
    let mut create = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let attribute =
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
        create = create.attribute_definitions(attribute.build().unwrap()).key_schema(key.build().unwrap());
    }
    create.send().await.unwrap();
}

/// Whether the latest event of each receiver is successful and the group is enabled, by the events alone.
fn is_complete(group: &EventReceiverGroup, events: &[Event], artifact: &Artifact) -> bool {
    let members = &group.event_receiver_ids;
    let is_green = |receiver| {
        let own = events
            .iter()
            .filter(|event| event.event_receiver_id == receiver && event.artifact() == *artifact);
        own.max_by_key(|event| event.id).is_some_and(|latest| latest.success)
    };
    group.enabled && !members.is_empty() && members.iter().all(|receiver| is_green(*receiver))
}

#[tokio::test]
async fn the_truth_table_of_gates_holds_for_the_indexer_and_its_answer() {
    let api = EmbeddedDynamodb::start(0, None).unwrap();
    let client = Client::new(&local::sdk_config(&api.url()).await);
    for name in ["table", "index"] {
        create_table(&client, name).await;
    }
    let table = xzepr_store::Table::with_client(client, TableSettings { name: "table".to_owned() });
    let index = table.index(IndexSettings { table_name: "index".to_owned() });
    let tables = Tables { table: table.clone(), index: index.clone() };
    for row in Row::all() {
        // The memory of an indexer does not last from row to row.
        let mut registry =
            Registry { tables: tables.clone(), indexer: Indexer::new(table.clone(), index.clone()) };
        let (messages, group, events) = run(&row, &mut registry).await;
        assert_eq!(messages, row.messages, "{}", row.text);
        let artifact = artifact(row.number, "1");
        let answer = explain(&tables, group.id, &artifact, Utc::now()).await.unwrap().unwrap();
        let completions = messages.iter().map(|message| message.matches('C').count() as u64).sum::<u64>();
        assert_eq!(answer.completions, completions, "{}", row.text);
        assert_eq!(answer.complete, is_complete(&group, &events, &artifact), "{}", row.text);
    }
}

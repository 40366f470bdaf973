//! The client for a schema registry against Apicurio Registry on Apache Kafka.
//!
//! Needs Java and Maven. tests/real-services runs it.

use std::{fs, path::Path, time::Duration};

use end_to_end::{SchemaRegistryServer, System, eventually};
use local::kafka::Apache;
use serde_json::{Value, json};
use tempfile::TempDir;
use xzepr_schema_registry::{SchemaError, SchemaRegistry};
use xzepr_settings::Settings;

const DRAFTS: [&str; 5] = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

/// A registry on a cluster of one broker.
struct Services {
    registry: SchemaRegistryServer,
    _kafka: Apache,
    _dir: TempDir,
}

impl Services {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let kafka = Apache::start(0, 1, &dir.path().join("kafka")).await.unwrap();
        let registry = SchemaRegistryServer::start(&kafka.brokers(), dir.path()).await;
        Self { registry, _kafka: kafka, _dir: dir }
    }

    /// A client that knows no id yet.
    async fn client(&self) -> SchemaRegistry {
        let url = self.registry.url();
        let lookup = move |name: &str| (name == "XZEPR_SCHEMA_REGISTRY_URL").then(|| url.clone());
        let settings = Settings::new(lookup, "").unwrap().schema_registry().unwrap().unwrap();
        SchemaRegistry::connect(&settings).await.unwrap()
    }
}

/// A schema of an object whose member `number` has this type.
fn schema(draft: Option<&str>, number: &str) -> String {
    let mut schema =
        json!({"type": "object", "properties": {"number": {"type": number}}, "required": ["number"]});
    if let Some(draft) = draft {
        schema["$schema"] = draft.into();
    }
    schema.to_string()
}

fn unavailable(result: Result<u32, SchemaError>) -> String {
    match result {
        Err(error @ SchemaError::Unavailable { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_stays_while_the_registry_is_away_and_after_it() {
    let mut services = Services::start().await;
    let (subject, text) = ("orders-value", schema(None, "integer"));
    let client = services.client().await;
    let id = client.id_of(subject, &text).await.unwrap();
    assert_eq!(client.id_of(subject, &text).await, Ok(id));
    assert_eq!(services.client().await.id_of(subject, &text).await, Ok(id));

    services.registry.kill().await;
    assert_eq!(client.id_of(subject, &text).await, Ok(id));
    let error = unavailable(client.id_of("new-value", &text).await);
    assert!(error.starts_with("the schema registry cannot be reached: "), "{error}");

    services.registry.restart(&["apicurio.storage.read-only.enabled=true"]).await;
    let client = services.client().await;
    assert_eq!(client.id_of(subject, &text).await, Ok(id));
    let error = unavailable(client.id_of("new-value", &text).await);
    assert!(error.starts_with("the schema registry is in read-only mode"), "{error}");

    services.registry.restart(&[]).await;
    let client = services.client().await;
    assert_eq!(client.id_of(subject, &text).await, Ok(id));
    client.id_of("new-value", &text).await.unwrap();
    assert_eq!(services.registry.subjects().await, ["new-value", subject]);
}

/// Longer than some starts of the publisher.
const LOGGED_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn an_incompatible_schema_ends_the_start_and_the_events_wait() {
    let services = Services::start().await;
    let of_others = r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["other"],
        "properties":{"id":{"type":"integer"}},"additionalProperties":false}"#;
    services.client().await.id_of("xzepr.dev.events-value", of_others).await.unwrap();
    let url = services.registry.url();
    let system = System::start_with(|options| {
        options.environment.insert("XZEPR_SCHEMA_REGISTRY_URL".to_owned(), url);
    })
    .await;
    let refusal = "the schema registry refuses the schema of the subject xzepr.dev.events-value: ";
    eventually(LOGGED_WITHIN, async || {
        system.log("publish-events").contains(refusal).then_some(()).ok_or("the refusal is not logged")
    })
    .await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 3).await;

    services.registry.set_compatibility("NONE").await;
    system.await_messages(&events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_accepted_or_refused_with_the_registrys_words() {
    let services = Services::start().await;
    accepts_each_format(&services).await;
    accepts_each_draft(&services).await;
    accepts_any_schema_of_a_receiver(&services).await;
    refuses_an_incompatible_schema(&services).await;
}

async fn accepts_each_format(services: &Services) {
    let client = services.client().await;
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/messages/schemas");
    let files: Vec<_> = fs::read_dir(schemas).unwrap().map(|file| file.unwrap().path()).collect();
    let payloads_of_system_events = 5;
    assert_eq!(files.len(), xzepr_settings::Format::ALL.len() + payloads_of_system_events);
    for file in files {
        let (subject, text) =
            (file.file_stem().unwrap().to_str().unwrap(), fs::read_to_string(&file).unwrap());
        let id = client.id_of(subject, &text).await.unwrap();
        assert_eq!(services.registry.schema(id).await, text, "{subject}");
    }
}

async fn accepts_each_draft(services: &Services) {
    let client = services.client().await;
    for (number, draft) in DRAFTS.into_iter().enumerate() {
        let (subject, text) = (format!("draft-{number}/ä"), schema(Some(draft), "integer"));
        let id = client.id_of(&subject, &text).await.unwrap();
        assert_eq!(services.client().await.id_of(&subject, &text).await, Ok(id));
        assert!(services.registry.subjects().await.contains(&subject));
    }
}

/// Without `$schema` Apicurio Registry accepts none of these.
async fn accepts_any_schema_of_a_receiver(services: &Services) {
    let client = services.client().await;
    for (number, text) in
        ["true", "false", "{}", r#"{"type":"string"}"#, r#"{"required":["a"]}"#].iter().enumerate()
    {
        let id = client.id_of(&format!("receiver-{number}"), text).await.unwrap();
        let registered: Value = serde_json::from_str(&services.registry.schema(id).await).unwrap();
        for value in [json!({"a": 1}), json!({}), json!("text")] {
            let posted: Value = serde_json::from_str(text).unwrap();
            assert_eq!(
                jsonschema::is_valid(&registered, &value),
                jsonschema::is_valid(&posted, &value),
                "{text}"
            );
        }
    }
}

async fn refuses_an_incompatible_schema(services: &Services) {
    let client = services.client().await;
    for draft in [None, Some(DRAFTS[0]), Some(DRAFTS[1]), Some(DRAFTS[2])] {
        let subject = format!("incompatible-{draft:?}");
        client.id_of(&subject, &schema(draft, "integer")).await.unwrap();
        match client.id_of(&subject, &schema(draft, "string")).await {
            Err(SchemaError::Refused { subject: refused, message }) => {
                assert_eq!(refused, subject);
                assert!(
                    message.contains("Incompatible artifact") && message.contains("/properties/number"),
                    "{message}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    // It has no compatibility check for the later drafts.
    let subject = "incompatible-later";
    client.id_of(subject, &schema(Some(DRAFTS[4]), "integer")).await.unwrap();
    let error = unavailable(client.id_of(subject, &schema(Some(DRAFTS[4]), "string")).await);
    assert!(error.contains("500: #: could not determine version"), "{error}");
    services.registry.set_compatibility("NONE").await;
    services.client().await.id_of(subject, &schema(Some(DRAFTS[4]), "string")).await.unwrap();
}

//! From the body of a POST to a stored event.

use xzepr_domain::{EventId, EventRequest};
use xzepr_http::{Api, Command, HttpError, Success, routes};

use crate::{
    schemas::Schemas,
    store::{ReadReceivers, StoreEvents},
};

pub(crate) struct CreateEvent<S> {
    store: S,
    schemas: Schemas,
}

impl<S: ReadReceivers + StoreEvents> CreateEvent<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, schemas: Schemas::default() }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api::new().endpoint(routes::CREATE_EVENT, |command| self.create(command))
    }

    async fn create(&self, Command { body, idempotency }: Command) -> Result<Success<String>, HttpError> {
        let idempotency = idempotency.as_ref();
        if let Some(id) = self.store.find_first_response(idempotency).await? {
            return Ok(Success::ok(id));
        }
        let request = EventRequest::parse(&body)?;
        let schema = match request.event_receiver_id() {
            Some(receiver) => self.schemas.of(receiver, &self.store).await?,
            None => None,
        };
        let event = request.accept(schema.as_ref().map(Result::as_deref), EventId::generate())?;
        Ok(Success::ok(self.store.store_event(&event, idempotency).await?))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        sync::{
            Mutex,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use insta::assert_snapshot;
    use xzepr_domain::{Event, Idempotency, JsonText, ReceiverId};
    use xzepr_http::testing::{request, respond, with_key};
    use xzepr_store::StoreError;

    use super::*;

    const RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";
    const FIRST: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";

    /// A table in memory.
    #[derive(Default)]
    struct Store {
        schemas: HashMap<ReceiverId, &'static str>,
        /// The id in the first response to every key.
        first_response: Option<&'static str>,
        is_unavailable: bool,
        schema_reads: AtomicUsize,
        stored: Mutex<Vec<Event>>,
    }

    impl Store {
        fn with_schema(schema: &'static str) -> Self {
            Self { schemas: [(RECEIVER.parse().unwrap(), schema)].into(), ..Self::default() }
        }

        fn available(&self) -> Result<(), StoreError> {
            match self.is_unavailable {
                true => Err(StoreError::Unavailable("ThrottlingException".to_owned())),
                false => Ok(()),
            }
        }
    }

    impl ReadReceivers for Store {
        async fn read_schema(&self, receiver: ReceiverId) -> Result<Option<JsonText>, StoreError> {
            self.available()?;
            self.schema_reads.fetch_add(1, Ordering::Relaxed);
            let schema = self.schemas.get(&receiver).map(|schema| (*schema).to_owned());
            Ok(schema.map(|schema| schema.try_into().unwrap()))
        }
    }

    impl StoreEvents for Store {
        async fn find_first_response(
            &self,
            idempotency: Option<&Idempotency>,
        ) -> Result<Option<String>, StoreError> {
            self.available()?;
            Ok(self.first_response.filter(|_| idempotency.is_some()).map(str::to_owned))
        }

        async fn store_event(&self, event: &Event, _: Option<&Idempotency>) -> Result<String, StoreError> {
            self.available()?;
            self.stored.lock().unwrap().push(event.clone());
            Ok(event.id.to_string())
        }
    }

    fn body(payload: &str) -> String {
        format!(
            r#"{{"name":"n","version":"1","release":"r","platform_id":"p","package":"k","description":"d",
                "event_receiver_id":"{RECEIVER}","payload":{payload}}}"#
        )
    }

    async fn post(create_event: &CreateEvent<Store>, body: String) -> String {
        respond(&create_event.api(), request("POST", "/api/v1/events", body)).await
    }

    fn stored(create_event: &CreateEvent<Store>) -> Vec<Event> {
        create_event.store.stored.lock().unwrap().clone()
    }

    #[tokio::test]
    async fn a_valid_event_is_stored_and_its_id_is_returned() {
        let create_event = CreateEvent::new(Store::with_schema(r#"{"type":"object"}"#));
        let response = post(&create_event, body(r#"{"z": 1.00}"#)).await;
        let [event] = &stored(&create_event)[..] else { panic!("one event") };
        assert_eq!(event.payload.as_str(), r#"{"z": 1.00}"#);
        assert_snapshot!(response.replace(&event.id.to_string(), "ID"), @r#"
            200 OK
            content-type: application/json
            x-request-id: REQUEST

            {"data":"ID"}
        "#);
    }

    #[tokio::test]
    async fn an_event_of_an_unknown_receiver_is_refused() {
        let create_event = CreateEvent::new(Store::default());
        assert_snapshot!(post(&create_event, body("{}")).await, @r#"
            400 Bad Request
            content-type: application/json
            x-request-id: REQUEST

            {"error":"unknown_receiver","message":"The body has a fault: event_receiver_id: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1X.","field":"event_receiver_id","errors":["event_receiver_id: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1X"]}
        "#);
        assert_eq!(stored(&create_event), []);
    }

    #[tokio::test]
    async fn a_payload_that_does_not_match_the_schema_is_refused() {
        let create_event = CreateEvent::new(Store::with_schema(r#"{"required":["commit"]}"#));
        assert_snapshot!(post(&create_event, body("{}")).await, @r#"
            400 Bad Request
            content-type: application/json
            x-request-id: REQUEST

            {"error":"payload_mismatch","message":"The body has a fault: payload: must have the member \"commit\".","field":"payload","errors":["payload: must have the member \"commit\""]}
        "#);
        assert_eq!(stored(&create_event), []);
    }

    #[tokio::test]
    async fn a_receiver_whose_schema_no_longer_compiles_is_refused() {
        let create_event = CreateEvent::new(Store::with_schema(r#"{"type":"strung"}"#));
        assert_snapshot!(post(&create_event, body("{}")).await, @r#"
            400 Bad Request
            content-type: application/json
            x-request-id: REQUEST

            {"error":"invalid_schema","message":"The body has a fault: event_receiver_id: names a receiver whose schema is not accepted any more, declare another: it does not compile: must be a type's name or an array of different ones (at /type).","field":"event_receiver_id","errors":["event_receiver_id: names a receiver whose schema is not accepted any more, declare another: it does not compile: must be a type's name or an array of different ones (at /type)"]}
        "#);
    }

    #[tokio::test]
    async fn a_schema_is_read_and_compiled_once() {
        let create_event = CreateEvent::new(Store::with_schema("true"));
        for _ in 0..3 {
            post(&create_event, body("{}")).await;
        }
        assert_eq!(stored(&create_event).len(), 3);
        assert_eq!(create_event.store.schema_reads.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_receiver_that_was_unknown_is_read_again() {
        let mut create_event = CreateEvent::new(Store::default());
        post(&create_event, body("{}")).await;
        create_event.store.schemas = Store::with_schema("true").schemas;
        post(&create_event, body("{}")).await;
        assert_eq!(stored(&create_event).len(), 1);
    }

    #[tokio::test]
    async fn the_same_key_gets_the_first_response_and_stores_nothing() {
        let store = Store { first_response: Some(FIRST), ..Store::with_schema("true") };
        let create_event = CreateEvent::new(store);
        let api = create_event.api();
        // The body was checked before the first response, so it need not be checked again.
        let response = respond(&api, with_key(request("POST", "/api/v1/events", "{}"), "key")).await;
        assert!(response.ends_with(&format!("{{\"data\":\"{FIRST}\"}}")), "{response}");
        assert_eq!(stored(&create_event), []);
    }

    #[tokio::test]
    async fn an_unavailable_table_is_503() {
        let store = Store { is_unavailable: true, ..Store::with_schema("true") };
        assert_snapshot!(post(&CreateEvent::new(store), body("{}")).await, @r#"
            503 Service Unavailable
            content-type: application/json
            retry-after: 1
            x-request-id: REQUEST

            {"error":"unavailable","message":"The registry is not available at the moment; send the request again.","errors":["The registry is not available at the moment; send the request again."]}
        "#);
    }
}

//! From a POST to a stored event.

use std::fmt::Display;

use xzepr_domain::{Event, EventId};
use xzepr_http::{Api, Created, HttpError, PostedEvent, PostedEvents, Stored, Success, routes};
use xzepr_store::StoreError;

use crate::{
    costs::Costs,
    schemas::Schemas,
    store::{ReadReceivers, StoreEvents},
};

pub(crate) struct CreateEvent<S> {
    pub(crate) store: S,
    schemas: Schemas,
}

impl<S: ReadReceivers + StoreEvents> CreateEvent<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, schemas: Schemas::default() }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api::new()
            .endpoint(routes::CREATE_EVENT, |posted| self.create(posted))
            .endpoint(routes::CREATE_EVENTS, async |batch| Ok(self.create_batch(batch).await))
    }

    async fn create(&self, posted: PostedEvents) -> Result<Success<Created>, HttpError> {
        match posted {
            PostedEvents::One(event) => {
                let created = self.create_one(event, &Costs::default(), EventId::generate).await;
                created.map(|id| Success::ok(Created::One(id)))
            }
            PostedEvents::Batch(batch) => Ok(self.create_batch(batch).await.map(Created::Batch)),
        }
    }

    /// Stores an event and returns its id, or the id in the first response to its key. `id` makes the id of an event that is
    /// accepted.
    pub(crate) async fn create_one(
        &self,
        posted: PostedEvent,
        costs: &Costs,
        id: impl FnOnce() -> EventId,
    ) -> Result<String, HttpError> {
        let (idempotency, created_by) = (posted.idempotency.clone(), posted.created_by.clone());
        let is_override = posted.may_override;
        let idempotency = idempotency.as_ref();
        let failed = |error| match (error, idempotency) {
            (StoreError::KeyReused, Some(of)) if of.key.is_cloud_event() => HttpError::CloudEventReused,
            (error, _) => error.into(),
        };
        if let Some(id) = self.store.find_first_response(idempotency).await.map_err(failed)? {
            Stored { is_repeated: true, event: Some(&id), ..Stored::default() }.log();
            return Ok(id);
        }
        let event = {
            let mut body = String::new();
            let request = posted.read(&mut body)?;
            let schema = match request.event_receiver_id() {
                Some(receiver) => self.schemas.of(receiver, &self.store, costs).await?,
                None => None,
            };
            costs.accept(request, schema.as_ref().map(Result::as_deref), id())?
        };
        let event = Event { is_override, ..event };
        let id = self.store.store_event(&event, idempotency, created_by.as_ref()).await.map_err(failed)?;
        let (is_repeated, receiver) =
            (id != event.id.to_string(), Some(&event.event_receiver_id as &dyn Display));
        Stored { is_repeated, event: Some(&id), receiver, ..Stored::default() }.log();
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use insta::assert_snapshot;
    use xzepr_http::testing::{request, respond, sent_by, with_key, with_scopes};

    use super::*;
    use crate::fake_store::{RECEIVER, Store};

    const FIRST: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";

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
        create_event.store.stored()
    }

    #[tokio::test]
    async fn an_event_and_those_of_a_batch_are_stored_with_their_sender() {
        let arn = "arn:aws:sts::123456789012:assumed-role/ci/run-1";
        let create_event = CreateEvent::new(Store::with_schema("true"));
        let event = body("{}");
        post(&create_event, event.clone()).await;
        for (path, body) in
            [("/api/v1/events", event.clone()), ("/api/v1/events/batch", format!("[{event},{event}]"))]
        {
            respond(&create_event.api(), sent_by(request("POST", path, body), arn)).await;
        }
        let senders = create_event.store.senders.lock().unwrap();
        let senders: Vec<_> = senders.iter().map(Option::as_deref).collect();
        assert_eq!(senders, [None, Some(arn), Some(arn), Some(arn)]);
    }

    #[tokio::test]
    async fn an_event_of_a_caller_that_may_override_is_marked_as_an_override() {
        let create_event = CreateEvent::new(Store::with_schema("true"));
        let (event, scopes) = (body("{}"), "xzepr/events:write xzepr/override");
        let cloud_event = |id| {
            format!(
                r#"{{"specversion":"1.0","id":"{id}","source":"/ci","type":"n","receiverid":"{RECEIVER}",
                    "version":"1","release":"r","platformid":"p","package":"k","description":"d","data":1}}"#
            )
        };
        let cloud_events = format!("[{},{}]", cloud_event(1), cloud_event(2));
        for (path, content_type, body) in [
            ("/api/v1/events", "application/json", event.clone()),
            ("/api/v1/events/batch", "application/json", format!("[{event},{event}]")),
            ("/api/v1/events", "application/cloudevents-batch+json", cloud_events),
            ("/api/v1/events", "application/cloudevents+json", cloud_event(3)),
        ] {
            let mut request = with_scopes(request("POST", path, body), scopes);
            request.headers_mut().insert("content-type", content_type.parse().unwrap());
            let response = respond(&create_event.api(), request).await;
            assert!(response.starts_with("200 OK"), "{response}");
        }
        assert_eq!(stored(&create_event).iter().filter(|event| event.is_override).count(), 6);
        let ordinary = with_scopes(request("POST", "/api/v1/events", event), "xzepr/events:write");
        respond(&create_event.api(), ordinary).await;
        assert!(!stored(&create_event)[6].is_override);
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
    async fn a_cloud_event_with_the_source_and_id_of_another_is_refused() {
        let create_event = CreateEvent::new(Store::with_schema("true"));
        let post = async |data: &str| {
            let body = format!(
                r#"{{"specversion":"1.0","id":"1","source":"/ci","type":"n","receiverid":"{RECEIVER}","version":"1",
                    "release":"r","platformid":"p","package":"k","description":"d","data":{data}}}"#
            );
            let mut request = request("POST", "/api/v1/events", body);
            let content_type = "application/cloudevents+json".parse().unwrap();
            request.headers_mut().insert("content-type", content_type);
            respond(&create_event.api(), request).await
        };
        let first = post("1").await;
        assert!(first.starts_with("200 OK"), "{first}");
        assert_eq!(post("1").await, first);
        assert_snapshot!(post("2").await, @r#"
        422 Unprocessable Entity
        content-type: application/json
        x-request-id: REQUEST

        {"error":"idempotency_key_reused","message":"A CloudEvent with this source and id had another content before: a new event takes a new id.","errors":["A CloudEvent with this source and id had another content before: a new event takes a new id."]}
        "#);
        assert_eq!(stored(&create_event).len(), 1);
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

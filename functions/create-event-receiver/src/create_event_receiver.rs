//! From the body of a POST to a stored event receiver.

use std::fmt::Display;

use xzepr_domain::{Event, EventId, EventReceiverRequest, ReceiverId};
use xzepr_http::{Api, Command, HttpError, Stored, Success, routes};

use crate::store::DeclareReceivers;

pub(crate) struct CreateEventReceiver<S> {
    store: S,
}

impl<S: DeclareReceivers> CreateEventReceiver<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api::new().endpoint(routes::CREATE_EVENT_RECEIVER, |command| self.create(command))
    }

    async fn create(&self, command: Command) -> Result<Success<String>, HttpError> {
        let Command { body, idempotency, created_by, traceparent } = command;
        let idempotency = idempotency.as_ref();
        if let Some(id) = self.store.find_first_response(idempotency).await? {
            Stored { is_repeated: true, receiver: Some(&id), ..Stored::default() }.log();
            return Ok(Success::ok(id));
        }
        let receiver = EventReceiverRequest::parse(&body)?.accept(ReceiverId::generate())?;
        let mut created = Event::receiver_created(&receiver, EventId::generate());
        created.attributes.traceparent = traceparent;
        let id = self.store.declare(&receiver, &created, idempotency, created_by.as_ref()).await?;
        let is_repeated = id != receiver.id.to_string();
        let event = (!is_repeated).then_some(&created.id as &dyn Display);
        Stored { is_repeated, event, receiver: Some(&id), ..Stored::default() }.log();
        Ok(Success::ok(id))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use insta::assert_snapshot;
    use xzepr_domain::{CreatedBy, EventReceiver, Idempotency};
    use xzepr_http::testing::{request, respond, sent_by, with_key};
    use xzepr_store::StoreError;

    use super::*;

    const PATH: &str = "/api/v1/event-receivers";
    const BODY: &str =
        r#"{"name":"n","type":"t","version":"1","description":"d","schema":{"type":"object"}}"#;

    /// A table in memory.
    #[derive(Default)]
    struct Store {
        /// The id in the first response to every key.
        first_response: Option<&'static str>,
        is_unavailable: bool,
        declared: Mutex<Vec<(EventReceiver, Event)>>,
        sender: Mutex<Option<CreatedBy>>,
    }

    impl DeclareReceivers for Store {
        async fn find_first_response(
            &self,
            idempotency: Option<&Idempotency>,
        ) -> Result<Option<String>, StoreError> {
            Ok(self.first_response.filter(|_| idempotency.is_some()).map(str::to_owned))
        }

        async fn declare(
            &self,
            receiver: &EventReceiver,
            created: &Event,
            _: Option<&Idempotency>,
            created_by: Option<&CreatedBy>,
        ) -> Result<String, StoreError> {
            if self.is_unavailable {
                return Err(StoreError::Unavailable("ThrottlingException".to_owned()));
            }
            let mut declared = self.declared.lock().unwrap();
            let equal = declared.iter().find(|(other, _)| other.identity() == receiver.identity());
            if let Some((equal, _)) = equal {
                return Ok(equal.id.to_string());
            }
            declared.push((receiver.clone(), created.clone()));
            *self.sender.lock().unwrap() = created_by.cloned();
            Ok(receiver.id.to_string())
        }
    }

    async fn post(function: &CreateEventReceiver<Store>, path: &str, body: &str) -> String {
        respond(&function.api(), request("POST", path, body)).await
    }

    #[tokio::test]
    async fn a_receiver_is_stored_with_its_created_event() {
        let function = CreateEventReceiver::new(Store::default());
        let response = post(&function, PATH, BODY).await;
        let declared = function.store.declared.lock().unwrap();
        let [(receiver, created)] = &declared[..] else { panic!("one receiver") };
        assert_eq!(created.event_receiver_id, receiver.id);
        assert_eq!(created.name.to_string(), "xzepr.event.receiver.created");
        assert_snapshot!(response.replace(&receiver.id.to_string(), "ID"), @r#"
            200 OK
            content-type: application/json
            x-request-id: REQUEST

            {"data":"ID"}
        "#);
    }

    #[tokio::test]
    async fn a_receiver_is_stored_with_its_sender_and_its_trace() {
        let (arn, trace) =
            ("arn:aws:iam::1:user/alice", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let function = CreateEventReceiver::new(Store::default());
        let mut request = sent_by(request("POST", PATH, BODY), arn);
        request.headers_mut().insert("traceparent", trace.parse().unwrap());
        respond(&function.api(), request).await;
        assert_eq!(function.store.sender.lock().unwrap().as_deref(), Some(arn));
        let (_, created) = &function.store.declared.lock().unwrap()[0];
        assert_eq!(created.attributes.traceparent.as_deref(), Some(trace));
    }

    #[tokio::test]
    async fn an_equal_receiver_gets_the_same_id_on_either_path() {
        let function = CreateEventReceiver::new(Store::default());
        assert_eq!(post(&function, PATH, BODY).await, post(&function, "/api/v1/receivers/", BODY).await);
        assert_eq!(function.store.declared.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_receiver_with_errors_is_refused() {
        let function = CreateEventReceiver::new(Store::default());
        assert_snapshot!(post(&function, PATH, r#"{"name":"n","schema":{"type":12}}"#).await, @r#"
            400 Bad Request
            content-type: application/json
            x-request-id: REQUEST

            {"error":"invalid_field","message":"The body has 4 faults, the first: type: is required.","field":"type","errors":["type: is required","version: is required","description: is required","schema: does not compile: must be a type's name or an array of different ones (at /type)"]}
        "#);
        assert!(function.store.declared.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_same_key_gets_the_first_response_and_stores_nothing() {
        let store = Store { first_response: Some("01HJ1K2M3N4P5Q6R7S8T9V0W1X"), ..Store::default() };
        let function = CreateEventReceiver::new(store);
        let response = respond(&function.api(), with_key(request("POST", PATH, BODY), "key")).await;
        assert!(response.ends_with(r#"{"data":"01HJ1K2M3N4P5Q6R7S8T9V0W1X"}"#), "{response}");
        assert!(function.store.declared.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_unavailable_table_is_503() {
        let function = CreateEventReceiver::new(Store { is_unavailable: true, ..Store::default() });
        assert_snapshot!(post(&function, PATH, BODY).await, @r#"
            503 Service Unavailable
            content-type: application/json
            retry-after: 1
            x-request-id: REQUEST

            {"error":"unavailable","message":"The registry is not available at the moment; send the request again.","errors":["The registry is not available at the moment; send the request again."]}
        "#);
    }
}

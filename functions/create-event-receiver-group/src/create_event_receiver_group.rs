//! From the body of a POST to a stored event receiver group.

use std::fmt::Display;

use xzepr_domain::{Event, EventId, EventReceiverGroupRequest, GroupId};
use xzepr_http::{Api, Command, HttpError, Stored, Success, routes};

use crate::store::StoreGroups;

pub(crate) struct CreateEventReceiverGroup<S> {
    store: S,
}

impl<S: StoreGroups> CreateEventReceiverGroup<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api::new().endpoint(routes::CREATE_EVENT_RECEIVER_GROUP, |command| self.create(command))
    }

    async fn create(&self, command: Command) -> Result<Success<String>, HttpError> {
        let Command { body, idempotency, created_by, traceparent } = command;
        let idempotency = idempotency.as_ref();
        if let Some(id) = self.store.find_first_response(idempotency).await? {
            Stored { is_repeated: true, group: Some(&id), ..Stored::default() }.log();
            return Ok(Success::ok(id));
        }
        let request = EventReceiverGroupRequest::parse(&body)?;
        let existing = self.store.find_existing(request.event_receiver_ids()).await?;
        let group = request.accept(&existing, GroupId::generate())?;
        let mut created = Event::group_created(&group, EventId::generate());
        created.attributes.traceparent = traceparent;
        let id = self.store.store_group(&group, &created, idempotency, created_by.as_ref()).await?;
        let is_repeated = id != group.id.to_string();
        let event = (!is_repeated).then_some(&created.id as &dyn Display);
        Stored { is_repeated, event, group: Some(&id), ..Stored::default() }.log();
        Ok(Success::ok(id))
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Mutex};

    use insta::assert_snapshot;
    use xzepr_domain::{CreatedBy, EventReceiverGroup, Idempotency, ReceiverId};
    use xzepr_http::testing::{request, respond, sent_by, with_key};
    use xzepr_store::StoreError;

    use super::*;

    const PATH: &str = "/api/v1/event-receiver-groups";
    const RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

    /// A table in memory.
    #[derive(Default)]
    struct Store {
        receivers: HashSet<ReceiverId>,
        /// The id in the first response to every key.
        first_response: Option<&'static str>,
        is_unavailable: bool,
        stored: Mutex<Vec<(EventReceiverGroup, Event)>>,
        sender: Mutex<Option<CreatedBy>>,
    }

    impl Store {
        fn with_receiver() -> Self {
            Self { receivers: [RECEIVER.parse().unwrap()].into(), ..Self::default() }
        }
    }

    impl StoreGroups for Store {
        async fn find_first_response(
            &self,
            idempotency: Option<&Idempotency>,
        ) -> Result<Option<String>, StoreError> {
            Ok(self.first_response.filter(|_| idempotency.is_some()).map(str::to_owned))
        }

        async fn find_existing(&self, receivers: &[ReceiverId]) -> Result<HashSet<ReceiverId>, StoreError> {
            if self.is_unavailable {
                return Err(StoreError::Unavailable("ThrottlingException".to_owned()));
            }
            Ok(receivers.iter().filter(|receiver| self.receivers.contains(receiver)).copied().collect())
        }

        async fn store_group(
            &self,
            group: &EventReceiverGroup,
            created: &Event,
            _: Option<&Idempotency>,
            created_by: Option<&CreatedBy>,
        ) -> Result<String, StoreError> {
            self.stored.lock().unwrap().push((group.clone(), created.clone()));
            *self.sender.lock().unwrap() = created_by.cloned();
            Ok(group.id.to_string())
        }
    }

    fn body(receivers: &str) -> String {
        format!(
            r#"{{"name":"n","type":"t","version":"1","description":"d","event_receiver_ids":[{receivers}]}}"#
        )
    }

    async fn post(function: &CreateEventReceiverGroup<Store>, path: &str, body: String) -> String {
        respond(&function.api(), request("POST", path, body)).await
    }

    #[tokio::test]
    async fn a_group_is_stored_with_its_created_event() {
        for path in [PATH, "/api/v1/groups"] {
            let function = CreateEventReceiverGroup::new(Store::with_receiver());
            let response = post(&function, path, body(&format!("\"{RECEIVER}\""))).await;
            let stored = function.store.stored.lock().unwrap();
            let [(group, created)] = &stored[..] else { panic!("one group") };
            assert_eq!(created.name.to_string(), "xzepr.event.receiver.group.created");
            assert_eq!(group.event_receiver_ids, [RECEIVER.parse().unwrap()]);
            insta::allow_duplicates! {
                assert_snapshot!(response.replace(&group.id.to_string(), "ID"), @r#"
                    200 OK
                    content-type: application/json
                    x-request-id: REQUEST

                    {"data":"ID"}
                "#);
            }
        }
    }

    #[tokio::test]
    async fn a_group_is_stored_with_its_sender_and_its_trace() {
        let (arn, trace) =
            ("arn:aws:iam::1:user/alice", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let function = CreateEventReceiverGroup::new(Store::default());
        let mut request = sent_by(request("POST", PATH, body("")), arn);
        request.headers_mut().insert("traceparent", trace.parse().unwrap());
        respond(&function.api(), request).await;
        assert_eq!(function.store.sender.lock().unwrap().as_deref(), Some(arn));
        let (_, created) = &function.store.stored.lock().unwrap()[0];
        assert_eq!(created.attributes.traceparent.as_deref(), Some(trace));
    }

    #[tokio::test]
    async fn every_receiver_that_does_not_exist_is_named() {
        let function = CreateEventReceiverGroup::new(Store::with_receiver());
        let receivers = format!(r#""{RECEIVER}","01HJ1K2M3N4P5Q6R7S8T9V0W1Y","01HJ1K2M3N4P5Q6R7S8T9V0W1Z""#);
        assert_snapshot!(post(&function, PATH, body(&receivers)).await, @r#"
            400 Bad Request
            content-type: application/json
            x-request-id: REQUEST

            {"error":"unknown_receiver","message":"The body has 2 faults, the first: event_receiver_ids: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1Y.","field":"event_receiver_ids","errors":["event_receiver_ids: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1Y","event_receiver_ids: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1Z"]}
        "#);
        assert!(function.store.stored.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_same_key_gets_the_first_response_and_stores_nothing() {
        let function =
            CreateEventReceiverGroup::new(Store { first_response: Some(RECEIVER), ..Store::default() });
        let response = respond(&function.api(), with_key(request("POST", PATH, body("")), "key")).await;
        assert!(response.ends_with(&format!("{{\"data\":\"{RECEIVER}\"}}")), "{response}");
        assert!(function.store.stored.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_unavailable_table_is_503() {
        let function = CreateEventReceiverGroup::new(Store { is_unavailable: true, ..Store::default() });
        assert_snapshot!(post(&function, PATH, body("")).await, @r#"
            503 Service Unavailable
            content-type: application/json
            retry-after: 1
            x-request-id: REQUEST

            {"error":"unavailable","message":"The registry is not available at the moment; send the request again.","errors":["The registry is not available at the moment; send the request again."]}
        "#);
    }
}

//! From the body of a POST to a stored event receiver group.

use xzepr_domain::{Event, EventId, EventReceiverGroupRequest, GroupId};
use xzepr_http::{Api, Command, HttpError, Success, routes};

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

    async fn create(&self, Command { body, idempotency }: Command) -> Result<Success<String>, HttpError> {
        let idempotency = idempotency.as_ref();
        if let Some(id) = self.store.find_first_response(idempotency).await? {
            return Ok(Success::ok(id));
        }
        let request = EventReceiverGroupRequest::parse(&body)?;
        let existing = self.store.find_existing(request.event_receiver_ids()).await?;
        let group = request.accept(&existing, GroupId::generate())?;
        let created = Event::group_created(&group, EventId::generate());
        Ok(Success::ok(self.store.store_group(&group, &created, idempotency).await?))
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Mutex};

    use insta::assert_snapshot;
    use xzepr_domain::{EventReceiverGroup, Idempotency, ReceiverId};
    use xzepr_http::testing::{request, respond, with_key};
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
        ) -> Result<String, StoreError> {
            self.stored.lock().unwrap().push((group.clone(), created.clone()));
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

//! Starts replays, returns their progress, and cancels them.

use xzepr_domain::{Replay, ReplayId};
use xzepr_http::{Api, HttpError, Query, Sent, Success, routes};
use xzepr_lambda::InvokeWorker;
use xzepr_store::{CancelOutcome, StartOutcome};

use crate::{parameters, report::Report, store::StoreReplays};

pub(crate) struct ManageReplays<S, W> {
    store: S,
    worker: W,
}

impl<S: StoreReplays, W: InvokeWorker> ManageReplays<S, W> {
    pub(crate) fn new(store: S, worker: W) -> Self {
        Self { store, worker }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        Api::new()
            .endpoint(routes::START_REPLAY, |sent| self.start(sent))
            .endpoint(routes::GET_REPLAY, |id| self.get(id))
            .endpoint(routes::CANCEL_REPLAY, |sent| self.cancel(sent))
    }

    async fn start(
        &self,
        Sent { by, input: Query(query) }: Sent<Query>,
    ) -> Result<Success<String>, HttpError> {
        let replay = Replay { created_by: by, ..parameters::read(&query)? };
        match self.store.start(&replay).await? {
            StartOutcome::Started => {
                let id = replay.id.to_string();
                tracing::info!(replay = id, caller = replay.created_by.as_deref(), "a replay starts");
                self.worker.invoke(&id).await;
                Ok(Success::accepted(id))
            }
            StartOutcome::TooMany => Err(HttpError::TooManyReplays),
            StartOutcome::AlreadyRunning(id) => Err(HttpError::ReplayIsRunning(id)),
        }
    }

    async fn get(&self, id: ReplayId) -> Result<Success<Report>, HttpError> {
        let replay = self.store.find(id).await?.ok_or(HttpError::NotFound)?;
        Ok(Success::ok(Report::from(&replay)))
    }

    async fn cancel(&self, Sent { by, input: id }: Sent<ReplayId>) -> Result<Success<String>, HttpError> {
        let text = id.to_string();
        match self.store.cancel(id).await? {
            CancelOutcome::Cancelled => {
                tracing::info!(replay = text, caller = by.as_deref(), "a replay is cancelled");
                Ok(Success::ok(text))
            }
            CancelOutcome::AlreadyEnded => Err(HttpError::ReplayHasEnded(text)),
            CancelOutcome::Unknown => Err(HttpError::NotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use insta::assert_snapshot;
    use xzepr_http::testing::{request, respond, sent_by};
    use xzepr_store::StoreError;

    use super::*;

    const START: &str =
        "/api/v1/admin/replay-events?start=2024-01-15T10:30:00Z&end=2024-01-16T10:30:00Z&topic=t";
    const REPLAY: &str = "/api/v1/admin/replays/01HM6AQH200000000000000000";
    const OTHER: &str = "01HJ37820W5Q6R7S8T9V0W1X2Y";

    /// Replays in memory, and the ends that requests get.
    #[derive(Default)]
    struct Store {
        start: Option<StartOutcome>,
        cancel: Option<CancelOutcome>,
        replays: Mutex<Vec<Replay>>,
    }

    impl Store {
        fn that_starts(start: StartOutcome) -> Self {
            Self { start: Some(start), ..Self::default() }
        }

        fn that_cancels(cancel: CancelOutcome) -> Self {
            Self { cancel: Some(cancel), ..Self::default() }
        }
    }

    fn unavailable() -> StoreError {
        StoreError::Unavailable("ThrottlingException".to_owned())
    }

    impl StoreReplays for Store {
        async fn start(&self, replay: &Replay) -> Result<StartOutcome, StoreError> {
            let start = self.start.clone().ok_or_else(unavailable)?;
            if start == StartOutcome::Started {
                self.replays.lock().unwrap().push(replay.clone());
            }
            Ok(start)
        }

        async fn find(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
            Ok(self.replays.lock().unwrap().iter().find(|replay| replay.id == id).cloned())
        }

        async fn cancel(&self, _: ReplayId) -> Result<CancelOutcome, StoreError> {
            self.cancel.ok_or_else(unavailable)
        }
    }

    /// Records the ids of the replays that it is invoked for.
    #[derive(Default)]
    struct FakeWorker(Mutex<Vec<String>>);

    impl InvokeWorker for FakeWorker {
        async fn invoke(&self, replay: &str) {
            self.0.lock().unwrap().push(replay.to_owned());
        }
    }

    fn manage(store: Store) -> ManageReplays<Store, FakeWorker> {
        ManageReplays::new(store, FakeWorker::default())
    }

    async fn send(manage_replays: &ManageReplays<Store, FakeWorker>, method: &str, target: &str) -> String {
        respond(&manage_replays.api(), request(method, target, "")).await
    }

    #[tokio::test]
    async fn a_replay_is_stored_and_worked_on_at_once() {
        let manage_replays = manage(Store::that_starts(StartOutcome::Started));
        let response = send(&manage_replays, "POST", START).await;
        let replays = manage_replays.store.replays.lock().unwrap();
        let [replay] = &replays[..] else { panic!("one replay") };
        assert_eq!(replay.filter.topic.as_deref(), Some("t"));
        assert_eq!(*manage_replays.worker.0.lock().unwrap(), [replay.id.to_string()]);
        assert_snapshot!(response.replace(&replay.id.to_string(), "ID"), @r#"
            202 Accepted
            content-type: application/json
            x-request-id: REQUEST

            {"data":"ID"}
        "#);
    }

    #[tokio::test]
    async fn a_replay_names_who_started_it() {
        let arn = "arn:aws:sts::123456789012:assumed-role/operator/alice";
        let manage_replays = manage(Store::that_starts(StartOutcome::Started));
        respond(&manage_replays.api(), sent_by(request("POST", START, ""), arn)).await;
        let id = manage_replays.store.replays.lock().unwrap()[0].id;
        let response = send(&manage_replays, "GET", &format!("/api/v1/admin/replays/{id}")).await;
        assert!(response.contains(&format!(r#","created_by":"{arn}","#)), "{response}");
    }

    #[tokio::test]
    async fn a_replay_that_does_not_start_is_not_worked_on() {
        let mut responses = Vec::new();
        for start in [StartOutcome::TooMany, StartOutcome::AlreadyRunning(OTHER.to_owned())] {
            let manage_replays = manage(Store::that_starts(start));
            responses.push(send(&manage_replays, "POST", START).await);
            assert!(manage_replays.worker.0.lock().unwrap().is_empty());
        }
        assert_snapshot!(responses.join("\n\n"), @r#"
            409 Conflict
            content-type: application/json
            x-request-id: REQUEST

            {"error":"too_many_replays","message":"As many replays run as may run at once: wait for one, or cancel one.","errors":["As many replays run as may run at once: wait for one, or cancel one."]}

            409 Conflict
            content-type: application/json
            x-request-id: REQUEST

            {"error":"replay_running","message":"Replay 01HJ37820W5Q6R7S8T9V0W1X2Y of a part of this range is running: wait for it, or cancel it.","errors":["Replay 01HJ37820W5Q6R7S8T9V0W1X2Y of a part of this range is running: wait for it, or cancel it."],"data":"01HJ37820W5Q6R7S8T9V0W1X2Y"}
        "#);
    }

    #[tokio::test]
    async fn a_query_that_is_wrong_starts_nothing() {
        let manage_replays = manage(Store::that_starts(StartOutcome::Started));
        let response = send(&manage_replays, "POST", &format!("{START}&tpye=x")).await;
        assert_snapshot!(response, @r#"
            400 Bad Request
            content-type: application/json
            x-request-id: REQUEST

            {"error":"invalid_parameter","message":"The query string has a fault: tpye: does not exist; there are start, end, target, type, receiver, topic, dry_run.","field":"tpye","errors":["tpye: does not exist; there are start, end, target, type, receiver, topic, dry_run"]}
        "#);
        assert!(manage_replays.store.replays.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_progress_of_a_replay_is_returned() {
        let manage_replays = manage(Store::that_starts(StartOutcome::Started));
        send(&manage_replays, "POST", START).await;
        let id = manage_replays.store.replays.lock().unwrap()[0].id;
        let path = format!("/api/v1/admin/replays/{id}");
        let response = send(&manage_replays, "GET", &path).await;
        let response = response.replace(&id.to_string(), "ID").replace(&id.created_at(), "NOW");
        assert_snapshot!(response, @r#"
            200 OK
            content-type: application/json
            x-request-id: REQUEST

            {"data":{"id":"ID","state":"running","start":"2024-01-15T10:30:00Z","end":"2024-01-16T10:30:00Z","target":"kafka","type":null,"receiver":null,"topic":"t","dry_run":false,"started_at":"NOW","created_by":null,"position":null,"counts":{"read":0,"matched":0,"published":0,"indexed":0,"skipped":0,"unrouted":0,"dead_lettered":0,"failures":0,"foreign":0},"foreign":[],"errors":[]}}
        "#);
        let head = send(&manage_replays, "HEAD", &path).await;
        assert_snapshot!(head, @r"
            200 OK
            content-type: application/json
            x-request-id: REQUEST
        ");
    }

    #[tokio::test]
    async fn a_replay_that_runs_is_cancelled() {
        let response = send(&manage(Store::that_cancels(CancelOutcome::Cancelled)), "DELETE", REPLAY).await;
        assert_snapshot!(response, @r#"
            200 OK
            content-type: application/json
            x-request-id: REQUEST

            {"data":"01HM6AQH200000000000000000"}
        "#);
    }

    #[tokio::test]
    async fn a_replay_that_has_ended_is_not_cancelled() {
        let response =
            send(&manage(Store::that_cancels(CancelOutcome::AlreadyEnded)), "DELETE", REPLAY).await;
        assert_snapshot!(response, @r#"
            409 Conflict
            content-type: application/json
            x-request-id: REQUEST

            {"error":"replay_ended","message":"Replay 01HM6AQH200000000000000000 has ended.","errors":["Replay 01HM6AQH200000000000000000 has ended."],"data":"01HM6AQH200000000000000000"}
        "#);
    }

    #[tokio::test]
    async fn an_unknown_replay_is_not_found() {
        let manage_replays = manage(Store::that_cancels(CancelOutcome::Unknown));
        let mut responses = Vec::new();
        for (method, path) in [
            ("GET", REPLAY),
            ("DELETE", REPLAY),
            ("GET", "/api/v1/admin/replays/x"),
            ("PUT", "/api/v1/admin/replays/x"),
            ("GET", "/api/v1/admin/replays/"),
            ("GET", "/api/v1/admin/replays"),
        ] {
            responses.push(send(&manage_replays, method, path).await);
        }
        responses.dedup();
        assert_snapshot!(responses.join("\n\n"), @r#"
            404 Not Found
            content-type: application/json
            x-request-id: REQUEST

            {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
        "#);
    }

    #[tokio::test]
    async fn another_method_is_not_allowed() {
        let manage_replays = manage(Store::default());
        let responses =
            [send(&manage_replays, "POST", REPLAY).await, send(&manage_replays, "GET", START).await];
        assert_snapshot!(responses.join("\n\n"), @r#"
            405 Method Not Allowed
            content-type: application/json
            allow: GET, HEAD, DELETE
            x-request-id: REQUEST

            {"error":"method_not_allowed","message":"This path takes GET, HEAD, DELETE requests only.","errors":["This path takes GET, HEAD, DELETE requests only."]}

            405 Method Not Allowed
            content-type: application/json
            allow: POST
            x-request-id: REQUEST

            {"error":"method_not_allowed","message":"This path takes POST requests only.","errors":["This path takes POST requests only."]}
        "#);
    }

    #[tokio::test]
    async fn an_unavailable_table_is_503() {
        let manage_replays = manage(Store::default());
        let mut responses =
            vec![send(&manage_replays, "POST", START).await, send(&manage_replays, "DELETE", REPLAY).await];
        responses.dedup();
        assert_snapshot!(responses.join("\n\n"), @r#"
            503 Service Unavailable
            content-type: application/json
            retry-after: 1
            x-request-id: REQUEST

            {"error":"unavailable","message":"The registry is not available at the moment; send the request again.","errors":["The registry is not available at the moment; send the request again."]}
        "#);
    }
}

//! The progress of a replay, as a caller reads it.

use serde::Serialize;
use xzepr_domain::{EventId, Position, Replay, ReplayCounts, ReplayState, ReplayTarget};

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    id: String,
    state: ReplayState,
    start: String,
    end: String,
    target: ReplayTarget,
    r#type: Option<String>,
    receiver: Option<String>,
    topic: Option<String>,
    dry_run: bool,
    started_at: String,
    /// Who started it.
    created_by: Option<String>,
    /// The time up to which all events are done.
    position: Option<String>,
    counts: ReplayCounts,
    /// The keys of the first items that are no events.
    foreign: Vec<String>,
    /// The error that ended the last attempt, if one did.
    errors: Vec<String>,
}

impl From<&Replay> for Report {
    fn from(replay: &Replay) -> Self {
        let (start, end) = replay.range.to_texts();
        Self {
            id: replay.id.to_string(),
            state: replay.state,
            start,
            end,
            target: replay.target,
            r#type: replay.filter.r#type.clone(),
            receiver: replay.filter.receiver.map(|receiver| receiver.to_string()),
            topic: replay.filter.topic.clone(),
            dry_run: replay.dry_run,
            started_at: replay.id.created_at(),
            created_by: replay.created_by.as_ref().map(ToString::to_string),
            position: replay.position.as_ref().and_then(Position::last_id).map(EventId::created_at),
            counts: replay.counts,
            foreign: replay.foreign.clone(),
            errors: replay.last_error.iter().cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use xzepr_domain::{CreatedBy, ReplayFilter, ReplayId, TimeRange};
    use xzepr_http::{
        Api, Success, routes,
        testing::{request, respond},
    };

    use super::*;

    async fn body(replay: &Replay) -> String {
        let get = async |_: ReplayId| Ok(Success::ok(Report::from(replay)));
        let api = Api::new().endpoint(routes::GET_REPLAY, get);
        let response =
            respond(&api, request("GET", &format!("/api/v1/admin/replays/{}", replay.id), "")).await;
        response.rsplit('\n').next().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_replay_is_reported_whole() {
        let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-16T10:30:00+02:00").unwrap();
        let mut replay = Replay::new(range, ReplayFilter::default(), false);
        replay.id = "01HM6AQH200000000000000000".parse().unwrap();
        assert_snapshot!(body(&replay).await, @r#"{"data":{"id":"01HM6AQH200000000000000000","state":"running","start":"2024-01-15T10:30:00Z","end":"2024-01-16T08:30:00Z","target":"kafka","type":null,"receiver":null,"topic":null,"dry_run":false,"started_at":"2024-01-15T10:30:00Z","created_by":null,"position":null,"counts":{"read":0,"matched":0,"published":0,"indexed":0,"skipped":0,"unrouted":0,"dead_lettered":0,"failures":0,"foreign":0},"foreign":[],"errors":[]}}"#);
        replay.filter = ReplayFilter {
            r#type: Some("com.example.build".to_owned()),
            receiver: Some("01HJ1K2M3N4P5Q6R7S8T9V0W1X".parse().unwrap()),
            topic: Some("xzepr.dev.events".to_owned()),
        };
        replay.dry_run = true;
        replay.target = ReplayTarget::Index;
        replay.created_by = Some(CreatedBy::subject("https://idp.example.com", Some("alice")));
        replay.state = ReplayState::Done;
        replay.position = Some(Position::of("01HM6AQH2G0000000000000000"));
        replay.counts = ReplayCounts {
            read: 6,
            matched: 5,
            published: 4,
            indexed: 9,
            skipped: 7,
            unrouted: 8,
            dead_lettered: 3,
            failures: 2,
            foreign: 1,
        };
        replay.foreign = vec!["EVENT#2024-01-15#0 / x".to_owned()];
        replay.last_error = Some("Kafka is unavailable".to_owned());
        assert_snapshot!(body(&replay).await, @r#"{"data":{"id":"01HM6AQH200000000000000000","state":"done","start":"2024-01-15T10:30:00Z","end":"2024-01-16T08:30:00Z","target":"index","type":"com.example.build","receiver":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","topic":"xzepr.dev.events","dry_run":true,"started_at":"2024-01-15T10:30:00Z","created_by":"https://idp.example.com alice","position":"2024-01-15T10:30:00.016Z","counts":{"read":6,"matched":5,"published":4,"indexed":9,"skipped":7,"unrouted":8,"dead_lettered":3,"failures":2,"foreign":1},"foreign":["EVENT#2024-01-15#0 / x"],"errors":["Kafka is unavailable"]}}"#);
    }
}

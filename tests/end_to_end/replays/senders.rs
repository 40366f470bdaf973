//! Who starts and who cancels a replay.

use end_to_end::{System, gateway_request};
use serde_json::{Value, json};

use super::{START, ended, path, since_yesterday};

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_names_who_started_it_and_the_log_also_names_who_cancelled_it() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    system.await_messages(&system.create_events(&receiver, 1).await).await;
    let range = since_yesterday(&system).await;
    let arn = |session: &str| format!("arn:aws:sts::123456789012:assumed-role/operator/{session}");
    let by = |session: &str| json!({"iam": {"userArn": arn(session)}});
    // While Kafka is unavailable, a replay runs.
    system.stack.kafka.down().await.unwrap();
    let start = gateway_request("POST", &format!("{START}?{range}"), &Value::Null, &by("alice"));
    let id = system.data_for("manage-replays", &start).await;
    let cancel = gateway_request("DELETE", &path(&id), &Value::Null, &by("bob"));
    assert_eq!(system.data_for("manage-replays", &cancel).await, id);
    system.stack.kafka.up().await.unwrap();

    // Its last checkpoint and its end write the whole item again.
    let report = ended(&system, &id).await;
    assert_eq!(report.body["data"]["created_by"], arn("alice"), "{report}");
    let log = system.log("manage-replays");
    for (session, message) in [("alice", "a replay starts"), ("bob", "a replay is cancelled")] {
        let has_all = |line: &str| [&*arn(session), message, &id].iter().all(|part| line.contains(part));
        assert!(log.lines().any(has_all), "{log}");
    }
}

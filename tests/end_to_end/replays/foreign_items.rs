//! Items under the keys of events that no function of this project wrote.

use end_to_end::{EventItem, System};
use serde_json::json;

use super::replay;

const PARTITION: &str = "EVENT#2024-01-15#Z";
const ANOTHER_PARTITION: &str = "EVENT#2024-01-15#0";

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_no_event_is_named_and_hides_no_other() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let put = async |partition: &str, sort: &str| {
        let item = EventItem::new("01HM6AQH200000000000000000").with("event_receiver_id", &receiver);
        system.put(item.with("name", "build").at(partition, sort)).await;
    };
    // All lie in one partition key, which is read 64 items at a time. The last item of the first read is foreign.
    let ids: Vec<_> = (0..100).map(|number| format!("01HM6AQH20000000000000{number:03}Z")).collect();
    for id in &ids {
        put(PARTITION, id).await;
    }
    let copy = format!("{}-copy", ids[62]);
    put(PARTITION, &copy).await;
    // A run of foreign items fills a read by itself, and one item has a key of another partition.
    for number in 0..70 {
        put(PARTITION, &format!("{}-{number:03}", ids[80])).await;
    }
    let elsewhere = format!("{}Y", &ids[90][..25]);
    put(PARTITION, &elsewhere).await;
    // The twin of an event has its sort key, in another partition.
    put(ANOTHER_PARTITION, &ids[10]).await;
    let twin = format!("{ANOTHER_PARTITION} {}", ids[10]);
    let range = "start=2024-01-15T00:00:00Z&end=2024-01-16T00:00:00Z";

    let dry = replay(&system, &format!("{range}&dry_run=true&type=build")).await;
    assert_eq!(dry["counts"]["matched"], 100, "{dry}");
    assert_eq!((&dry["counts"]["read"], &dry["counts"]["foreign"]), (&json!(173), &json!(73)), "{dry}");
    let named: Vec<_> = dry["foreign"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    assert_eq!((named.len(), named[0]), (20, &*twin), "{dry}");

    let all = replay(&system, range).await;
    assert_eq!(
        all["counts"],
        json!({"read": 173, "matched": 173, "published": 100, "indexed": 0, "skipped": 0, "unrouted": 0, "dead_lettered": 73, "failures": 0, "foreign": 73})
    );
    let report = json!({"start": "2024-01-15T00:00:00Z", "end": "2024-01-16T00:00:00Z"});
    let report = system.invoke("reconcile-events", &report).await;
    assert_eq!((&report["accepted"], &report["foreign"]["count"]), (&json!(100), &json!(73)), "{report}");
    assert_eq!(report["foreign"]["keys"][0], twin, "{report}");
    assert_eq!(
        (&report["doubled"]["count"], &report["missing"]["count"]),
        (&json!(0), &json!(0)),
        "{report}"
    );
    let keys = report["foreign"]["keys"].as_array().unwrap();
    for key in [copy, elsewhere] {
        assert!(keys.contains(&json!(format!("{PARTITION} {key}"))), "{report}");
    }
}

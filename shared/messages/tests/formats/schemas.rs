//! A schema that accepts everything would prove nothing.

use xzepr_domain::{Event, JsonText};
use xzepr_fixtures::{event, receiver};
use xzepr_settings::Format;

use crate::message::Bench;

const CDEVENT: &str = r#"{
  "context": {"specversion": "0.5.1", "id": "1", "source": "/s", "type": "dev.cdevents.artifact.packaged.0.3.0",
    "timestamp": "2023-03-20T14:27:05Z"},
  "subject": {"id": "pkg:golang/example.com/myapp@234fd47e", "content": {}}
}"#;

#[test]
fn each_schema_refuses_a_message_without_a_member_or_with_another() {
    let event = Event { payload: JsonText::try_from(CDEVENT.to_owned()).unwrap(), ..event() };
    for format in Format::ALL {
        let bench = Bench::new(format);
        let message = bench.message(&event, &receiver());
        let names = bench.names(&message);
        assert!(names.len() >= 8, "{format}: {names:?}");
        for name in names {
            assert!(!bench.accepts_without(&message, &name), "{format}: {name}");
        }
        assert!(!bench.accepts_with(&message, "datacontent"), "{format}");
    }
}

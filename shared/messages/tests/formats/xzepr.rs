use proptest::prelude::*;
use xzepr_settings::Format;

use crate::{
    arbitrary::any_event,
    cases,
    message::{Bench, own_headers, source_of, take, take_members, take_text, value_of},
};

#[test]
fn an_event_reads_back_from_its_message() {
    let bench = Bench::new(Format::Xzepr);
    proptest!(cases(), |((event, receiver) in any_event())| {
        let message = bench.message(&event, &receiver);
        prop_assert_eq!(&message.headers, &own_headers(event.message_type(), &event));
        let mut value = value_of(&message);
        let mut data = take_members(&mut value, "data");
        let payload = take(&mut data, "payload");
        prop_assert_eq!(payload.get(), event.payload.as_str());
        prop_assert_eq!(take_text(&mut data, "created_at"), event.id.created_at());
        prop_assert_eq!(take_text(&mut data, "description"), &*event.description);
        let receiver = event.event_receiver_id.to_string();
        prop_assert_eq!(take_text(&mut data, "event_receiver_id"), receiver);
        prop_assert!(data.is_empty());

        let success = take(&mut value, "success");
        prop_assert_eq!(success.get(), event.success.to_string());
        for (name, text) in [
            ("id", &*event.id.to_string()),
            ("specversion", "1.0.1"),
            ("type", event.message_type()),
            ("source", &source_of(&event)),
            ("api_version", "v1"),
            ("name", &event.name),
            ("version", &event.version),
            ("release", &event.release),
            ("platform_id", &event.platform_id),
            ("package", &event.package),
        ] {
            prop_assert_eq!(take_text(&mut value, name), text);
        }
        let own = &event.attributes;
        for (name, text) in [
            ("time", own.time.as_deref()),
            ("subject", own.subject.as_deref()),
            ("dataschema", own.dataschema.as_deref()),
            ("datacontenttype", own.datacontenttype.as_deref()),
        ] {
            let member = value.contains_key(name).then(|| take_text(&mut value, name));
            prop_assert_eq!(member.as_deref(), text);
        }
        prop_assert!(value.is_empty(), "{value:?}");
    });
}

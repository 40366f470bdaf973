//! Event receiver groups. A group bundles receivers into a gate.

use std::collections::HashSet;

use chrono::{DateTime, SecondsFormat, Utc};
use xzepr_json::InvalidJson;

use crate::{
    fault::{FaultKind, Rejected},
    id::{GroupId, ReceiverId},
    request_reader::RequestReader,
    text::{Description, ShortText},
};

/// The maximum number of receivers of a group.
pub const MAX_EVENT_RECEIVER_IDS: usize = 500;

const EVENT_RECEIVER_IDS: &str = "event_receiver_ids";

/// An accepted event receiver group.
#[derive(Debug, Clone, PartialEq)]
pub struct EventReceiverGroup {
    /// Made when the request is accepted. It contains the time of creation.
    pub id: GroupId,
    /// The group's name.
    pub name: ShortText,
    /// The kind of gate.
    pub r#type: ShortText,
    /// The group's version.
    pub version: ShortText,
    /// A description of the gate, for people.
    pub description: Description,
    /// Whether the gate is in use.
    pub enabled: bool,
    /// Existing receivers without duplicates, in the caller's order.
    pub event_receiver_ids: Vec<ReceiverId>,
    /// Whether the gate is announced as complete again when an event is posted again, without a failure between.
    pub repeat: bool,
    /// Whether the end of a completion is announced.
    pub notify_incomplete: bool,
    /// When the group was enabled or disabled last. It is `None` if it never was since its creation.
    pub updated_at: Option<DateTime<Utc>>,
}

impl EventReceiverGroup {
    /// When the group was changed last, in RFC 3339 and UTC. A group that was never changed was changed last when it was
    /// created.
    pub fn updated_at(&self) -> String {
        let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        self.updated_at.map_or_else(|| self.id.created_at(), text)
    }
}

/// The body of a POST of an event receiver group, after it is read. To accept it, the receivers that exist are needed
/// too.
pub struct EventReceiverGroupRequest<'a> {
    reader: RequestReader<'a>,
    name: Option<ShortText>,
    r#type: Option<ShortText>,
    version: Option<ShortText>,
    description: Option<Description>,
    enabled: Option<bool>,
    event_receiver_ids: Vec<ReceiverId>,
    repeat: Option<bool>,
    notify_incomplete: Option<bool>,
}

impl<'a> EventReceiverGroupRequest<'a> {
    /// Reads a body. Fails only if the body is not one unambiguous JSON object. The faults of its members are kept
    /// for [`accept`](Self::accept).
    pub fn parse(body: &'a str) -> Result<Self, InvalidJson> {
        let mut reader = RequestReader::new(body)?;
        Ok(Self {
            name: reader.read_text("name"),
            r#type: reader.read_text("type"),
            version: reader.read_text("version"),
            description: reader.read_text("description"),
            event_receiver_ids: receiver_ids(&mut reader),
            enabled: reader.read_flag("enabled"),
            repeat: reader.read_flag("repeat"),
            notify_incomplete: reader.read_flag("notify_incomplete"),
            reader,
        })
    }

    /// The receivers that the group names, as far as their ids are valid.
    pub fn event_receiver_ids(&self) -> &[ReceiverId] {
        &self.event_receiver_ids
    }

    /// Accepts the group under `id` if it has no fault and all of its receivers are in `existing`.
    pub fn accept(
        mut self,
        existing: &HashSet<ReceiverId>,
        id: GroupId,
    ) -> Result<EventReceiverGroup, Rejected> {
        for receiver in self.event_receiver_ids.iter().filter(|id| !existing.contains(id)) {
            let problem = format!("names no event receiver: {receiver}");
            self.reader.faults.add(FaultKind::UnknownReceiver, EVENT_RECEIVER_IDS, problem);
        }
        self.reader.faults.finish(|| {
            Some(EventReceiverGroup {
                id,
                name: self.name?,
                r#type: self.r#type?,
                version: self.version?,
                description: self.description?,
                enabled: self.enabled?,
                event_receiver_ids: self.event_receiver_ids,
                repeat: self.repeat?,
                notify_incomplete: self.notify_incomplete?,
                updated_at: None,
            })
        })
    }
}

/// The valid ids without repetitions. Each other text becomes a fault.
fn receiver_ids(reader: &mut RequestReader<'_>) -> Vec<ReceiverId> {
    let texts = reader.read_texts(EVENT_RECEIVER_IDS).unwrap_or_default();
    if texts.len() > MAX_EVENT_RECEIVER_IDS {
        let problem = format!("must have at most {MAX_EVENT_RECEIVER_IDS} ids");
        reader.faults.add(FaultKind::InvalidField, EVENT_RECEIVER_IDS, problem);
        return Vec::new();
    }
    let mut ids = Vec::with_capacity(texts.len());
    let mut seen = HashSet::new();
    for (index, text) in texts.iter().enumerate() {
        let problem = match text.parse() {
            Ok(id) if seen.insert(id) => {
                ids.push(id);
                continue;
            }
            Ok(id) => format!("repeats {id}"),
            Err(invalid) => format!("{invalid}"),
        };
        reader.faults.add_at(FaultKind::InvalidField, EVENT_RECEIVER_IDS, format!("/{index}"), problem);
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1A";
    const B: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1B";

    fn accept(members: &str, existing: &[&str]) -> Result<EventReceiverGroup, Rejected> {
        let body = format!(r#"{{"name":"n","type":"t","version":"1","description":"d",{members}}}"#);
        let existing = existing.iter().map(|id| id.parse().unwrap()).collect();
        EventReceiverGroupRequest::parse(&body).unwrap().accept(&existing, GroupId::generate())
    }

    fn faults(members: &str) -> Vec<String> {
        let rejected = accept(members, &[A]).unwrap_err();
        rejected.faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_order_of_the_receivers_is_kept() {
        let group =
            accept(&format!(r#""event_receiver_ids":["{B}","{A}"],"enabled":true"#), &[A, B]).unwrap();
        let ids: Vec<_> = group.event_receiver_ids.iter().map(ToString::to_string).collect();
        assert_eq!(ids, [B, A]);
        assert!(group.enabled);
    }

    #[test]
    fn a_group_may_be_empty_and_is_disabled_by_default() {
        let group = accept(r#""event_receiver_ids":[]"#, &[]).unwrap();
        assert!(group.event_receiver_ids.is_empty() && !group.enabled);
    }

    #[test]
    fn each_wrong_id_is_named() {
        assert_eq!(
            faults(&format!(r#""event_receiver_ids":["{A}","x","{A}","{B}"]"#)),
            [
                "event_receiver_ids/1: must be a ULID (26 characters of Crockford's Base32)".to_owned(),
                format!("event_receiver_ids/2: repeats {A}"),
                format!("event_receiver_ids: names no event receiver: {B}"),
            ]
        );
        assert_eq!(
            faults(r#""event_receiver_ids":[1]"#),
            ["event_receiver_ids: must be an array of strings"]
        );
        assert_eq!(faults(r#""enabled":true"#), ["event_receiver_ids: is required"]);
    }

    #[test]
    fn a_group_names_at_most_500_receivers() {
        let ids = |count: usize| {
            let ids: Vec<_> = (0..count).map(|_| format!(r#""{}""#, ReceiverId::generate())).collect();
            format!(r#""event_receiver_ids":[{}]"#, ids.join(","))
        };
        assert_eq!(faults(&ids(501)), ["event_receiver_ids: must have at most 500 ids"]);
        assert_eq!(faults(&ids(500)).len(), 500);
    }
}

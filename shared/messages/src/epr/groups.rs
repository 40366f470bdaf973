//! Groups as EPR's REST API and its messages have them, read from the payloads that the registry writes.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use xzepr_domain::{Event, GroupId};

use crate::messages::NoMessage;

#[derive(Serialize)]
pub(super) struct GroupRecord {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) r#type: String,
    pub(super) version: String,
    description: String,
    enabled: bool,
    event_receiver_ids: Vec<String>,
    pub(super) created_at: String,
    updated_at: String,
}

/// The payload of the event of a created or modified group.
#[derive(Deserialize)]
struct Declared {
    #[serde(flatten)]
    group: Described,
    enabled: bool,
    receiver_ids: Vec<String>,
}

/// The members of a group that each of its payloads has.
#[derive(Deserialize)]
struct Described {
    group_id: String,
    name: String,
    r#type: String,
    version: String,
    description: String,
}

/// The payload of the event of a complete group.
#[derive(Deserialize)]
struct Complete {
    #[serde(flatten)]
    group: Described,
    events: Vec<Member>,
}

/// The payload of the event of a group that is no longer complete.
#[derive(Deserialize)]
struct Incomplete {
    #[serde(flatten)]
    group: Described,
    receiver_ids: Vec<String>,
}

/// A receiver of a gate. The members about its event are not EPR's.
#[derive(Deserialize)]
struct Member {
    event_receiver_id: String,
}

impl GroupRecord {
    /// The group whose creation the event reports. A group is never changed before its event, so it is as it was created.
    pub(super) fn created_by(event: &Event) -> Result<Self, NoMessage> {
        let Declared { group, enabled, receiver_ids } = read(event)?;
        Self::new(group, enabled, receiver_ids, None)
    }

    /// The group after the change that the event reports. The change was made at the time of the event.
    pub(super) fn modified_by(event: &Event) -> Result<Self, NoMessage> {
        let Declared { group, enabled, receiver_ids } = read(event)?;
        Self::new(group, enabled, receiver_ids, Some(event.id.created_at()))
    }

    /// The group that is complete. It is enabled, since no other group completes. The time of its last change is not in
    /// the event, so the time of its creation stands there, as in each of EPR's messages.
    pub(super) fn completed_by(event: &Event) -> Result<Self, NoMessage> {
        let Complete { group, events } = read(event)?;
        let receivers = events.into_iter().map(|member| member.event_receiver_id);
        Self::new(group, true, receivers.collect(), None)
    }

    /// The group that is no longer complete. It is enabled too.
    pub(super) fn broken_by(event: &Event) -> Result<Self, NoMessage> {
        let Incomplete { group, receiver_ids } = read(event)?;
        Self::new(group, true, receiver_ids, None)
    }

    fn new(
        group: Described,
        enabled: bool,
        event_receiver_ids: Vec<String>,
        updated_at: Option<String>,
    ) -> Result<Self, NoMessage> {
        let id: GroupId = group.group_id.parse().map_err(|_| NoMessage::InvalidSystemEvent)?;
        Ok(Self {
            id: id.to_string(),
            name: group.name,
            r#type: group.r#type,
            version: group.version,
            description: group.description,
            enabled,
            event_receiver_ids,
            created_at: id.created_at(),
            updated_at: updated_at.unwrap_or_else(|| id.created_at()),
        })
    }
}

fn read<T: DeserializeOwned>(event: &Event) -> Result<T, NoMessage> {
    serde_json::from_str(event.payload.as_str()).map_err(|_| NoMessage::InvalidSystemEvent)
}

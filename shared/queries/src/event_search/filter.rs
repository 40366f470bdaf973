//! The filter of a search.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use xzepr_domain::{EventSummary, IdRange, ReceiverId, ShortText};

/// The events that a search asks for: those that match every member that is set. All events match an empty filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventFilter {
    /// The name, letter by letter, as all texts of a filter.
    pub name: Option<ShortText>,
    /// The artifact's version.
    pub version: Option<ShortText>,
    /// The artifact's release.
    pub release: Option<ShortText>,
    /// The platform that the artifact is for.
    pub platform_id: Option<ShortText>,
    /// The artifact's package.
    pub package: Option<ShortText>,
    /// Whether the step succeeded.
    pub success: Option<bool>,
    /// The receiver, or the group whose gate the events are about.
    pub event_receiver_id: Option<ReceiverId>,
    /// The first time of creation.
    pub from: Option<DateTime<Utc>>,
    /// The first time of creation after those of the events.
    pub to: Option<DateTime<Utc>>,
}

impl EventFilter {
    /// The ids that the events can have. `None` if there are none.
    pub(crate) fn ids(&self) -> Option<IdRange> {
        IdRange::between(self.from, self.to)
    }

    /// Whether an event matches all members but the times.
    pub(crate) fn matches(&self, event: &EventSummary) -> bool {
        let is = |wanted: &Option<ShortText>, text| wanted.as_ref().is_none_or(|wanted| wanted == text);
        is(&self.name, &event.name)
            && is(&self.version, &event.version)
            && is(&self.release, &event.release)
            && is(&self.platform_id, &event.platform_id)
            && is(&self.package, &event.package)
            && self.success.is_none_or(|success| success == event.success)
            && self.event_receiver_id.is_none_or(|id| id == event.event_receiver_id)
    }

    /// How many members are set that an event must match, without the times.
    pub(crate) fn conditions(&self) -> usize {
        let texts = [&self.name, &self.version, &self.release, &self.platform_id, &self.package];
        texts.into_iter().flatten().count()
            + usize::from(self.success.is_some())
            + usize::from(self.event_receiver_id.is_some())
    }

    /// The first bytes of a SHA-256 over the members. Each has its length before it, so no two filters are hashed as the
    /// same bytes.
    pub(crate) fn digest(&self) -> [u8; 8] {
        let text = |text: &Option<ShortText>| text.as_ref().map(ToString::to_string);
        let time = |time: Option<DateTime<Utc>>| time.map(|time| time.to_rfc3339());
        let members = [
            text(&self.name),
            text(&self.version),
            text(&self.release),
            text(&self.platform_id),
            text(&self.package),
            self.success.map(|success| success.to_string()),
            self.event_receiver_id.map(|id| id.to_string()),
            time(self.from),
            time(self.to),
        ];
        let mut hash = Sha256::new();
        for member in members {
            match member {
                Some(member) => {
                    hash.update((member.len() as u64).to_be_bytes());
                    hash.update(member);
                }
                None => hash.update(u64::MAX.to_be_bytes()),
            }
        }
        let hash: [u8; 32] = hash.finalize().into();
        let mut digest = [0; 8];
        digest.copy_from_slice(&hash[..8]);
        digest
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use xzepr_fixtures::event;

    use super::*;

    fn text(text: &str) -> Option<ShortText> {
        Some(text.to_owned().try_into().unwrap())
    }

    #[test]
    fn filters_that_differ_in_one_member_have_different_digests() {
        let none = EventFilter::default();
        let now = Some(Utc::now());
        let filters = [
            none.clone(),
            EventFilter { name: text("a"), ..none.clone() },
            EventFilter { version: text("a"), ..none.clone() },
            EventFilter { release: text("a"), ..none.clone() },
            EventFilter { platform_id: text("a"), ..none.clone() },
            EventFilter { package: text("a"), ..none.clone() },
            EventFilter { package: text("b"), ..none.clone() },
            EventFilter { success: Some(true), ..none.clone() },
            EventFilter { success: Some(false), ..none.clone() },
            EventFilter { event_receiver_id: Some(event().event_receiver_id), ..none.clone() },
            EventFilter { from: now, ..none.clone() },
            EventFilter { to: now, ..none },
        ];
        let digests: HashSet<_> = filters.iter().map(EventFilter::digest).collect();
        assert_eq!(digests.len(), filters.len());
    }
}

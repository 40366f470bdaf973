//! The producer's clients. The codec and the size of batches are fixed for the life of a client, so messages that
//! differ in them go through different clients.
//!
//! Topics whose limit was learned share a client with small batches for each codec. So a topic with a small limit slows
//! no other topic, and there are at most two clients for a codec.

use futures_util::future::try_join_all;
use xzepr_messages::Message;
use xzepr_settings::{Compression, KafkaSettings};

use crate::{
    access_error::AccessError, config::Batching, session::Session, topic_limit::TopicLimits,
    undelivered::Undelivered,
};

/// The properties of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lane {
    compression: Compression,
    batching: Batching,
}

impl Lane {
    /// The lane of a message. The limits of all topics decide its batches, if its own topic's limit was learned.
    pub(super) fn of(topic: &str, compression: Compression, limits: &TopicLimits) -> Self {
        let batch_size = limits.of(topic).and_then(|_| limits.batch_size());
        Self { compression, batching: Batching::UpTo(batch_size) }
    }

    /// The lane of a message that must be alone in its batch.
    pub(super) fn alone(message: &Message) -> Self {
        Self { compression: message.compression, batching: Batching::OneRecord }
    }

    fn has_small_batches(self) -> bool {
        self.batching != Batching::UpTo(None)
    }

    /// Whether this lane is used instead of the other from now on: the lowest limit has changed.
    fn replaces(self, other: Self) -> bool {
        self != other
            && self.compression == other.compression
            && self.has_small_batches()
            && other.has_small_batches()
    }
}

/// The lanes of some messages, each once.
pub(super) fn distinct(lanes: impl Iterator<Item = Lane>) -> Vec<Lane> {
    lanes.fold(Vec::new(), |mut distinct, lane| {
        if !distinct.contains(&lane) {
            distinct.push(lane);
        }
        distinct
    })
}

/// The lanes that are open, each with its session.
#[derive(Default)]
pub(super) struct Lanes(Vec<(Lane, Session)>);

impl Lanes {
    /// Opens each lane that is not open, and renews the tokens, all at the same time. Closes the lanes that these
    /// replace.
    pub(super) async fn log_in(
        &mut self,
        lanes: &[Lane],
        settings: &KafkaSettings,
    ) -> Result<(), AccessError> {
        self.0.retain(|(open, _)| !lanes.iter().any(|lane| lane.replaces(*open)));
        let closed = lanes.iter().filter(|lane| self.session(**lane).is_none());
        let opened = closed.map(async |lane| {
            let session = Session::open(settings, lane.compression, lane.batching).await?;
            Ok::<_, AccessError>((*lane, session))
        });
        let opened = try_join_all(opened).await?;
        self.0.extend(opened);
        let used = self.0.iter_mut().filter(|(lane, _)| lanes.contains(lane));
        try_join_all(used.map(|(_, session)| session.renew_token(settings))).await?;
        Ok(())
    }

    /// The session of a lane, if it is open.
    pub(super) fn session(&self, lane: Lane) -> Option<&Session> {
        self.0.iter().find(|(open, _)| *open == lane).map(|(_, session)| session)
    }

    /// The open lanes.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Lane, &Session)> {
        self.0.iter().map(|(lane, session)| (*lane, session))
    }

    /// Closes the lanes whose client cannot be used any more.
    pub(super) fn close_failed(&mut self) {
        self.0.retain(|(_, session)| {
            let fatal = session.fatal_error();
            if let Some((code, reason)) = &fatal {
                tracing::error!("the Kafka client is replaced after a fatal error: {code}: {reason}");
            }
            fatal.is_none()
        });
    }

    /// Closes the lanes whose credentials have been rotated since, if the error is a refusal of credentials. Returns
    /// whether there were any.
    pub(super) async fn close_outdated(&mut self, error: &Undelivered, settings: &KafkaSettings) -> bool {
        if !error.is_refusal_of_credentials() {
            return false;
        }
        let mut outdated = Vec::new();
        for (lane, session) in &self.0 {
            if session.is_outdated(settings).await {
                outdated.push(*lane);
            }
        }
        self.0.retain(|(lane, _)| !outdated.contains(lane));
        let is_any_outdated = !outdated.is_empty();
        if is_any_outdated {
            tracing::info!("the credentials have changed: logging in again");
        }
        is_any_outdated
    }
}

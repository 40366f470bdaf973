//! Whether the producer can send: a session for each lane, and the topics.

use std::{collections::HashSet, sync::Arc};

use futures_util::{StreamExt, future::join_all, stream};
use xzepr_settings::{Compression, KafkaSettings};

use super::{
    Producer, TOPIC_TIMEOUT,
    known_topics::KnownTopics,
    lanes::{Lane, Lanes, distinct},
};
use crate::{
    leaders::connect_to_leaders,
    session::Session,
    topic_action::TopicAction,
    topic_creation::create,
    topic_limit::TopicLimits,
    topics::{Description, describe},
    undelivered::Undelivered,
};

/// How many topics are described at once. Each takes a thread for the time of the request.
const DESCRIBED_AT_ONCE: usize = 8;

/// A topic that messages go to, and their codec.
pub(super) type Destination<'a> = (&'a Arc<str>, Compression);

/// A topic that the cluster is asked about, and the session whose client sends to it.
type Question<'a> = (&'a Arc<str>, &'a Session);

impl Producer {
    /// Opens a session for each lane that has none, renews the tokens, and asks about each topic that is not known. Tries
    /// a second time where the brokers refuse credentials that have been rotated since. Afterwards each topic is known
    /// as ready or as refused. The error is one of the cluster, and so of all messages.
    pub(super) async fn ready(&mut self, destinations: &[Destination<'_>]) -> Result<(), Undelivered> {
        self.bound_memory();
        let Err(error) = self.try_ready(destinations).await else { return Ok(()) };
        if !self.lanes.close_outdated(&error, &self.settings).await {
            return Err(error);
        }
        self.try_ready(destinations).await
    }

    async fn try_ready(&mut self, destinations: &[Destination<'_>]) -> Result<(), Undelivered> {
        let Self { settings, lanes, topics, limits, .. } = self;
        let lane_of = |destination: &Destination<'_>| Lane::of(destination.0, destination.1, limits);
        lanes.log_in(&distinct(destinations.iter().map(lane_of)), settings).await?;
        let mut asked = HashSet::new();
        let mut questions: Vec<Question<'_>> = Vec::new();
        for destination @ (topic, _) in destinations {
            if !topics.is_known(topic) && asked.insert(topic) {
                let session = lanes.session(lane_of(destination)).ok_or(Undelivered::NotReady)?;
                questions.push((topic, session));
            }
        }
        let missing = describe_all(questions, topics, settings.create_topics).await?;
        create_all(&missing, topics, settings).await
    }

    /// Forgets all topics if they are too many. The clients are replaced, since each keeps every topic that it ever had.
    fn bound_memory(&mut self) {
        if self.topics.is_full() || self.limits.is_full() {
            self.topics = KnownTopics::default();
            self.limits = TopicLimits::default();
            self.lanes = Lanes::default();
        }
    }
}

/// Returns the topics that are missing and must be created. The others become known.
async fn describe_all<'a>(
    questions: Vec<Question<'a>>,
    topics: &mut KnownTopics,
    creates_topics: bool,
) -> Result<Vec<Question<'a>>, Undelivered> {
    for (_, session) in &questions {
        session.context().forget_fault();
    }
    let descriptions = questions.into_iter().map(async |(topic, session)| {
        let description = describe(session, topic, TOPIC_TIMEOUT).await;
        ((topic, session), description)
    });
    let mut descriptions = stream::iter(descriptions).buffered(DESCRIBED_AT_ONCE);
    let (mut missing, mut connections) = (Vec::new(), Vec::new());
    while let Some((question @ (topic, session), description)) = descriptions.next().await {
        match description? {
            Description::Usable(led_partitions) => {
                topics.set_ready(topic);
                if session.begins_to_connect() {
                    connections.push(connect_to_leaders(session, topic, led_partitions));
                }
            }
            Description::Missing if creates_topics => missing.push(question),
            Description::Missing => {
                topics.set_refused(topic, Undelivered::TopicMissing { topic: topic.to_string() });
            }
            Description::Refused(code) => {
                topics.set_refused(topic, Undelivered::topic_refused(topic, TopicAction::Describe, code));
            }
        }
    }
    join_all(connections).await;
    Ok(missing)
}

/// Creates topics, all in one request.
async fn create_all(
    missing: &[Question<'_>],
    topics: &mut KnownTopics,
    settings: &KafkaSettings,
) -> Result<(), Undelivered> {
    let Some((_, session)) = missing.first() else { return Ok(()) };
    let names: Vec<_> = missing.iter().map(|(topic, _)| *topic).collect();
    let results = create(session, &names, settings, TOPIC_TIMEOUT).await?;
    let mut created = Vec::new();
    for (question @ (topic, _), result) in missing.iter().zip(results) {
        match result {
            Ok(()) => {
                topics.set_ready(topic);
                created.push(*question);
            }
            Err(error) => topics.set_refused(topic, error),
        }
    }
    // Else librdkafka would notice a new topic only when it looks again, a second later.
    describe_created(&created).await;
    Ok(())
}

async fn describe_created(created: &[Question<'_>]) {
    let descriptions =
        created.iter().map(async |(topic, session)| describe(session, topic, TOPIC_TIMEOUT).await);
    stream::iter(descriptions).buffer_unordered(DESCRIBED_AT_ONCE).for_each(async |_| ()).await;
}

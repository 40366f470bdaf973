//! Whether the producer can send: a session with the cluster, and the topics.

use super::{Producer, TOPIC_TIMEOUT};
use crate::{
    access_error::AccessError, config::Batching, session::Session, topics::ensure_topic,
    undelivered::Undelivered,
};

impl Producer {
    /// Opens a session where there is none, renews its token, and makes sure that the default topic exists. Tries a
    /// second time where the brokers refuse credentials that have been rotated since.
    pub(super) async fn ready(&mut self) -> Result<&Session, Undelivered> {
        if let Err(error) = self.try_ready().await {
            if !self.drop_outdated_session(&error).await {
                return Err(error);
            }
            self.try_ready().await?;
        }
        self.session.as_ref().ok_or(Undelivered::NotReady)
    }

    async fn try_ready(&mut self) -> Result<(), Undelivered> {
        self.log_in().await?;
        if let (false, Some(session)) = (self.is_topic_ready, &self.session) {
            ensure_topic(session, &self.settings.default_topic, &self.settings, TOPIC_TIMEOUT).await?;
            self.is_topic_ready = true;
        }
        Ok(())
    }

    /// Opens a session where there is none, and renews its token.
    pub(super) async fn log_in(&mut self) -> Result<&Session, AccessError> {
        let batching = Batching::UpTo(self.limits.batch_size());
        let session = match &mut self.session {
            Some(session) => session,
            none => none.insert(Session::open(&self.settings, batching).await?),
        };
        session.renew_token(&self.settings).await?;
        Ok(session)
    }

    /// Drops the session if the error is a refusal of credentials that have been rotated since. Returns whether it did.
    pub(super) async fn drop_outdated_session(&mut self, error: &Undelivered) -> bool {
        let Some(session) = &self.session else { return false };
        let is_outdated = error.is_refusal_of_credentials() && session.is_outdated(&self.settings).await;
        if is_outdated {
            tracing::info!("the credentials have changed: logging in again");
            self.session = None;
        }
        is_outdated
    }
}

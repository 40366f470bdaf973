//! The ids of schemas, from memory or from the registry.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use xzepr_settings::SchemaRegistrySettings;

use crate::{
    AccessError, SchemaError,
    client::Client,
    ids::{Ids, State},
};

/// How long a failure is kept. The publisher tries again at once and for hours, so a registry that does not respond
/// would cost it a timeout each time.
const PAUSE: Duration = Duration::from_secs(5);

/// A schema registry, with the ids that it has given so far.
pub struct SchemaRegistry {
    client: Client,
    ids: Ids,
    /// The last failure that concerns every subject, and the time of the next request.
    away: Mutex<Option<(SchemaError, Instant)>>,
    /// Tests shorten it.
    pub(crate) pause: Duration,
}

impl SchemaRegistry {
    /// Reads the secret and the CA that the settings name. It sends no request to the registry.
    pub async fn connect(settings: &SchemaRegistrySettings) -> Result<Self, AccessError> {
        if settings.sends_password_in_clear() {
            tracing::warn!(
                "the schema registry's password is sent in clear text: use https in XZEPR_SCHEMA_REGISTRY_URL"
            );
        }
        Ok(Self {
            client: Client::new(settings).await?,
            ids: Ids::default(),
            away: Mutex::default(),
            pause: PAUSE,
        })
    }

    /// The id of a JSON Schema under a subject: known already, else looked up, else registered.
    ///
    /// It takes up to 6 s if the registry does not respond. After a failure, further calls return the same error for
    /// 5 s: those of this schema, or those of every unknown one if the registry is away.
    pub async fn id_of(&self, subject: &str, schema: &str) -> Result<u32, SchemaError> {
        let slot = self.ids.slot(subject, schema);
        let mut state = slot.lock().await;
        match &*state {
            State::Known(id) => return Ok(*id),
            State::Failed(error, until) if Instant::now() < *until => return Err(error.clone()),
            State::Failed(..) | State::Unknown => {}
        }
        self.check_pause()?;
        let failure = match self.client.id_of(subject, schema).await {
            Ok(id) => {
                *state = State::Known(id);
                return Ok(id);
            }
            Err(failure) => failure,
        };
        let (is_away, error) = (failure.concerns_every_subject(), failure.into_error(subject));
        let until = Instant::now() + self.pause;
        if is_away {
            *self.away.lock().unwrap_or_else(PoisonError::into_inner) = Some((error.clone(), until));
        } else {
            *state = State::Failed(error.clone(), until);
        }
        Err(error)
    }

    fn check_pause(&self) -> Result<(), SchemaError> {
        match &*self.away.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((error, until)) if Instant::now() < *until => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

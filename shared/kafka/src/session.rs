//! Access to the cluster, and the producer client that uses it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use rdkafka::{
    ClientConfig,
    admin::AdminClient,
    error::KafkaError,
    producer::{Producer as _, ThreadedProducer},
    types::RDKafkaErrorCode,
};
use tokio::time::timeout;
use xzepr_settings::{Compression, KafkaSettings, Tls};

use crate::{
    access_error::AccessError,
    certificates,
    config::{Batching, client_config, producer_config},
    connection_context::ConnectionContext,
    credentials::Credentials,
    fault::ConnectionFault,
    handshake::refusal_of_certificate,
    oauthbearer::{Token, new_token},
    reports::ProducingContext,
    undelivered::Undelivered,
};

/// How long a handshake that only explains a refusal may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(4);

/// The parts that clients are made of: properties, credentials, and the token if the mechanism has one.
pub(crate) struct Access {
    pub(crate) config: ClientConfig,
    pub(crate) context: ConnectionContext,
    credentials: Credentials,
    token: Option<Token>,
}

impl Access {
    /// Reads the secrets that the settings name and checks the certificates.
    pub(crate) async fn acquire(settings: &KafkaSettings) -> Result<Self, AccessError> {
        let credentials = Credentials::acquire(&settings.security).await?;
        certificates::check(&settings.security, credentials.certificate.as_ref())?;
        Ok(Self {
            config: client_config(settings, &credentials),
            context: ConnectionContext::new(credentials.secrets()),
            credentials,
            token: None,
        })
    }

    /// A new token, if the mechanism has one and the last one is not fresh.
    pub(crate) async fn fresh_token(
        &mut self,
        settings: &KafkaSettings,
        now: SystemTime,
    ) -> Result<Option<&Token>, AccessError> {
        if self.token.as_ref().is_some_and(|token| token.is_fresh(now)) {
            return Ok(None);
        }
        let Some(sasl) = &settings.security.sasl else { return Ok(None) };
        let Some(token) = new_token(sasl, self.credentials.login.as_ref()).await? else { return Ok(None) };
        if self.token.is_some() {
            self.context.expect_refusals_of_old_credentials();
        }
        Ok(Some(self.token.insert(token)))
    }
}

/// A producer client, with the thread that it calls its context in.
pub(crate) type Client = ThreadedProducer<ProducingContext>;

/// A producer client with its access.
pub(crate) struct Session {
    pub(crate) client: Arc<Client>,
    access: Access,
    tls: Option<Tls>,
    is_new: AtomicBool,
}

impl Session {
    /// Acquires access and creates the client, which connects in the background.
    pub(crate) async fn open(
        settings: &KafkaSettings,
        compression: Compression,
        batching: Batching,
    ) -> Result<Self, AccessError> {
        let access = Access::acquire(settings).await?;
        let client = producer_config(access.config.clone(), compression, batching)
            .create_with_context(ProducingContext::new(access.context.clone()))?;
        let tls = settings.security.tls.clone();
        Ok(Self { client: Arc::new(client), access, tls, is_new: AtomicBool::new(true) })
    }

    /// Notes that the client is being connected to leaders. Returns whether it was new.
    pub(crate) fn begins_to_connect(&self) -> bool {
        self.is_new.swap(false, Ordering::Relaxed)
    }

    /// The state of the client's connections.
    pub(crate) fn context(&self) -> &ConnectionContext {
        &self.access.context
    }

    /// The error after which the client cannot be used any more.
    pub(crate) fn fatal_error(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.client.client().fatal_error()
    }

    /// Whether Secrets Manager has other credentials now. `false` if it does not respond.
    pub(crate) async fn is_outdated(&self, settings: &KafkaSettings) -> bool {
        if !settings.security.reads_secrets() {
            return false;
        }
        match Credentials::acquire(&settings.security).await {
            Ok(current) => current.differ(&self.access.credentials),
            Err(error) => {
                tracing::error!("the broker refuses the credentials, and they cannot be read again: {error}");
                false
            }
        }
    }

    /// Sets a new token on the client, if the mechanism has one and the last one is not fresh.
    pub(crate) async fn renew_token(&mut self, settings: &KafkaSettings) -> Result<(), AccessError> {
        if let Some(token) = self.access.fresh_token(settings, SystemTime::now()).await? {
            token.set_on(self.client.client())?;
        }
        Ok(())
    }

    /// Why a request failed: the last connection's fault, else librdkafka's error.
    pub(crate) async fn explain(&self, error: KafkaError) -> Undelivered {
        self.last_fault().await.map_or(Undelivered::Unreachable(error), Undelivered::Connection)
    }

    /// Why the last connection failed, with OpenSSL's reason where a certificate was refused.
    pub(crate) async fn last_fault(&self) -> Option<ConnectionFault> {
        let mut fault = self.context().last_fault()?;
        let refused_by = fault.broker().filter(|_| fault.is_untrusted_certificate()).map(str::to_owned);
        if let (Some(broker), Some(tls)) = (refused_by, self.tls.clone()) {
            let handshake = tokio::task::spawn_blocking(move || refusal_of_certificate(&broker, &tls));
            if let Ok(Ok(Some(reason))) = timeout(HANDSHAKE_TIMEOUT, handshake).await {
                fault.reason = format!("{reason}: {}", fault.reason);
            }
        }
        Some(fault)
    }

    /// A client for requests about topics.
    pub(crate) fn admin(&self) -> Result<AdminClient<ConnectionContext>, AccessError> {
        let admin: AdminClient<ConnectionContext> =
            self.access.config.create_with_context(self.context().clone())?;
        if let Some(token) = &self.access.token {
            token.set_on(admin.inner())?;
        }
        Ok(admin)
    }
}

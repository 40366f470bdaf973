//! Access to the cluster, and the producer client that has it.

use std::time::SystemTime;

use rdkafka::{
    ClientConfig,
    admin::AdminClient,
    error::KafkaError,
    producer::{FutureProducer, Producer as _},
};
use xzepr_settings::{KafkaSettings, Tls};

use crate::{
    access_error::AccessError,
    certificates,
    config::{Batching, client_config, producer_config},
    connection_context::ConnectionContext,
    credentials::Credentials,
    fault::ConnectionFault,
    handshake::refusal_of_certificate,
    oauthbearer::{Token, new_token},
    undelivered::Undelivered,
};

/// What clients are made with: properties, credentials, and the token where the mechanism has one.
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

    /// A new token, where the mechanism has one and the last is not fresh.
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

/// A producer client that is let in.
pub(crate) struct Session {
    pub(crate) client: FutureProducer<ConnectionContext>,
    access: Access,
    tls: Option<Tls>,
}

impl Session {
    /// Acquires access and creates the client, which connects in the background.
    pub(crate) async fn open(settings: &KafkaSettings, batching: Batching) -> Result<Self, AccessError> {
        let access = Access::acquire(settings).await?;
        let client =
            producer_config(access.config.clone(), batching).create_with_context(access.context.clone())?;
        Ok(Self { client, access, tls: settings.security.tls.clone() })
    }

    /// What the client says of its connections.
    pub(crate) fn context(&self) -> &ConnectionContext {
        &self.access.context
    }

    /// Whether Secrets Manager has other credentials by now. One that does not answer counts as no.
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

    /// Hands the client a new token, where the mechanism has one and the last is not fresh.
    pub(crate) async fn renew_token(&mut self, settings: &KafkaSettings) -> Result<(), AccessError> {
        if let Some(token) = self.access.fresh_token(settings, SystemTime::now()).await? {
            token.hand_to(self.client.client())?;
        }
        Ok(())
    }

    /// What kept the client from an answer: the last connection that failed, else librdkafka's error.
    pub(crate) async fn explain(&self, error: KafkaError) -> Undelivered {
        self.last_fault().await.map_or(Undelivered::Unreachable(error), Undelivered::Connection)
    }

    /// Why the last connection failed, with OpenSSL's reason where a certificate was refused.
    pub(crate) async fn last_fault(&self) -> Option<ConnectionFault> {
        let mut fault = self.context().last_fault()?;
        let refused_by = fault.broker().filter(|_| fault.is_untrusted_certificate()).map(str::to_owned);
        if let (Some(broker), Some(tls)) = (refused_by, self.tls.clone()) {
            let ask = move || refusal_of_certificate(&broker, &tls);
            if let Ok(Some(reason)) = tokio::task::spawn_blocking(ask).await {
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
            token.hand_to(admin.inner())?;
        }
        Ok(admin)
    }
}

//! Requests to the registry.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Certificate, ClientBuilder, redirect};
use schema_registry_converter::{
    async_impl::schema_registry::{SrSettings, perform_sr_call},
    schema_registry_common::SrCall,
};
use xzepr_secrets::PasswordLogin;
use xzepr_settings::{ExposeSecret, Login, Pem, SchemaRegistrySettings};

use crate::{AccessError, failure::Failure, request_body::request_body};

/// A registry responds within milliseconds. An unknown schema needs two requests, and the publisher waits for both.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// RFC 3986's unreserved characters stay as they are. The crate encodes no character but the slash.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Sends requests to the registry.
pub(crate) struct Client {
    settings: SchemaRegistrySettings,
    access: RwLock<Access>,
}

#[derive(Clone)]
struct Access {
    login: Option<PasswordLogin>,
    client: SrSettings,
}

impl Client {
    pub(crate) async fn new(settings: &SchemaRegistrySettings) -> Result<Self, AccessError> {
        let login = match &settings.login {
            Some(login) => Some(PasswordLogin::acquire(login).await?),
            None => None,
        };
        let access = RwLock::new(Access::new(settings, login)?);
        Ok(Self { settings: settings.clone(), access })
    }

    /// The id of a schema under a subject. It is looked up first, since a registry in read-only mode refuses even a
    /// schema that it has.
    pub(crate) async fn id_of(&self, subject: &str, schema: &str) -> Result<u32, Failure> {
        let body = request_body(schema);
        let subject = utf8_percent_encode(subject, IN_PATH).to_string();
        match self.send(SrCall::PostForVersion(&subject, &body)).await {
            // A user may have the right to register without the right to read.
            Err(failure) if failure.is_absence() || failure.is_forbidden() => {
                self.send(SrCall::PostNew(&subject, &body)).await
            }
            found => found,
        }
    }

    /// Sends a request. If the registry refuses credentials from a secret, and the secret has others now, it is sent
    /// again with these.
    async fn send(&self, call: SrCall<'_>) -> Result<u32, Failure> {
        let access = self.access.read().unwrap_or_else(PoisonError::into_inner).clone();
        match access.send(call).await {
            Err(failure) if failure.is_refusal_of_credentials() => match self.renewed(access.login).await {
                Some(renewed) => renewed.send(call).await,
                None => Err(failure),
            },
            result => result,
        }
    }

    /// Access with the credentials that the secret has now, if they differ from the refused ones.
    async fn renewed(&self, refused: Option<PasswordLogin>) -> Option<Access> {
        let login = self.settings.login.as_ref().filter(|login| matches!(login, Login::Secret(_)))?;
        let (login, refused) = (PasswordLogin::acquire(login).await, refused?);
        let login = login.inspect_err(|error| {
            tracing::error!(
                "the schema registry refuses the credentials, and they cannot be read again: {error}"
            );
        });
        let login = login.ok().filter(|login| {
            login.username != refused.username
                || login.password.expose_secret() != refused.password.expose_secret()
        })?;
        let renewed = Access::new(&self.settings, Some(login)).ok()?;
        self.access.write().unwrap_or_else(PoisonError::into_inner).clone_from(&renewed);
        Some(renewed)
    }
}

impl Access {
    fn new(settings: &SchemaRegistrySettings, login: Option<PasswordLogin>) -> Result<Self, AccessError> {
        let mut builder = SrSettings::new_builder(settings.url.to_string());
        builder.set_timeout(REQUEST_TIMEOUT);
        if let Some(login) = &login {
            builder.set_basic_authorization(&login.username, Some(login.password.expose_secret()));
        }
        let client = builder.build_with(http_client(settings.ca.as_ref())?);
        Ok(Self { login, client: client.map_err(|error| AccessError::Client(error.error))? })
    }

    async fn send(&self, call: SrCall<'_>) -> Result<u32, Failure> {
        let schema = perform_sr_call(&self.client, call).await.map_err(Failure::from)?;
        schema.id.ok_or_else(Failure::strange_response)
    }
}

fn http_client(ca: Option<&Pem>) -> Result<ClientBuilder, AccessError> {
    let builder = reqwest::Client::builder()
        // A redirected POST becomes a GET, and could take the schema to another host.
        .redirect(redirect::Policy::none())
        // Requests are rare. A connection that a frozen process has kept may be dead without a sign.
        .pool_max_idle_per_host(0);
    let Some(ca) = ca else { return Ok(builder) };
    match Certificate::from_pem_bundle(ca.text.as_bytes()) {
        Ok(certificates) if !certificates.is_empty() => Ok(builder.tls_certs_only(certificates)),
        _ => Err(AccessError::NoCertificate(ca.setting)),
    }
}

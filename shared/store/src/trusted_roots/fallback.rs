//! A client that trusts further roots after a certificate was refused.

use std::{
    error::Error,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_sdk_dynamodb::{
    config::{HttpClient, RuntimeComponents, SharedHttpClient},
    error::ConnectorError,
};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};

/// One client or two. The second one is used from the first certificate on that the first one refuses.
///
/// A client of the SDK reads its roots when it is configured, and again when it connects. This one reads them only when
/// it connects.
#[derive(Debug)]
pub(super) struct WithFallback {
    first: SharedHttpClient,
    second: Option<SharedHttpClient>,
    is_refused: Arc<AtomicBool>,
}

impl WithFallback {
    pub(super) fn new(first: SharedHttpClient, second: Option<SharedHttpClient>) -> Self {
        Self { first, second, is_refused: Arc::default() }
    }

    pub(super) fn into_shared(self) -> SharedHttpClient {
        SharedHttpClient::new(self)
    }
}

impl HttpClient for WithFallback {
    /// The SDK asks for it once for each attempt.
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = match &self.second {
            None => return self.first.http_connector(settings, components),
            Some(second) if self.is_refused.load(Ordering::Relaxed) => {
                return second.http_connector(settings, components);
            }
            Some(_) => self.first.http_connector(settings, components),
        };
        SharedHttpConnector::new(Watched { connector, is_refused: Arc::clone(&self.is_refused) })
    }

    /// A part of the user agent.
    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.first.connector_metadata()
    }
}

/// A connector that notes the refusal of a certificate.
#[derive(Debug)]
struct Watched {
    connector: SharedHttpConnector,
    is_refused: Arc<AtomicBool>,
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (response, is_refused) = (self.connector.call(request), Arc::clone(&self.is_refused));
        HttpConnectorFuture::new(async move {
            let error = match response.await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let Some(refusal) = refusal(&error) else { return Err(error) };
            if !is_refused.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    "the table's certificate has none of Amazon's roots, so the system's are trusted from now on: {refusal}"
                );
            }
            // The SDK repeats a request after a failure of the connection, and not after one of TLS.
            Err(ConnectorError::io(error.into()))
        })
    }
}

/// The refusal of a certificate, if it is the reason for a failure.
fn refusal(error: &ConnectorError) -> Option<&rustls::Error> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(refusal @ rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return Some(refusal);
        }
        // The source of an I/O error leaves out the error that it contains.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
    }
    None
}

//! Asynchronous invocations.

use std::{env, time::Duration};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_lambda::{
    Client, Config,
    config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    operation::invoke::InvokeError,
    primitives::Blob,
    types::InvocationType,
};
use serde::Serialize;

/// A caller may wait for the response of Lambda, so the limits are short. An operation has time for two attempts.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(900);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(2);
const MAX_ATTEMPTS: u32 = 2;

/// A function that can be invoked.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    client: Client,
    name: String,
}

/// Why Lambda did not accept an invocation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotInvoked {
    /// Lambda refused it, with a code of its Invoke operation, or the payload cannot be written as JSON.
    #[error("Lambda refused the invocation: {0}")]
    Refused(String),
    /// Lambda did not respond in time.
    #[error("Lambda did not respond")]
    Unavailable,
}

impl Function {
    /// Prepares a client from Lambda's own variables (`AWS_REGION`, the role's credentials) and from
    /// `AWS_ENDPOINT_URL_LAMBDA`, if it is set. Sends nothing.
    pub(crate) fn connect(name: String) -> Self {
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(env::var("AWS_REGION").ok().map(Region::new))
            .credentials_provider(EnvironmentVariableCredentialsProvider::new())
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(ATTEMPT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .operation_timeout(OPERATION_TIMEOUT)
                    .build(),
            );
        config.set_endpoint_url(env::var("AWS_ENDPOINT_URL_LAMBDA").ok());
        Self { client: Client::from_conf(config.build()), name }
    }

    /// Asks Lambda for an asynchronous invocation. Returns when Lambda has accepted the request, which is before the
    /// function runs.
    pub(crate) async fn invoke_asynchronously(&self, payload: &impl Serialize) -> Result<(), NotInvoked> {
        let payload = serde_json::to_vec(payload).map_err(|error| NotInvoked::Refused(error.to_string()))?;
        self.client
            .invoke()
            .function_name(&self.name)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload))
            .send()
            .await?;
        Ok(())
    }
}

impl From<SdkError<InvokeError>> for NotInvoked {
    fn from(error: SdkError<InvokeError>) -> Self {
        match error.as_service_error() {
            Some(error) => Self::Refused(error.code().unwrap_or("without a code").to_owned()),
            None => Self::Unavailable,
        }
    }
}

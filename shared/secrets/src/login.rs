//! User and password, from the settings or from the secret that the settings name.

use serde::Deserialize;
use xzepr_settings::{Login, SecretString};

use crate::secret::{self, SecretError};

/// User and password, or client id and client secret.
#[derive(Debug, Clone, Deserialize)]
pub struct PasswordLogin {
    /// The user.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

impl PasswordLogin {
    /// Takes it from the settings, or reads the secret that they name.
    pub async fn acquire(login: &Login) -> Result<Self, SecretError> {
        match login {
            Login::Given { username, password } => {
                Ok(Self { username: username.clone(), password: password.clone() })
            }
            Login::Secret(arn) => secret::read(arn, "username and password").await,
        }
    }
}

//! Secrets from AWS Secrets Manager, and logins that may be in one.

mod login;
mod secret;

pub use login::PasswordLogin;
pub use secret::{SecretError, read};

//! Tokens for the person at the terminal: one for each scope of the API, and one with all of them.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::Utc;
use serde_json::json;

use super::issuer::Issuer;
use crate::{
    error::{Context, Result},
    template::Route,
};

/// The audience of the tokens.
pub const AUDIENCE: &str = "xzepr";

const VALID_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// The tokens, and the file that has them.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The token with all scopes.
    pub all: String,
    /// A shell script that exports each token as a variable.
    pub file: PathBuf,
}

impl Tokens {
    /// Makes the tokens for these routes, and writes the file in a folder. Only its owner may read it.
    pub(crate) fn make(issuer: &Issuer, routes: &[Route], dir: &Path) -> Result<Self> {
        let scopes: BTreeSet<&str> =
            routes.iter().flat_map(|route| &route.scopes).map(String::as_str).collect();
        let all = token(issuer, "all", scopes.iter().copied())?;
        let mut script = format!("export TOKEN={all}\n");
        for scope in scopes {
            let name = scope.rsplit('/').next().unwrap_or(scope).replace(':', "_");
            let token = token(issuer, &name, [scope].into_iter())?;
            // Writing to a text cannot fail.
            let _ = writeln!(script, "export TOKEN_{}={token}", name.to_ascii_uppercase());
        }
        let file = dir.join("tokens.sh");
        let writing = "writing the tokens";
        let mut open = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&file)
            .context(writing)?;
        // The mode of a file that exists already stays as it was.
        open.set_permissions(PermissionsExt::from_mode(0o600)).context(writing)?;
        open.write_all(script.as_bytes()).context(writing)?;
        Ok(Self { all, file })
    }
}

fn token<'a>(issuer: &Issuer, subject: &str, scopes: impl Iterator<Item = &'a str>) -> Result<String> {
    let now = Utc::now();
    issuer.sign(
        issuer.key_id(),
        &json!({
            "iss": issuer.url(),
            "sub": subject,
            "aud": AUDIENCE,
            "iat": now.timestamp(),
            "nbf": now.timestamp(),
            "exp": (now + VALID_FOR).timestamp(),
            "scope": scopes.collect::<Vec<_>>().join(" "),
        }),
    )
}

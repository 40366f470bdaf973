//! Texts that must not be in a log. Tests send them in each place where a caller may send a secret.

use std::{fs, path::Path};

/// A text that a test may put anywhere in a request.
pub const PLANTED: &str = "planted-a-secret";

/// The value in the payload of each sample event.
const PAYLOAD: &str = "8a41d5f";

/// The value of the header `Authorization` of each request.
pub(crate) const AUTHORIZATION: &str = "Bearer planted-a-token";

/// Checks the logs of the functions in a folder.
///
/// # Panics
///
/// If one contains a planted text.
pub(crate) fn check_logs(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "log") {
            check(&path.display().to_string(), &fs::read_to_string(&path).unwrap(), &[]);
        }
    }
}

/// Checks one log also for other secrets.
///
/// # Panics
///
/// If it contains a planted text or one of these secrets.
pub fn check(name: &str, log: &str, secrets: &[&str]) {
    let all = [PLANTED, PAYLOAD, AUTHORIZATION].into_iter().chain(secrets.iter().copied());
    for secret in all {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{name} contains {secret}: {line:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "create-event.log contains planted-a-secret")]
    fn a_planted_text_in_the_log_of_a_function_is_found() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("publish-events.log"), "published\n").unwrap();
        fs::write(dir.path().join("create-event.log"), "refused: planted-a-secret\n").unwrap();
        check_logs(dir.path());
    }

    #[test]
    #[should_panic(expected = "publish-events.log contains password")]
    fn a_secret_of_the_settings_in_a_log_is_found() {
        check("publish-events.log", "the login is user:password", &["password"]);
    }
}

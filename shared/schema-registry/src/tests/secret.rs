//! User and password from a secret that changes.

use std::{
    env,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::task::spawn_blocking;

use super::{SCHEMA, connect, empty, refusal, stub::Stub};

const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:registry-AbCdEf";

/// The secret's passwords, one for each time that it is read. The last one stays.
const PASSWORDS: [&str; 2] = ["old", "new"];

/// `alice:new` in base64.
const NEW: &str = "authorization: Basic YWxpY2U6bmV3";

/// The environment names the API of Secrets Manager, so the client runs in a process of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_password_is_read_again_when_the_registry_refuses_the_old_one() {
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reads);
    let secrets_manager = Stub::start(move |_| {
        let password = PASSWORDS[counted.fetch_add(1, Ordering::Relaxed).min(1)];
        let secret = format!(r#"{{\"username\":\"alice\",\"password\":\"{password}\"}}"#);
        Some((200, format!(r#"{{"ARN":"{ARN}","Name":"registry","SecretString":"{secret}"}}"#)))
    })
    .await;
    let url = format!("http://127.0.0.1:{}", secrets_manager.port);
    let client = spawn_blocking(move || {
        Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "tests::secret::client_with_a_secret"])
            .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", url)
            .env("AWS_ACCESS_KEY_ID", "x")
            .env("AWS_SECRET_ACCESS_KEY", "x")
            .output()
    });
    let output = client.await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    // Once to connect, once after the refusal of the old password, once after that of the new one.
    assert_eq!(reads.load(Ordering::Relaxed), 3);
}

#[tokio::test]
#[ignore = "the test above runs it"]
async fn client_with_a_secret() {
    let refuses_everyone = Arc::new(AtomicUsize::new(0));
    let refuses = Arc::clone(&refuses_everyone);
    let stub = Stub::start(move |request| {
        let is_new = request.headers.iter().any(|line| line == NEW);
        if is_new && refuses.load(Ordering::Relaxed) == 0 {
            empty(request)
        } else {
            refusal(401, 401, "Unauthorized")
        }
    })
    .await;
    let url = format!("http://127.0.0.1:{}", stub.port);
    let registry = connect(&[("URL", &url), ("SECRET_ARN", ARN)]).await;
    assert_eq!(registry.id_of("s", SCHEMA).await, Ok(7));
    // Of the lookup with the old password, the lookup with the new one, and the registration.
    assert_eq!(stub.requests().len(), 3);

    refuses_everyone.store(1, Ordering::Relaxed);
    let error = registry.id_of("other", SCHEMA).await.unwrap_err().to_string();
    assert!(error.contains("refuses the credentials") && error.contains("SECRET_ARN"), "{error}");
    // The secret has no other password, so nothing is sent again.
    assert_eq!(stub.requests().len(), 4);
}

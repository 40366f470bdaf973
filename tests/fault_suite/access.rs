//! The access to a topic, which ACLs give and take.

use tokio::process::Command;

/// The properties of a broker with ACLs. A topic without one is open to all.
pub(crate) const AUTHORIZER: &str = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
     allow.everyone.if.no.acl.found=true\n";

/// Lets everybody read a topic, and nobody write to it.
pub(crate) async fn forbid_writes(brokers: &str, topic: &str) {
    change(brokers, &["--add"], topic).await;
}

/// Removes the ACL of [`forbid_writes`].
pub(crate) async fn permit_writes(brokers: &str, topic: &str) {
    change(brokers, &["--remove", "--force"], topic).await;
}

async fn change(brokers: &str, change: &[&str], topic: &str) {
    let mut acls = Command::new(local::kafka::script());
    acls.args(["acls", "--bootstrap-server", brokers]).args(change);
    acls.args(["--allow-principal", "User:ANONYMOUS", "--operation", "Read", "--topic", topic]);
    let output = acls.output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
}

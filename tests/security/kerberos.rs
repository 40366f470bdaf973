//! GSSAPI, with a key distribution centre (KDC) of its own. Needs publish-events with the feature `gssapi`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use end_to_end::eventually;
use local::ports;
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use crate::{
    assert_published, assert_refused,
    broker_properties::Kerberos,
    cluster::{Cluster, path},
    with,
};

const BROKER: &str = "kafka/127.0.0.1@XZEPR.TEST";
const CLIENT: &str = "publisher@XZEPR.TEST";

const READY_WITHIN: Duration = Duration::from_secs(10);

struct Kdc {
    dir: TempDir,
    _process: Child,
}

impl Kdc {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = ports::free().unwrap();
        let write = |name: &str, text: String| fs::write(dir.path().join(name), text).unwrap();
        write(
            "krb5.conf",
            format!(
                "[libdefaults]\ndefault_realm = XZEPR.TEST\ndns_lookup_kdc = false\ndns_lookup_realm = false\n\
                 dns_canonicalize_hostname = false\nrdns = false\nudp_preference_limit = 1\n\
                 [realms]\nXZEPR.TEST = {{\n  kdc = 127.0.0.1:{port}\n}}\n"
            ),
        );
        let files = path(dir.path());
        write(
            "kdc.conf",
            format!(
                "[realms]\nXZEPR.TEST = {{\n  database_name = {files}/principal\n  key_stash_file = {files}/stash\n  \
                 kdc_listen = 127.0.0.1:{port}\n  kdc_tcp_listen = 127.0.0.1:{port}\n}}\n"
            ),
        );
        let run = async |program: &str, arguments: &[&str]| {
            let output = command(dir.path(), program).args(arguments).output().await.unwrap();
            assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
        };
        run("kdb5_util", &["create", "-s", "-P", "master-password", "-r", "XZEPR.TEST"]).await;
        for (principal, keytab) in
            [(BROKER, "broker.keytab"), (CLIENT, "client.keytab"), ("other", "other.keytab")]
        {
            run("kadmin.local", &["addprinc", "-randkey", principal]).await;
            run("kadmin.local", &["ktadd", "-k", &format!("{files}/{keytab}"), principal]).await;
        }
        let process = command(dir.path(), "krb5kdc")
            .arg("-n")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        eventually(READY_WITHIN, async || TcpStream::connect(("127.0.0.1", port)).await).await;
        Self { dir, _process: process }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// Debian installs these programs in folders that only root has on its path.
fn command(dir: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap()))
        .env("KRB5_CONFIG", dir.join("krb5.conf"))
        .env("KRB5_KDC_PROFILE", dir.join("kdc.conf"));
    command
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a KDC (krb5-kdc), kinit, and publish-events with the feature gssapi: tests/real-services has them"]
async fn a_principal_logs_in_with_its_keytab() {
    let kdc = Kdc::start().await;
    let (configuration, keytab) = (kdc.file("krb5.conf"), kdc.file("broker.keytab"));
    let broker = Kerberos { configuration: &configuration, principal: BROKER, keytab: &keytab };
    let cluster = Cluster::start_with(Some(broker)).await;
    let client = |topic: &str, keytab: &str| {
        let settings = [
            ("XZEPR_KAFKA_SASL_MECHANISM", "GSSAPI"),
            ("XZEPR_KAFKA_SASL_USERNAME", CLIENT),
            ("XZEPR_KAFKA_SASL_KERBEROS_KEYTAB_LOCATION", &*path(&kdc.file(keytab))),
            ("KRB5_CONFIG", &*path(&configuration)),
            ("KRB5CCNAME", &*format!("FILE:{}", path(&kdc.file(&format!("{topic}.ccache"))))),
        ];
        with(cluster.variables("KERBEROS", topic), &settings)
    };
    assert_published(&cluster, &client("kerberos", "client.keytab")).await;
    assert_refused(
        &client("other-keytab", "other.keytab"),
        "the broker refuses the login: see XZEPR_KAFKA_SASL_MECHANISM and its credentials",
    )
    .await;
}

//! One broker of Apache Kafka with a listener for each way to connect, started by the tests' script.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use local::{
    ports,
    topic::{Reader, Record, StartAt},
};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    task::block_in_place,
    time::{Instant, sleep},
};

use crate::{
    certificates::{Certificates, Identity},
    publisher::Variables,
    token_endpoint::{AUDIENCE, ISSUER, TokenEndpoint},
};

pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "alice-secret";
pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// What kafka-topics.sh runs.
pub(crate) const TOPICS: &str = "tool org.apache.kafka.tools.TopicCommand";

const READY_WITHIN: Duration = Duration::from_secs(60);
const ARRIVES_WITHIN: Duration = Duration::from_secs(20);

/// Listener and security protocol.
const LISTENERS: [(&str, &str); 10] = [
    ("PLAINTEXT", "PLAINTEXT"),
    ("SSL", "SSL"),
    ("MTLS", "SSL"),
    ("EXPIRED", "SSL"),
    ("OTHERHOST", "SSL"),
    ("SASLPLAINTEXT", "SASL_PLAINTEXT"),
    ("SASLSSL", "SASL_SSL"),
    ("OIDC", "SASL_SSL"),
    ("IAM", "SASL_SSL"),
    ("KERBEROS", "SASL_PLAINTEXT"),
];

/// The running broker. It ends when this is dropped.
pub(crate) struct Cluster {
    pub(crate) certificates: Certificates,
    pub(crate) token_endpoint: TokenEndpoint,
    ports: BTreeMap<&'static str, u16>,
    options: String,
    broker: Child,
    dir: TempDir,
}

/// The broker's Kerberos identity.
pub(crate) struct Kerberos<'a> {
    pub(crate) configuration: &'a Path,
    pub(crate) principal: &'a str,
    pub(crate) keytab: &'a Path,
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    pub(crate) async fn start_with(kerberos: Option<Kerberos<'_>>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let certificates = Certificates::make(dir.path());
        let token_endpoint = TokenEndpoint::start().await;
        let ports: BTreeMap<_, _> =
            LISTENERS.iter().map(|(listener, _)| (*listener, ports::free().unwrap())).collect();
        let controller = ports::free().unwrap();
        let properties = properties(&ports, controller, &certificates, &token_endpoint, kerberos.as_ref());
        let properties_file = dir.path().join("security.properties");
        fs::write(&properties_file, properties).unwrap();
        let data = dir.path().join("kafka");
        let format = script()
            .arg("format")
            .arg(&data)
            .args(["--ports", &ports["PLAINTEXT"].to_string(), "--controller-ports", &controller.to_string()])
            .arg("--properties")
            .arg(&properties_file)
            .args(["--user", &format!("{USER}={PASSWORD}")])
            .status()
            .await
            .unwrap();
        assert!(format.success());
        let mut options =
            format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={}", token_endpoint.jwks_url());
        if let Some(kerberos) = &kerberos {
            options += &format!(" -Djava.security.krb5.conf={}", kerberos.configuration.display());
        }
        let broker = start_broker(&data, &options).await;
        Self { certificates, token_endpoint, ports, options, broker, dir }
    }

    /// Kills the broker and starts it on its data again: every connection logs in anew.
    pub(crate) async fn restart(&mut self) {
        self.broker.kill().await.unwrap();
        self.broker = start_broker(&self.dir.path().join("kafka"), &self.options).await;
    }

    pub(crate) fn address(&self, listener: &str) -> String {
        format!("127.0.0.1:{}", self.ports[listener])
    }

    /// What a function needs to connect to a listener without proving who it is, and a topic of its own.
    pub(crate) fn variables(&self, listener: &str, topic: &str) -> Variables {
        let (_, protocol) = LISTENERS.iter().find(|(name, _)| *name == listener).unwrap();
        let mut variables = vec![
            ("XZEPR_KAFKA_BROKERS", self.address(listener)),
            ("XZEPR_KAFKA_DEFAULT_TOPIC", topic.to_owned()),
            ("XZEPR_KAFKA_SECURITY_PROTOCOL", (*protocol).to_owned()),
        ];
        if protocol.ends_with("SSL") {
            variables.push(("XZEPR_KAFKA_SSL_CA_LOCATION", path(&self.certificates.ca)));
        }
        variables
    }

    /// The records of a topic, as many as asked for, read without any security.
    pub(crate) fn read(&self, topic: &str, count: usize) -> Vec<Record> {
        block_in_place(|| {
            let reader = Reader::open(&self.address("PLAINTEXT"), topic, StartAt::Beginning).unwrap();
            (0..count).map(|_| reader.next(ARRIVES_WITHIN).expect("a record did not arrive")).collect()
        })
    }

    /// Runs one of Kafka's own tools on the cluster.
    pub(crate) async fn tool(&self, tool: &str, arguments: &[&str]) -> Output {
        let output = script()
            .args(tool.split(' '))
            .args(["--bootstrap-server", &self.address("PLAINTEXT")])
            .args(arguments)
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{tool} {arguments:?}: {output:?}");
        output
    }

    /// Changes the user's password in both SCRAM mechanisms.
    pub(crate) async fn change_password(&self, password: &str) {
        for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
            let change = format!("{mechanism}=[password={password}]");
            let user = ["--entity-type", "users", "--entity-name", USER];
            self.tool("configs", &[&["--alter", "--add-config", &change][..], &user].concat()).await;
        }
    }
}

async fn start_broker(data: &Path, options: &str) -> Child {
    let log = data.join("broker-1.log");
    let starts = || fs::read_to_string(&log).unwrap_or_default().matches("Kafka Server started").count();
    let before = starts();
    let mut broker = script()
        .arg("broker")
        .arg(data)
        .arg("1")
        .env("KAFKA_OPTS", options)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let until = Instant::now() + READY_WITHIN;
    while starts() == before {
        let waits = Instant::now() < until && broker.try_wait().unwrap().is_none();
        assert!(waits, "{}", fs::read_to_string(&log).unwrap_or_default());
        sleep(Duration::from_millis(50)).await;
    }
    broker
}

fn script() -> Command {
    let mut script = Command::new(local::kafka::script());
    script
        .env("KAFKA_PLUGIN", PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("security/MskIamValidator.java"));
    script
}

pub(crate) fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn properties(
    ports: &BTreeMap<&str, u16>,
    controller: u16,
    certificates: &Certificates,
    token_endpoint: &TokenEndpoint,
    kerberos: Option<&Kerberos<'_>>,
) -> String {
    // Kafka refuses a Kerberos listener whose keytab it cannot use.
    let listeners: Vec<_> =
        LISTENERS.iter().filter(|(name, _)| *name != "KERBEROS" || kerberos.is_some()).collect();
    let addresses = listeners
        .iter()
        .map(|(name, _)| format!("{name}://127.0.0.1:{}", ports[name]))
        .collect::<Vec<_>>()
        .join(",");
    let protocols =
        listeners.iter().map(|(name, protocol)| format!("{name}:{protocol}")).collect::<Vec<_>>().join(",");
    let key_store = |identity: &Identity| path(&identity.key_store());
    let mut properties = format!(
        r#"listeners={addresses},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={addresses}
listener.security.protocol.map={protocols},CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
num.network.threads=1
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
allow.everyone.if.no.acl.found=true

ssl.truststore.type=PEM
ssl.truststore.location={ca}
ssl.keystore.type=PEM
ssl.keystore.location={server}
listener.name.mtls.ssl.client.auth=required
listener.name.mtls.ssl.principal.mapping.rules=RULE:^CN=(.*?)$/$1/
listener.name.expired.ssl.keystore.location={expired}
listener.name.otherhost.ssl.keystore.location={other_host}
listener.name.oidc.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.oidc.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.oidc.oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.oidc.sasl.oauthbearer.jwks.endpoint.url={jwks}
listener.name.oidc.sasl.oauthbearer.expected.issuer={ISSUER}
listener.name.oidc.sasl.oauthbearer.expected.audience={AUDIENCE}
listener.name.oidc.connections.max.reauth.ms=3600000
listener.name.iam.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.iam.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required accessKeyId="{ACCESS_KEY_ID}" secretAccessKey="{SECRET_ACCESS_KEY}" region="eu-central-1";
listener.name.iam.oauthbearer.sasl.server.callback.handler.class=MskIamValidator
listener.name.iam.oauthbearer.sasl.login.callback.handler.class=MskIamValidator
"#,
        ca = path(&certificates.ca),
        server = key_store(&certificates.server),
        expired = key_store(&certificates.expired_server),
        other_host = key_store(&certificates.other_host),
        jwks = token_endpoint.jwks_url(),
    );
    for listener in ["saslplaintext", "saslssl"] {
        properties += &format!(
            r#"listener.name.{listener}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.{listener}.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";
listener.name.{listener}.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.{listener}.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"#
        );
    }
    if let Some(Kerberos { principal, keytab, .. }) = kerberos {
        properties += &format!(
            r#"listener.name.kerberos.sasl.enabled.mechanisms=GSSAPI
listener.name.kerberos.gssapi.sasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true keyTab="{}" principal="{principal}";
listener.name.kerberos.sasl.kerberos.service.name=kafka
"#,
            path(keytab)
        );
    }
    properties
}

//! The properties of a broker with a listener for each way to connect.

use std::{collections::BTreeMap, path::Path};

use crate::{
    certificates::{Certificates, Identity},
    cluster::path,
    token_endpoint::{AUDIENCE, ISSUER, TokenEndpoint},
};

pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "alice-secret";
pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// The name and the security protocol of each listener.
pub(crate) const LISTENERS: [(&str, &str); 10] = [
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

/// The broker's Kerberos identity.
pub(crate) struct Kerberos<'a> {
    pub(crate) configuration: &'a Path,
    pub(crate) principal: &'a str,
    pub(crate) keytab: &'a Path,
}

/// The text of the broker's properties file.
pub(crate) fn broker_properties(
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

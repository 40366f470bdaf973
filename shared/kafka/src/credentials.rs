//! The client's credentials, from the settings or from the secrets that the settings name.

use serde::Deserialize;
use xzepr_secrets::{PasswordLogin, SecretError};
use xzepr_settings::{ClientCertificate, ExposeSecret, Pem, PrivateKey, Sasl, SecretString, Security};

/// The login and the client certificate, if the settings require them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credentials {
    pub(crate) login: Option<PasswordLogin>,
    pub(crate) certificate: Option<(Pem, PrivateKey)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CertificateSecret {
    certificate: String,
    private_key: SecretString,
    private_key_password: Option<SecretString>,
}

impl Credentials {
    /// Reads them from the settings, and from the secrets that the settings name.
    pub(crate) async fn acquire(security: &Security) -> Result<Self, SecretError> {
        let login = match &security.sasl {
            Some(Sasl::Password { login, .. } | Sasl::OauthBearer { client: login, .. }) => {
                Some(PasswordLogin::acquire(login).await?)
            }
            Some(Sasl::MskIam { .. } | Sasl::Kerberos { .. }) | None => None,
        };
        let certificate = match security.tls.as_ref().and_then(|tls| tls.client_certificate.as_ref()) {
            Some(certificate) => Some(acquire_certificate(certificate).await?),
            None => None,
        };
        Ok(Self { login, certificate })
    }

    /// The texts that must not appear in a log.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        let password = self.login.iter().map(|login| &login.password);
        let key = self.certificate.iter().flat_map(|(_, key)| [Some(&key.text), key.password.as_ref()]);
        password.chain(key.flatten()).cloned().collect()
    }

    /// Whether a secret has changed.
    pub(crate) fn differ(&self, other: &Self) -> bool {
        let texts = |credentials: &Self| {
            let secrets = credentials.secrets().iter().map(|text| text.expose_secret().to_owned()).collect();
            let username = credentials.login.as_ref().map(|login| login.username.clone());
            let certificate =
                credentials.certificate.as_ref().map(|(certificate, _)| certificate.text.clone());
            (username, certificate, secrets) as (_, _, Vec<String>)
        };
        texts(self) != texts(other)
    }
}

async fn acquire_certificate(certificate: &ClientCertificate) -> Result<(Pem, PrivateKey), SecretError> {
    match certificate {
        ClientCertificate::Given { certificate, key } => Ok((certificate.clone(), key.clone())),
        ClientCertificate::Secret(arn) => {
            let members = "certificate, privateKey and, for an encrypted key, privateKeyPassword";
            let secret: CertificateSecret = xzepr_secrets::read(arn, members).await?;
            let key = PrivateKey {
                setting: arn.setting,
                text: secret.private_key,
                password: secret.private_key_password,
            };
            Ok((Pem { setting: arn.setting, text: secret.certificate }, key))
        }
    }
}

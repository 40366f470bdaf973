//! An issuer of tokens with a key pair of its own, in the place of an identity provider.

use jsonwebtoken::{
    Algorithm, EncodingKey, Header, encode,
    jwk::{Jwk, JwkSet, PublicKeyUse},
};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};

use super::{authorizer::Authorizer, tokens::AUDIENCE};
use crate::error::{Context, Result};

/// The id of the key pair. Each start has a new pair, but one at a time.
const KEY_ID: &str = "local";

/// The paths below the issuer's URL. OpenID Connect Discovery 1.0 names the first:
/// <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig>.
pub(super) const CONFIGURATION_PATH: &str = "/.well-known/openid-configuration";
pub(super) const KEYS_PATH: &str = "/.well-known/jwks.json";

/// An issuer. Its key pair is RSA with 2048 bits and exists in memory alone.
pub struct Issuer {
    url: String,
    key: EncodingKey,
    public_key_pem: String,
    keys: JwkSet,
}

impl Issuer {
    /// An issuer whose URL is that of the API.
    pub(crate) fn new(url: &str) -> Result<Self> {
        let making = "making the issuer's key pair";
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).context(making)?;
        let key = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).context(making)?;
        let mut public = Jwk::from_encoding_key(&key, Algorithm::RS256).context(making)?;
        public.common.key_id = Some(KEY_ID.to_owned());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let keys = JwkSet { keys: vec![public] };
        Ok(Self { url: url.to_owned(), key, public_key_pem: pair.public_key_pem(), keys })
    }

    /// The claim `iss` of its tokens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The id of its key.
    pub fn key_id(&self) -> &'static str {
        KEY_ID
    }

    /// Its public key as PEM text.
    pub fn public_key_pem(&self) -> &str {
        &self.public_key_pem
    }

    /// A token with these claims, signed with its key under a key id.
    pub fn sign(&self, key_id: &str, claims: &Value) -> Result<String> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(key_id.to_owned());
        encode(&header, claims, &self.key).context("signing a token")
    }

    /// The authorizer that trusts it.
    pub(super) fn authorizer(&self) -> Authorizer {
        Authorizer::new(&self.url, AUDIENCE, self.keys.clone())
    }

    /// Its public keys.
    pub(super) fn keys(&self) -> &JwkSet {
        &self.keys
    }

    /// Its configuration, as OpenID Connect Discovery has it. It has no endpoint that gives tokens.
    pub(super) fn configuration(&self) -> Value {
        json!({
            "issuer": self.url,
            "jwks_uri": format!("{}{KEYS_PATH}", self.url),
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }
}

//! A TLS handshake of our own, to learn why a broker's certificate is refused. librdkafka does not name the reason.

use std::{
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use openssl::{
    error::ErrorStack,
    ssl::{HandshakeError, SslConnector, SslMethod},
    x509::{X509VerifyResult, store::X509StoreBuilder},
};
use xzepr_settings::{Pem, Tls};

use crate::certificates;

const TIMEOUT: Duration = Duration::from_secs(2);

/// OpenSSL's reason to refuse the certificate of `broker` (`host:port`). `None` if it accepts the certificate, or if
/// the broker is unreachable now. Blocks for some seconds.
pub(crate) fn refusal_of_certificate(broker: &str, tls: &Tls) -> Option<&'static str> {
    let (host, _) = broker.rsplit_once(':')?;
    let address = broker.to_socket_addrs().ok()?.next()?;
    let stream = TcpStream::connect_timeout(&address, TIMEOUT).ok()?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.set_write_timeout(Some(TIMEOUT)).ok()?;
    let result = match connector(tls.ca.as_ref()).ok()?.connect(host, stream) {
        Err(HandshakeError::Failure(handshake)) => handshake.ssl().verify_result(),
        _ => return None,
    };
    (result != X509VerifyResult::OK).then(|| result.error_string())
}

fn connector(ca: Option<&Pem>) -> Result<SslConnector, ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    match ca {
        Some(ca) => {
            let mut store = X509StoreBuilder::new()?;
            for certificate in certificates::parse(ca).unwrap_or_default() {
                store.add_cert(certificate)?;
            }
            builder.set_cert_store(store.build());
        }
        None => {
            if let Some(file) = openssl_probe::probe().cert_file {
                builder.set_ca_file(file)?;
            }
        }
    }
    Ok(builder.build())
}

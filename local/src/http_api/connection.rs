//! Headers of a connection, not of a request: <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>.

use axum::http::{HeaderMap, HeaderName, header};

const OF_THE_CONNECTION: [HeaderName; 9] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Removes the headers that a proxy must not forward.
pub(super) fn remove_headers(headers: &mut HeaderMap) {
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
}

//! Responses that name brokers. The proxy names its own address in them, so that every connection passes through it.

use std::net::SocketAddr;

use kafka_protocol::{
    messages::{FindCoordinatorResponse, MetadataResponse},
    protocol::StrBytes,
};

/// A response that names brokers.
pub(super) trait NamesBrokers {
    /// Names `address` in place of each broker's own.
    fn name(&mut self, address: SocketAddr);
}

impl NamesBrokers for MetadataResponse {
    fn name(&mut self, address: SocketAddr) {
        for broker in &mut self.brokers {
            (broker.host, broker.port) = host_and_port(address);
        }
    }
}

impl NamesBrokers for FindCoordinatorResponse {
    fn name(&mut self, address: SocketAddr) {
        // A response with an error names no broker.
        if self.error_code == 0 {
            (self.host, self.port) = host_and_port(address);
        }
    }
}

fn host_and_port(address: SocketAddr) -> (StrBytes, i32) {
    (StrBytes::from_string(address.ip().to_string()), address.port().into())
}

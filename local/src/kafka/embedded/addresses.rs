//! Responses that name brokers. The proxy names its own address in them, so that every connection passes through it.

use std::net::SocketAddr;

use kafka_protocol::{
    messages::{BrokerId, FindCoordinatorResponse, MetadataResponse},
    protocol::StrBytes,
};

const NO_BROKER: BrokerId = BrokerId(-1);

/// A response that names brokers.
pub(super) trait NamesBrokers {
    /// Names `address` in place of each broker's own, and a broker as the controller.
    fn name(&mut self, address: SocketAddr);
}

impl NamesBrokers for MetadataResponse {
    fn name(&mut self, address: SocketAddr) {
        for broker in &mut self.brokers {
            (broker.host, broker.port) = host_and_port(address);
        }
        // The mock cluster names a broker that it does not have. Clients ask the controller to create topics.
        self.controller_id = self.brokers.first().map_or(NO_BROKER, |broker| broker.node_id);
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

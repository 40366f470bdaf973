//! Responses that name brokers. The proxy names its own addresses in them, so that every connection passes through it.

use std::net::SocketAddr;

use kafka_protocol::{
    messages::{BrokerId, FindCoordinatorResponse, MetadataResponse},
    protocol::StrBytes,
};

const NO_BROKER: BrokerId = BrokerId(-1);

/// A response that names brokers.
pub(super) trait NamesBrokers {
    /// Names the proxy's address in place of each broker's own, and a broker as the controller. `addresses` has them in
    /// the order of the brokers' ids, which begin at 1.
    fn name(&mut self, addresses: &[SocketAddr]);
}

impl NamesBrokers for MetadataResponse {
    fn name(&mut self, addresses: &[SocketAddr]) {
        for broker in &mut self.brokers {
            replace((&mut broker.host, &mut broker.port), broker.node_id, addresses);
        }
        // The mock cluster names a broker that it does not have. Clients ask the controller to create topics.
        self.controller_id = self.brokers.first().map_or(NO_BROKER, |broker| broker.node_id);
    }
}

impl NamesBrokers for FindCoordinatorResponse {
    fn name(&mut self, addresses: &[SocketAddr]) {
        // A response with an error names no broker.
        if self.error_code == 0 {
            replace((&mut self.host, &mut self.port), self.node_id, addresses);
        }
    }
}

fn replace((host, port): (&mut StrBytes, &mut i32), BrokerId(id): BrokerId, addresses: &[SocketAddr]) {
    let index = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
    if let Some(address) = index.and_then(|index| addresses.get(index)) {
        (*host, *port) = (StrBytes::from_string(address.ip().to_string()), address.port().into());
    }
}

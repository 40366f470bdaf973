//! The cost of an always-on pair of containers with Postgres, which accepts the same events.
//!
//! It is priced low: a public network without NAT gateways, addresses and certificates, no alarms, no metrics and no
//! backups beyond the free share. Its database keeps what DynamoDB keeps.

use crate::cost::{GB, HOURS, Line, Load, SECONDS, kafka, prices::Prices};

/// The containers and the work of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rival {
    /// CPU time of an event or of a request to read, in milliseconds. All of it is reckoned for the containers, and all of
    /// it for the database, since nobody knows the shares.
    pub cpu_ms_an_event: f64,
    /// The share of its processors that each part may use under this load.
    pub utilization: f64,
    /// The processors of a container.
    pub vcpus: f64,
    /// The memory of a container, in GB.
    pub memory_gb: f64,
}

impl Default for Rival {
    /// 1.83 ms is the CPU time of an event in the Event Provenance Registry and its Postgres together, measured on a
    /// developer's machine beside the 0.42 ms of ours.
    fn default() -> Self {
        Self { cpu_ms_an_event: 1.83, utilization: 0.6, vcpus: 0.5, memory_gb: 1.0 }
    }
}

/// The fewest containers, so that one may fail.
const FEWEST: f64 = 2.0;

/// The bytes of the database for each byte of an event: the row, its indexes and free space. An estimate.
const BYTES_OF_A_BYTE: f64 = 2.0;

/// The least storage of a database, in GB.
const LEAST_GB: f64 = 20.0;

/// New connections in a second that a capacity unit of the load balancer contains. Each request opens one, as the jobs of
/// a pipeline do: <https://aws.amazon.com/elasticloadbalancing/pricing/>
const CONNECTIONS: f64 = 25.0;

/// Bytes of headers and response beside an event.
const REQUEST_BYTES: f64 = 1000.0;

/// Bytes of the log for each request and each event.
const LOG_BYTES: f64 = 500.0;

/// US dollars in a month by component; `None` if the largest database is too small for the load.
pub fn always_on(load: &Load, rival: &Rival, prices: &Prices) -> Option<Vec<Line>> {
    let table = &prices.prices;
    let requests = load.posts_per_second() + load.reads_per_second;
    let work = load.events_per_second + load.reads_per_second;
    let vcpus = work * rival.cpu_ms_an_event / 1000.0 / rival.utilization;
    // One more than the load needs may fail.
    let containers = ((vcpus / rival.vcpus).ceil() + 1.0).max(FEWEST);
    let container = table.container_vcpu_hours.of(containers * rival.vcpus * HOURS)
        + table.container_gb_hours.of(containers * rival.memory_gb * HOURS);
    let database = prices.databases.iter().find(|database| database.vcpus >= vcpus)?;
    let stored = load.events() * load.months_stored * load.event_bytes * BYTES_OF_A_BYTE / GB;
    let bytes = (load.events_per_second * load.event_bytes + requests * REQUEST_BYTES) * 3600.0 / GB;
    let capacity = (requests / CONNECTIONS).max(bytes);
    let logs = (requests + load.events_per_second) * LOG_BYTES * SECONDS / GB;
    Some(vec![
        Line::new("Fargate, two containers or more", container),
        Line::new("RDS, Postgres in two zones", database.usd_an_hour * HOURS),
        Line::new("RDS, storage", table.database_storage.of(stored.max(LEAST_GB))),
        Line::new(
            "Application Load Balancer",
            table.load_balancer_hours.of(HOURS) + table.load_balancer_capacity.of(capacity * HOURS),
        ),
        Line::new("CloudWatch, logs", table.other_logs.of(logs)),
        kafka::line(load, prices),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::total;

    fn usd(load: &Load) -> Option<f64> {
        always_on(load, &Rival::default(), &Prices::own().unwrap()).map(|lines| total(&lines))
    }

    #[test]
    fn the_smallest_pair_costs_this_without_an_event() {
        let containers = 2.0 * (0.5 * 0.040_48 + 0.004_445) * 730.0;
        let expected = containers + 0.13 * 730.0 + 20.0 * 0.23 + 0.0225 * 730.0;
        assert!((usd(&Load::of(0.0)).unwrap() - expected).abs() < 1e-9);
    }

    #[test]
    fn it_grows_in_steps_until_no_database_is_large_enough() {
        let months = |rate| Load { months_stored: 0.0, ..Load::of(rate) };
        assert!(usd(&months(10.0)).unwrap() < 1.3 * usd(&months(1.0)).unwrap());
        assert!(usd(&months(1000.0)).unwrap() > 4.0 * usd(&months(10.0)).unwrap());
        assert_eq!(usd(&months(30_000.0)), None);
    }
}

//! The shapes of the state of the service: ours, XZepr's and that of the Event Provenance Registry (EPR).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use xzepr_telemetry::{COMMIT, VERSION};

const SERVICE: &str = "xzepr";

/// The liveness of EPR: JSON in a JSON string.
pub(crate) const ALIVE: &str = r#"{"alive":true}"#;

/// The readiness of EPR: JSON in a JSON string.
pub(crate) const fn readiness(is_ready: bool) -> &'static str {
    if is_ready { r#"{"ready":true}"# } else { r#"{"ready":false}"# }
}

/// The state of a component.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    Healthy,
    Unhealthy,
}

impl Health {
    fn of(is_reachable: bool) -> Self {
        if is_reachable { Self::Healthy } else { Self::Unhealthy }
    }
}

/// The body of `GET /api/v1/status`. XZepr has `status` and `api_version` there.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    status: &'static str,
    api_version: &'static str,
    service: &'static str,
    version: &'static str,
    commit: &'static str,
    components: Table,
}

#[derive(Debug, Serialize)]
struct Table {
    table: Health,
}

impl Status {
    pub(crate) fn of(is_reachable: bool) -> Self {
        Self {
            status: if is_reachable { "operational" } else { "unavailable" },
            api_version: "v1",
            service: SERVICE,
            version: VERSION,
            commit: COMMIT,
            components: Table { table: Health::of(is_reachable) },
        }
    }
}

/// The body of `GET /health`, as XZepr has it.
#[derive(Debug, Serialize)]
pub(crate) struct XzeprHealth {
    status: Health,
    service: &'static str,
    version: &'static str,
    components: Database,
}

#[derive(Debug, Serialize)]
struct Database {
    database: Health,
}

impl XzeprHealth {
    pub(crate) fn of(is_reachable: bool) -> Self {
        let health = Health::of(is_reachable);
        Self { status: health, service: SERVICE, version: VERSION, components: Database { database: health } }
    }
}

/// The body of `GET /healthz/status`, as EPR has it. A function has no host, no port and no modes, so these members have
/// the empty value of their type.
#[derive(Debug, Serialize)]
pub(crate) struct EprStatus {
    service: EprVersion,
    /// A duration as Go parses it. It is the age of the execution environment, and so is `start_time`.
    uptime: String,
    debug: bool,
    health: EprHealth,
    start_time: String,
    host: &'static str,
    port: &'static str,
    metadata: EprMetadata,
}

#[derive(Debug, Serialize)]
struct EprVersion {
    name: &'static str,
    version: &'static str,
    release: &'static str,
}

#[derive(Debug, Serialize)]
struct EprHealth {
    readiness: &'static str,
    liveness: &'static str,
}

#[derive(Debug, Default, Serialize)]
struct EprMetadata {
    verbose: bool,
    resources: &'static str,
}

impl EprStatus {
    pub(crate) fn of(is_reachable: bool, started: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self {
            service: EprVersion { name: SERVICE, version: VERSION, release: COMMIT },
            uptime: format!("{}s", (now - started).num_seconds()),
            debug: false,
            health: EprHealth { readiness: readiness(is_reachable), liveness: ALIVE },
            start_time: started.to_rfc3339_opts(SecondsFormat::Millis, true),
            host: "",
            port: "",
            metadata: EprMetadata::default(),
        }
    }
}

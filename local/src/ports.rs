//! Loopback ports.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    ops::Range,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::error::{Context, Error, Result};

/// Below the ports that Linux and macOS give to connections. So no connection gets a free port before its server.
const RANGE: Range<u16> = 12_000..32_000;

/// A port that is free at this moment. This process returns each port once.
pub fn free() -> Result<u16> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Processes that run at the same time start at different ports.
    let start = std::process::id().wrapping_mul(131);
    for _ in RANGE {
        let offset =
            start.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % u32::from(RANGE.end - RANGE.start);
        let port = RANGE.start + u16::try_from(offset).unwrap_or_default();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Error::new(format!("no port from {} to {} is free", RANGE.start, RANGE.end)))
}

/// Listens on a loopback port, 0 for a free one. If the port is in use, the error names its flag.
pub(crate) fn listen(port: u16, flag: &str) -> Result<(TcpListener, SocketAddr)> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| in_use(port, flag, &error))?;
    listener.set_nonblocking(true).context("listening")?;
    let address = listener.local_addr().context("listening")?;
    Ok((listener, address))
}

/// Checks that another program can listen on a port.
pub(crate) fn check(port: u16, flag: &str) -> Result<()> {
    listen(port, flag).map(drop)
}

fn in_use(port: u16, flag: &str, error: &std::io::Error) -> Error {
    Error::new(format!("port {port} cannot be used ({error}): choose another one with {flag}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_all_different() {
        let ports: std::collections::HashSet<_> = (0..50).map(|_| free().unwrap()).collect();
        assert_eq!(ports.len(), 50);
    }

    #[test]
    fn the_error_of_a_port_in_use_names_its_flag() {
        let (_listener, address) = listen(0, "--api-port").unwrap();
        let error = check(address.port(), "--api-port").unwrap_err().to_string();
        assert!(error.contains(&address.port().to_string()) && error.ends_with("--api-port"), "{error}");
    }
}

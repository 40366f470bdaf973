//! Loopback ports.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::error::{Context, Error, Result};

/// A port that is free at this moment.
pub fn free() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}

/// Listens on a loopback port; 0 takes a free one. A taken port is an error that names its flag.
pub(crate) fn listen(port: u16, flag: &str) -> Result<(TcpListener, SocketAddr)> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| taken(port, flag, &error))?;
    listener.set_nonblocking(true).context("listening")?;
    let address = listener.local_addr().context("listening")?;
    Ok((listener, address))
}

/// Makes sure that another program can listen on a port.
pub(crate) fn check(port: u16, flag: &str) -> Result<()> {
    listen(port, flag).map(drop)
}

fn taken(port: u16, flag: &str, error: &std::io::Error) -> Error {
    Error::new(format!("port {port} cannot be used ({error}): choose another one with {flag}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_an_error_that_names_its_flag() {
        let (_listener, address) = listen(0, "--api-port").unwrap();
        let error = check(address.port(), "--api-port").unwrap_err().to_string();
        assert!(error.contains(&address.port().to_string()) && error.ends_with("--api-port"), "{error}");
    }
}

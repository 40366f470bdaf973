//! The X-Ray daemon, to which segments are sent.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::SentMessage;

/// The variable with the daemon's address. Lambda sets it.
const ADDRESS: &str = "AWS_XRAY_DAEMON_ADDRESS";

/// The most segments of a call. So a batch of many routes has a bounded cost, some 10 µs for each segment.
const MAX_SEGMENTS: usize = 1_000;

/// The X-Ray daemon beside a function.
#[derive(Debug)]
pub struct Daemon {
    socket: UdpSocket,
    has_failed: AtomicBool,
}

impl Daemon {
    /// The daemon that Lambda's variable names. It is `None` without the variable, and if it is no IP address with a
    /// port, which is logged. Sends nothing.
    pub fn from_environment() -> Option<Self> {
        let address = std::env::var(ADDRESS).ok().filter(|address| !address.is_empty())?;
        match address_of(&address).map(Self::at) {
            Some(Ok(daemon)) => Some(daemon),
            Some(Err(error)) => {
                tracing::warn!("no traces are sent, since there is no socket for them: {error}");
                None
            }
            None => {
                tracing::warn!("no traces are sent, since {ADDRESS} is no IP address with a port");
                None
            }
        }
    }

    /// The daemon at an address.
    ///
    /// # Errors
    ///
    /// If the system has no socket for it.
    pub fn at(address: SocketAddr) -> std::io::Result<Self> {
        let own: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(own)?;
        socket.connect(address)?;
        // A message must not wait for its trace. A segment for which the socket has no room is lost.
        socket.set_nonblocking(true)?;
        Ok(Self { socket, has_failed: AtomicBool::new(false) })
    }

    /// Sends the segments of messages whose traces are sampled, at most 1,000. Never waits. A segment that cannot be
    /// sent is lost, and the first call that loses one logs how many, at level debug.
    pub fn send<'a>(&self, messages: impl Iterator<Item = SentMessage<'a>>) {
        let sampled = messages.filter(|message| message.traceparent.is_sampled());
        let (mut lost, mut last_error) = (0_usize, None);
        for (number, message) in sampled.enumerate() {
            let is_sent = number < MAX_SEGMENTS
                && message.datagram(fastrand::u64(1..)).is_some_and(|datagram| {
                    self.socket.send(&datagram).inspect_err(|error| last_error = Some(error.kind())).is_ok()
                });
            lost += usize::from(!is_sent);
        }
        if lost > 0 && !self.has_failed.swap(true, Ordering::Relaxed) {
            tracing::debug!(
                lost,
                ?last_error,
                "segments for X-Ray were lost, and later losses are not logged"
            );
        }
    }
}

/// The address of the variable: `<address>`, or with one for each protocol, `tcp:<address> udp:<address>`.
///
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon-configuration.html>
fn address_of(text: &str) -> Option<SocketAddr> {
    let udp = text.split_whitespace().find_map(|part| part.strip_prefix("udp:"));
    udp.unwrap_or(text).parse().ok()
}

#[cfg(test)]
mod tests {
    use std::{
        io::ErrorKind,
        time::{Duration, SystemTime},
    };

    use xzepr_domain::Traceparent;

    use super::*;

    fn traceparent(flags: &str) -> Traceparent {
        format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}").try_into().unwrap()
    }

    fn message<'a>(traceparent: &'a Traceparent, topic: &'a str) -> SentMessage<'a> {
        let now = SystemTime::now();
        let message_id = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap();
        SentMessage { traceparent, topic, message_id, key: "key", server: None, started: now, ended: now }
    }

    fn receiver() -> (UdpSocket, Daemon) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let daemon = Daemon::at(socket.local_addr().unwrap()).unwrap();
        (socket, daemon)
    }

    #[test]
    fn only_sampled_messages_are_sent_each_in_a_datagram_with_an_id_of_its_own() {
        let (socket, daemon) = receiver();
        let (sampled, other) = (traceparent("01"), traceparent("00"));
        let messages = [message(&sampled, "a"), message(&other, "b"), message(&sampled, "c")];
        daemon.send(messages.into_iter());
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut datagrams = [(); 2].map(|()| {
            let mut buffer = [0; 4096];
            let length = socket.recv(&mut buffer).unwrap();
            String::from_utf8(buffer[..length].to_vec()).unwrap()
        });
        assert!(datagrams[0].contains("send a") && datagrams[1].contains("send c"), "{datagrams:?}");
        for (datagram, topic) in datagrams.iter_mut().zip(["a", "c"]) {
            *datagram = datagram.replace(&format!("send {topic}"), "").replace(&format!("\"{topic}\""), "");
        }
        assert_ne!(datagrams[0], datagrams[1], "the ids differ");
        socket.set_nonblocking(true).unwrap();
        assert_eq!(socket.recv(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    #[test]
    fn a_daemon_that_is_away_and_many_messages_neither_fail_nor_wait() {
        let (socket, daemon) = receiver();
        drop(socket);
        let sampled = traceparent("01");
        daemon.send(std::iter::repeat_n(message(&sampled, "a"), 2 * MAX_SEGMENTS));
        assert!(daemon.has_failed.load(Ordering::Relaxed));
    }

    #[test]
    fn an_address_is_one_of_lambda_or_of_the_daemons_own_configuration() {
        let address = |text: &str| address_of(text).map(|address| address.to_string());
        assert_eq!(address("169.254.100.1:2000").as_deref(), Some("169.254.100.1:2000"));
        assert_eq!(address("[::1]:2000").as_deref(), Some("[::1]:2000"));
        let both = "tcp:127.0.0.1:2000 udp:127.0.0.2:2001";
        assert_eq!(address(both).as_deref(), Some("127.0.0.2:2001"));
        for wrong in ["127.0.0.1", "tcp:127.0.0.1:2000", "daemon:2000"] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }
}

//! One ICMP echo request, and whether it is answered (RFC 792).

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::sockopt::BindToDevice;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, recv, sendto,
    setsockopt, socket,
};
use std::os::fd::AsRawFd;

use crate::error::{Context, Result};
use crate::interrupt;
use crate::probe::netlink::visit;
use crate::text;
use crate::text::Text;

/// How long to wait for an answer. Between two namespaces it takes microseconds.
const PATIENCE: Duration = Duration::from_secs(1);
const ECHO_REQUEST: u8 = 8;
const ECHO_REPLY: u8 = 0;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was answered, after this time.
    Reply(Duration),
    /// The kernel would not even send it: ENETUNREACH where there is no route.
    Refused(Errno),
    /// It was sent, and nothing came back within a second.
    Silence,
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Answer::Reply(time) => {
                let time = time.as_micros();
                write!(f, "{}", text!("echo reply, {time} µs", "에코 응답, {time} µs"))
            }
            Answer::Refused(errno) => write!(f, "{errno:?}"),
            Answer::Silence => {
                write!(f, "{}", Text::new("no reply in 1 s", "1초 안에 응답 없음"))
            }
        }
    }
}

/// Sends one echo request to `to` from the network namespace that the file `namespace` holds; where
/// `link` is named, through that one and no other.
///
/// # Errors
/// open(2)'s, setns(2)'s, socket(2)'s; [`crate::error::Error::Interrupted`].
pub fn ping(namespace: &Path, to: Ipv4Addr, link: Option<&str>) -> Result<Answer> {
    let raw = visit(namespace, || {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        socket(AddressFamily::Inet, SockType::Raw, flags, SockProtocol::Icmp)
            .context("socket", "AF_INET SOCK_RAW IPPROTO_ICMP")
    })?;
    if let Some(link) = link {
        setsockopt(&raw, BindToDevice, &link.into()).context("setsockopt", "SO_BINDTODEVICE")?;
    }
    // Any number tells our reply from another's; 16 bits of the pid are what ping(8) takes too.
    let [.., high, low] = std::process::id().to_be_bytes();
    let request = echo_request([high, low]);
    let begun = Instant::now();
    let address = SockaddrIn::from(SocketAddrV4::new(to, 0));
    match sendto(raw.as_raw_fd(), &request, &address, MsgFlags::empty()) {
        Ok(_) => {}
        Err(errno @ (Errno::ENETUNREACH | Errno::EHOSTUNREACH | Errno::ENETDOWN)) => {
            return Ok(Answer::Refused(errno));
        }
        Err(errno) => return Err(errno).context("sendto", to),
    }
    loop {
        let left = PATIENCE.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Ok(Answer::Silence);
        }
        if !interrupt::wait(Some(raw.as_fd()), Some(left))? {
            continue;
        }
        let mut packet = [0; 1500];
        let length = match recv(raw.as_raw_fd(), &mut packet, MsgFlags::empty()) {
            Ok(length) => length,
            Err(Errno::EAGAIN) => continue,
            Err(errno) => return Err(errno).context("recv", "ICMP"),
        };
        if is_reply(packet.get(..length).unwrap_or_default(), to, [high, low]) {
            return Ok(Answer::Reply(begun.elapsed()));
        }
    }
}

fn echo_request([high, low]: [u8; 2]) -> [u8; 8] {
    // Type, code, checksum, identifier, sequence number 1.
    let [sum_high, sum_low] = checksum(&[ECHO_REQUEST, 0, 0, 0, high, low, 0, 1]).to_be_bytes();
    [ECHO_REQUEST, 0, sum_high, sum_low, high, low, 0, 1]
}

/// The internet checksum (RFC 1071) of an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let sum = bytes.chunks_exact(2).fold(0u32, |sum, pair| match pair {
        [high, low] => sum + u32::from(u16::from_be_bytes([*high, *low])),
        _ => sum,
    });
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(u16::MAX)
}

/// Whether an IPv4 packet is the reply: the right sender, type and identifier.
fn is_reply(packet: &[u8], from: Ipv4Addr, identifier: [u8; 2]) -> bool {
    let Some(first) = packet.first() else { return false };
    let header = usize::from(first & 0x0f) * 4;
    packet.get(12..16) == Some(&from.octets())
        && packet.get(header) == Some(&ECHO_REPLY)
        && packet.get(header + 4..header + 6) == Some(&identifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_its_checksum_sums_to_zero() {
        assert_eq!(checksum(&echo_request([0x12, 0x34])), 0);
    }

    #[test]
    fn a_reply_is_known_by_sender_type_and_identifier() {
        let mut packet = [0; 28];
        packet[0] = 0x45;
        packet[12..16].copy_from_slice(&[198, 51, 100, 2]);
        packet[24..26].copy_from_slice(&[0x12, 0x34]);
        let from = Ipv4Addr::new(198, 51, 100, 2);
        assert!(is_reply(&packet, from, [0x12, 0x34]));
        assert!(!is_reply(&packet, from, [0x12, 0x35]));
        packet[20] = ECHO_REQUEST;
        assert!(!is_reply(&packet, from, [0x12, 0x34]));
        assert!(!is_reply(&[], from, [0x12, 0x34]));
    }
}

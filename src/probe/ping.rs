//! ICMP echo requests, and whether they are answered (RFC 792, RFC 4443).

use std::net::{IpAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::sockopt::BindToDevice;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, SockaddrIn6,
    SockaddrLike, recvfrom, sendto, setsockopt, socket,
};

use crate::error::{Context, Result};
use crate::interrupt;
use crate::probe::netlink::visit;
use crate::text;
use crate::text::Text;

/// How long to wait for an answer. Between two namespaces it takes microseconds.
const PATIENCE: Duration = Duration::from_secs(1);

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was answered, and this long after it was sent that was seen.
    Reply(Duration),
    /// The kernel would not even send it: ENETUNREACH where there is no route, EPERM where a firewall lets nothing out.
    Refused(Errno),
    /// It was sent, and nothing came back in time.
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
            Answer::Silence => write!(f, "{}", Text::new("no reply", "응답 없음")),
        }
    }
}

/// An echo request, and where it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The file that holds the network namespace from which it is sent.
    pub namespace: &'a Path,
    /// To whom.
    pub to: IpAddr,
    /// The name and the number of the link through which it has to leave, and no other.
    pub link: Option<(&'a str, u32)>,
}

/// Sends one echo request to `to` from the network namespace that the file `namespace` holds.
///
/// # Errors
/// As for [`ping_all`].
pub fn ping(namespace: &Path, to: IpAddr) -> Result<Answer> {
    let answers = ping_all(&[Request { namespace, to, link: None }], PATIENCE)?;
    Ok(answers.first().copied().unwrap_or(Answer::Silence))
}

/// Sends all `requests`, and waits for the replies together, so long at most.
///
/// # Errors
/// open(2)'s, setns(2)'s, socket(2)'s; [`crate::error::Error::Interrupted`].
pub fn ping_all(requests: &[Request<'_>], patience: Duration) -> Result<Vec<Answer>> {
    let begun = Instant::now();
    let sent: Vec<(Errand, Option<Errno>)> = requests
        .iter()
        .map(|request| {
            let errand = Errand::prepare(request)?;
            let refused = errand.send(request)?;
            Ok((errand, refused))
        })
        .collect::<Result<_>>()?;
    let answers = sent.iter().map(|(errand, refused)| match refused {
        Some(errno) => Ok(Answer::Refused(*errno)),
        None => errand.wait(begun, patience),
    });
    answers.collect()
}

/// What the kernel says where it would not send: no way, a way that says no, or a firewall.
const REFUSALS: [Errno; 7] = [
    Errno::ENETUNREACH,
    Errno::EHOSTUNREACH,
    Errno::ENETDOWN,
    Errno::EINVAL,
    Errno::EACCES,
    Errno::EPERM,
    Errno::EADDRNOTAVAIL,
];

/// A socket for one request and its reply.
struct Errand {
    raw: OwnedFd,
    to: IpAddr,
    identifier: [u8; 2],
}

impl Errand {
    fn prepare(request: &Request<'_>) -> Result<Errand> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let (family, protocol, what) = match request.to {
            IpAddr::V4(_) => (AddressFamily::Inet, SockProtocol::Icmp, "IPPROTO_ICMP"),
            IpAddr::V6(_) => (AddressFamily::Inet6, SockProtocol::IcmpV6, "IPPROTO_ICMPV6"),
        };
        let raw = visit(request.namespace, || {
            socket(family, SockType::Raw, flags, protocol)
                .context("socket", format!("SOCK_RAW {what}"))
        })?;
        if let Some((name, _)) = request.link {
            setsockopt(&raw, BindToDevice, &name.into())
                .context("setsockopt", "SO_BINDTODEVICE")?;
        }
        // Any number tells our reply from another's; 16 bits of the pid are what ping(8) takes too.
        let [.., high, low] = std::process::id().to_be_bytes();
        Ok(Errand { raw, to: request.to, identifier: [high, low] })
    }

    /// Sends it; what the kernel says where it would not.
    fn send(&self, request: &Request<'_>) -> Result<Option<Errno>> {
        let sent = match self.to {
            IpAddr::V4(to) => self.send_to(&SockaddrIn::from(SocketAddrV4::new(to, 0))),
            IpAddr::V6(to) => {
                // Which link is meant is said for an address that counts on one only.
                let link = request.link.map_or(0, |(_, index)| index);
                self.send_to(&SockaddrIn6::from(SocketAddrV6::new(to, 0, 0, link)))
            }
        };
        match sent {
            Ok(()) => Ok(None),
            Err(errno) if REFUSALS.contains(&errno) => Ok(Some(errno)),
            Err(errno) => Err(errno).context("sendto", self.to),
        }
    }

    fn send_to(&self, address: &dyn SockaddrLike) -> nix::Result<()> {
        let request = echo_request(self.to, self.identifier);
        sendto(self.raw.as_raw_fd(), &request, address, MsgFlags::empty()).map(drop)
    }

    fn wait(&self, begun: Instant, patience: Duration) -> Result<Answer> {
        loop {
            if self.is_answered()? {
                return Ok(Answer::Reply(begun.elapsed()));
            }
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(Answer::Silence);
            }
            interrupt::wait(Some(self.raw.as_fd()), Some(left))?;
        }
    }

    /// Whether the reply is among what has come in by now.
    fn is_answered(&self) -> Result<bool> {
        let mut packet = [0; 1500];
        loop {
            match self.receive(&mut packet) {
                Ok((length, from)) => {
                    let packet = packet.get(..length).unwrap_or_default();
                    if from == Some(self.to) && is_reply(packet, self.to, self.identifier) {
                        return Ok(true);
                    }
                }
                Err(Errno::EAGAIN) => return Ok(false),
                Err(errno) => return Err(errno).context("recv", "ICMP"),
            }
        }
    }

    fn receive(&self, packet: &mut [u8]) -> nix::Result<(usize, Option<IpAddr>)> {
        let raw = self.raw.as_raw_fd();
        Ok(match self.to {
            IpAddr::V4(_) => {
                let (length, from) = recvfrom::<SockaddrIn>(raw, packet)?;
                (length, from.map(|from| IpAddr::V4(from.ip())))
            }
            IpAddr::V6(_) => {
                let (length, from) = recvfrom::<SockaddrIn6>(raw, packet)?;
                (length, from.map(|from| IpAddr::V6(from.ip())))
            }
        })
    }
}

/// The types of a request and of its reply.
fn types(to: IpAddr) -> (u8, u8) {
    if to.is_ipv4() { (8, 0) } else { (128, 129) }
}

/// Type, code, checksum, identifier, sequence number 1. Of ICMPv6 the kernel itself writes the checksum (RFC 3542, 3.1).
fn echo_request(to: IpAddr, [high, low]: [u8; 2]) -> [u8; 8] {
    let (request, _) = types(to);
    let [sum_high, sum_low] = checksum(&[request, 0, 0, 0, high, low, 0, 1]).to_be_bytes();
    [request, 0, sum_high, sum_low, high, low, 0, 1]
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

/// Whether it is the reply: the right type and identifier. Of IPv4 the whole packet comes, of IPv6 what is in it (man 7
/// raw).
fn is_reply(packet: &[u8], from: IpAddr, identifier: [u8; 2]) -> bool {
    let header = match (from, packet.first()) {
        (IpAddr::V4(_), Some(first)) => usize::from(first & 0x0f) * 4,
        _ => 0,
    };
    let (_, reply) = types(from);
    packet.get(header) == Some(&reply) && packet.get(header + 4..header + 6) == Some(&identifier)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const OLD: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 2));

    #[test]
    fn a_message_with_its_checksum_sums_to_zero() {
        assert_eq!(checksum(&echo_request(OLD, [0x12, 0x34])), 0);
    }

    #[test]
    fn a_reply_is_known_by_type_and_identifier() {
        let mut packet = [0; 28];
        packet[0] = 0x45;
        packet[24..26].copy_from_slice(&[0x12, 0x34]);
        assert!(is_reply(&packet, OLD, [0x12, 0x34]));
        assert!(!is_reply(&packet, OLD, [0x12, 0x35]));
        packet[20] = 8;
        assert!(!is_reply(&packet, OLD, [0x12, 0x34]));
        assert!(!is_reply(&[], OLD, [0x12, 0x34]));
        let new = "fd00::2".parse().unwrap();
        assert!(is_reply(&[129, 0, 0, 0, 0x12, 0x34, 0, 1], new, [0x12, 0x34]));
        assert!(!is_reply(&[128, 0, 0, 0, 0x12, 0x34, 0, 1], new, [0x12, 0x34]));
    }
}

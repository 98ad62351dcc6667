//! The IP addresses of a link, and which others each has for its neighbours.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use netlink_packet_route::address::{
    AddressAttribute, AddressHeaderFlags, AddressMessage, AddressProtocol,
};

/// An address of a link, as `ip address` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address itself (`IFA_LOCAL`).
    pub ip: IpAddr,
    /// Any address of the network that is on the link: the same, or that of the other end, where both
    /// were given (`IFA_ADDRESS`; `ip address add LOCAL peer REMOTE`).
    pub on_link: IpAddr,
    /// The length of that network's prefix.
    pub prefix: u8,
    /// Whether the kernel still asks who else has it (RFC 4862, duplicate address detection).
    pub tentative: bool,
    /// Whether somebody else has it (`IFA_F_DADFAILED`): it is not used.
    pub duplicate: bool,
    /// Whether it is the one that the kernel gives each link by itself, for which nobody did anything: fe80::/10.
    pub of_the_kernel: bool,
}

impl Address {
    pub(super) fn read(message: &AddressMessage) -> Option<Address> {
        let (mut local, mut on_link, mut given) = (None, None, None);
        for attribute in &message.attributes {
            match attribute {
                AddressAttribute::Local(ip) => local = Some(*ip),
                AddressAttribute::Address(ip) => on_link = Some(*ip),
                AddressAttribute::Protocol(protocol) => given = Some(*protocol),
                _ => {}
            }
        }
        let ip = local.or(on_link)?;
        let flags = message.header.flags;
        // Kernels before 5.18 do not tell, and derive it from the hardware address (RFC 4291, appendix A) or
        // from nothing that anybody would type.
        let of_the_kernel = given == Some(AddressProtocol::LinkLocal) || is_derived(ip);
        Some(Address {
            ip,
            on_link: on_link.unwrap_or(ip),
            prefix: message.header.prefix_len,
            tentative: flags.contains(AddressHeaderFlags::Tentative),
            duplicate: flags.contains(AddressHeaderFlags::Dadfailed),
            of_the_kernel,
        })
    }

    /// Whether `ip` is in the network that is on this link.
    pub fn covers(&self, ip: IpAddr) -> bool {
        network(self.on_link, self.prefix) == network(ip, self.prefix)
    }

    /// Whether nobody but this very namespace can send to it (`127.0.0.0/8`, `::1`).
    pub fn is_loopback(&self) -> bool {
        self.ip.is_loopback()
    }

    /// Whether it counts on its own link only (RFC 4291): who sends to it has to say through which.
    pub fn is_link_local(&self) -> bool {
        is_link_local(self.ip)
    }
}

/// Whether `ip` is in `fe80::/10`.
pub fn is_link_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.segments().first().is_some_and(|first| first & 0xffc0 == 0xfe80))
}

/// Whether it has the bytes in its middle that a hardware address is stretched with.
fn is_derived(ip: IpAddr) -> bool {
    is_link_local(ip)
        && matches!(ip, IpAddr::V6(ip) if ip.octets().get(11..13) == Some(&[0xff, 0xfe]))
}

/// The network of `ip` with a prefix of so many bits.
pub fn network(ip: IpAddr, prefix: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() & mask))
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & mask))
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Address { ip, on_link, prefix, .. } = self;
        match ip == on_link {
            true => write!(f, "{ip}/{prefix}"),
            false => write!(f, "{ip} peer {on_link}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(ip: &str, on_link: &str, prefix: u8) -> Address {
        let (ip, on_link) = (ip.parse().unwrap(), on_link.parse().unwrap());
        let (tentative, duplicate, of_the_kernel) = (false, false, false);
        Address { ip, on_link, prefix, tentative, duplicate, of_the_kernel }
    }

    #[test]
    fn an_address_covers_its_network_or_its_peer() {
        let covers = |one: Address, ip: &str| one.covers(ip.parse().unwrap());
        assert!(covers(address("10.0.0.1", "10.0.0.1", 30), "10.0.0.2"));
        assert!(!covers(address("10.0.0.1", "10.0.0.1", 30), "10.0.0.5"));
        assert!(!covers(address("10.0.0.1", "10.0.0.1", 32), "10.0.0.2"));
        assert!(covers(address("10.9.9.1", "10.9.9.2", 32), "10.9.9.2"));
        assert!(covers(address("fd00::1", "fd00::1", 64), "fd00::2"));
        assert!(!covers(address("fd00::1", "fd00::1", 64), "10.0.0.1"));
        assert!(covers(address("10.0.0.1", "10.0.0.1", 0), "192.0.2.1"));
    }

    #[test]
    fn the_kernels_own_is_told_from_one_that_was_given() {
        assert!(is_derived("fe80::9cff:84ff:fe12:3456".parse().unwrap()));
        assert!(!is_derived("fe80::1".parse().unwrap()));
        assert!(!is_derived("fd00::ff:fe00:1".parse().unwrap()));
    }
}

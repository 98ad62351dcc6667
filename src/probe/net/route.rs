//! Which way the kernel would send something, and whom it takes for the next hop.

use std::net::IpAddr;
use std::path::Path;

use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState,
};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteMessage, RouteType as Type, RouteVia,
};
use netlink_packet_route::rule::RuleMessage;
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::errno::Errno;

use crate::error::Result;
use crate::probe::net::address::is_link_local;
use crate::probe::netlink::Route;

/// What `ip route get` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It leaves through a link.
    Out {
        /// The link's number.
        link: u32,
        /// Who passes it on, where it is not the other end itself.
        gateway: Option<IpAddr>,
        /// The address that it is sent from.
        from: Option<IpAddr>,
    },
    /// It is this namespace's own address.
    Own,
    /// The kernel would not send it: ENETUNREACH where there is no route; a route may say EINVAL (blackhole),
    /// EHOSTUNREACH (unreachable) or EACCES (prohibit) as well (man 8 ip-route).
    Refused(Errno),
}

impl Way {
    /// The link through which it leaves.
    pub fn link(self) -> Option<u32> {
        match self {
            Way::Out { link, .. } => Some(link),
            Way::Own | Way::Refused(_) => None,
        }
    }
}

/// What a lookup of a route may answer, where the route itself says no.
const REFUSALS: [Errno; 5] =
    [Errno::ENETUNREACH, Errno::EHOSTUNREACH, Errno::EINVAL, Errno::EACCES, Errno::EAGAIN];

fn family(ip: IpAddr) -> AddressFamily {
    if ip.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 }
}

/// The way from the network namespace `namespace` to `to` (RTM_GETROUTE). An address that counts on its own link only is
/// looked for on the link `link`.
///
/// # Errors
/// open(2)'s, rtnetlink's.
pub fn route_to(namespace: &Path, to: IpAddr, link: u32) -> Result<Way> {
    let mut message = RouteMessage::default();
    message.header.address_family = family(to);
    message.header.destination_prefix_length = if to.is_ipv4() { 32 } else { 128 };
    message.attributes.push(RouteAttribute::Destination(RouteAddress::from(to)));
    if is_link_local(to) {
        message.attributes.push(RouteAttribute::Oif(link));
    }
    let route = Route::open(namespace)?;
    let answers = match route.get("RTM_GETROUTE", RouteNetlinkMessage::GetRoute(message)) {
        Err(error) => match error.errno().filter(|errno| REFUSALS.contains(errno)) {
            Some(errno) => return Ok(Way::Refused(errno)),
            None => return Err(error),
        },
        Ok(answers) => answers,
    };
    let found = answers.into_iter().find_map(|answer| match answer {
        RouteNetlinkMessage::NewRoute(route) => Some(read(&route)),
        _ => None,
    });
    Ok(found.unwrap_or(Way::Refused(Errno::ENETUNREACH)))
}

/// Whether somebody has added rules to those by which every namespace begins to look for a route (man 8 ip-rule): what
/// they say goes before what is in the main table.
///
/// # Errors
/// open(2)'s, rtnetlink's.
pub fn has_rules(namespace: &Path, to: IpAddr) -> Result<bool> {
    let mut message = RuleMessage::default();
    message.header.family = family(to);
    let all = RouteNetlinkMessage::GetRule(message);
    let rules = Route::open(namespace)?.dump("RTM_GETRULE", all)?.len();
    // local, main and, of IPv4, default.
    Ok(rules > if to.is_ipv4() { 3 } else { 2 })
}

fn read(route: &RouteMessage) -> Way {
    let (mut out, mut gateway, mut from) = (None, None, None);
    let ip = |address: &RouteAddress| match address {
        RouteAddress::Inet(ip) => Some(IpAddr::V4(*ip)),
        RouteAddress::Inet6(ip) => Some(IpAddr::V6(*ip)),
        _ => None,
    };
    for attribute in &route.attributes {
        match attribute {
            RouteAttribute::Oif(link) => out = Some(*link),
            RouteAttribute::Gateway(address) => gateway = ip(address),
            // A next hop of the other family (man 8 ip-route, `via inet6 ADDRESS`).
            RouteAttribute::Via(RouteVia::Inet(ip)) => gateway = Some(IpAddr::V4(*ip)),
            RouteAttribute::Via(RouteVia::Inet6(ip)) => gateway = Some(IpAddr::V6(*ip)),
            RouteAttribute::PrefSource(address) => from = ip(address),
            _ => {}
        }
    }
    match (route.header.kind, out) {
        (Type::Local, _) => Way::Own,
        (Type::BlackHole, _) => Way::Refused(Errno::EINVAL),
        (Type::Unreachable, _) => Way::Refused(Errno::EHOSTUNREACH),
        (Type::Prohibit, _) => Way::Refused(Errno::EACCES),
        (_, Some(link)) => Way::Out { link, gateway, from },
        (_, None) => Way::Refused(Errno::ENETUNREACH),
    }
}

/// What is known of the hardware address of somebody on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Neighbour {
    /// Nobody was asked, or nobody has answered.
    Silent,
    /// This is it.
    Known {
        /// The hardware address.
        address: Vec<u8>,
        /// Whether somebody has typed it in (`ip neighbour add`), and nobody was asked.
        typed: bool,
    },
}

/// What the network namespace `namespace` knows of `ip` on its link `link` (RTM_GETNEIGH, as `ip neighbour` asks).
///
/// # Errors
/// open(2)'s, rtnetlink's.
pub fn neighbour(namespace: &Path, ip: IpAddr, link: u32) -> Result<Neighbour> {
    let mut message = NeighbourMessage::default();
    message.header.family = family(ip);
    let all = RouteNetlinkMessage::GetNeighbour(message);
    let answers = Route::open(namespace)?.dump("RTM_GETNEIGH", all)?;
    let asked = match ip {
        IpAddr::V4(ip) => NeighbourAddress::Inet(ip),
        IpAddr::V6(ip) => NeighbourAddress::Inet6(ip),
    };
    let is_it = |one: &NeighbourMessage| {
        let destination =
            |it: &NeighbourAttribute| *it == NeighbourAttribute::Destination(asked.clone());
        one.header.ifindex == link && one.attributes.iter().any(destination)
    };
    let found = answers.into_iter().find_map(|answer| match answer {
        RouteNetlinkMessage::NewNeighbour(one) => Some(one).filter(is_it),
        _ => None,
    });
    let known = found.and_then(|one| {
        let typed = one.header.state == NeighbourState::Permanent;
        let open = [NeighbourState::Failed, NeighbourState::Incomplete, NeighbourState::None];
        let address = one.attributes.into_iter().find_map(|attribute| match attribute {
            NeighbourAttribute::LinkLayerAddress(address) => Some(address),
            _ => None,
        });
        let address = address.filter(|_| !open.contains(&one.header.state))?;
        Some(Neighbour::Known { address, typed })
    });
    Ok(known.unwrap_or(Neighbour::Silent))
}

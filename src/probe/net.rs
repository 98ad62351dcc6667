//! What is in a network namespace: its links and their addresses, by rtnetlink(7).

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsRawFd;
use std::path::Path;

use netlink_packet_route::AddressFamily;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{
    InfoKind, LinkAttribute, LinkFlags, LinkInfo, LinkMessage, State,
};
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};
use netlink_packet_route::route::{RouteAddress, RouteAttribute, RouteMessage};
use nix::errno::Errno;

use crate::error::Result;
use crate::probe::namespace;
use crate::probe::netlink::Route;

/// A network link, as `ip link` and `ip address` show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Its number in its namespace.
    pub index: u32,
    /// Its name in its namespace.
    pub name: String,
    /// Whether it was set up (`IFF_UP`).
    pub up: bool,
    /// Whether it has a carrier (`IFF_LOWER_UP`): for a veth, whether both ends are up.
    pub carrier: bool,
    /// Whether the kernel says that it works (`IFLA_OPERSTATE`), which it may say a second late.
    pub operational: bool,
    /// Whether it is a veth.
    pub veth: bool,
    /// The number of its peer, in the peer's namespace (`IFLA_LINK`).
    pub peer: Option<u32>,
    /// What its namespace calls the peer's (`IFLA_LINK_NETNSID`); none when they share one.
    pub peer_namespace: Option<i32>,
    /// Its hardware address.
    pub address: Option<Vec<u8>>,
    /// Its IPv4 addresses with their prefix lengths.
    pub addresses: Vec<(Ipv4Addr, u8)>,
}

/// The links of the network namespace that the file `namespace` holds, by number.
///
/// # Errors
/// open(2)'s, setns(2)'s, rtnetlink's.
pub fn links(namespace: &Path) -> Result<Vec<Link>> {
    links_of(&Route::open(namespace)?)
}

/// The veth links among them, without their IP addresses.
///
/// # Errors
/// As for [`links`].
pub fn veths(namespace: &Path) -> Result<Vec<Link>> {
    let mut links = bare_links(&Route::open(namespace)?)?;
    links.retain(|link| link.veth);
    Ok(links)
}

/// The hardware address of the other end of `link`, a link of `namespace`: the kernel looks it up in the namespace of
/// that end (`IFLA_IF_NETNSID`, also called `IFLA_TARGET_NETNSID`). None where that is unknown.
///
/// # Errors
/// open(2)'s; rtnetlink's: EPERM for who may not administer that namespace.
pub fn address_of_peer(namespace: &Path, link: &Link) -> Result<Option<Vec<u8>>> {
    let Some((peer, number)) = link.peer.zip(link.peer_namespace) else { return Ok(None) };
    let mut message = LinkMessage::default();
    message.header.index = peer;
    message.attributes.push(LinkAttribute::IfNetnsId(number));
    let route = Route::open(namespace)?;
    let answers = route.get("RTM_GETLINK", RouteNetlinkMessage::GetLink(message))?;
    Ok(answers.into_iter().find_map(|answer| match answer {
        RouteNetlinkMessage::NewLink(link) => read_link(link).address,
        _ => None,
    }))
}

fn bare_links(route: &Route) -> Result<Vec<Link>> {
    let all = RouteNetlinkMessage::GetLink(LinkMessage::default());
    let answers = route.dump("RTM_GETLINK", all)?.into_iter();
    let links = answers.filter_map(|message| match message {
        RouteNetlinkMessage::NewLink(link) => Some(read_link(link)),
        _ => None,
    });
    Ok(links.collect())
}

fn links_of(route: &Route) -> Result<Vec<Link>> {
    let mut links = bare_links(route)?;
    let get = RouteNetlinkMessage::GetAddress(AddressMessage::default());
    for message in route.dump("RTM_GETADDR", get)? {
        let RouteNetlinkMessage::NewAddress(message) = message else { continue };
        let link = links.iter_mut().find(|link| link.index == message.header.index);
        let local = message.attributes.iter().find_map(|attribute| match attribute {
            AddressAttribute::Local(IpAddr::V4(address)) => Some(*address),
            _ => None,
        });
        if let (Some(link), Some(address)) = (link, local) {
            link.addresses.push((address, message.header.prefix_len));
        }
    }
    links.sort_by_key(|link| link.index);
    Ok(links)
}

fn read_link(message: LinkMessage) -> Link {
    let mut link = Link {
        index: message.header.index,
        name: String::new(),
        up: message.header.flags.contains(LinkFlags::Up),
        carrier: message.header.flags.contains(LinkFlags::LowerUp),
        operational: false,
        veth: false,
        peer: None,
        peer_namespace: None,
        address: None,
        addresses: Vec::new(),
    };
    for attribute in message.attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name = name,
            LinkAttribute::Address(address) => link.address = Some(address),
            LinkAttribute::OperState(state) => link.operational = state == State::Up,
            LinkAttribute::Link(peer) => link.peer = Some(peer),
            LinkAttribute::LinkNetNsId(id) => link.peer_namespace = Some(id),
            LinkAttribute::LinkInfo(infos) => {
                link.veth = infos.contains(&LinkInfo::Kind(InfoKind::Veth));
            }
            _ => {}
        }
    }
    link
}

/// What the namespace `namespace` calls the namespace `other` (RTM_GETNSID); none when it has no
/// number for it.
///
/// # Errors
/// open(2)'s, rtnetlink's.
pub fn number_of(namespace: &Path, other: &Path) -> Result<Option<i32>> {
    number_by(&Route::open(namespace)?, other)
}

fn number_by(route: &Route, other: &Path) -> Result<Option<i32>> {
    let file = namespace::open(other)?;
    let mut message = NsidMessage::default();
    // A file descriptor is never negative.
    message.attributes.push(NsidAttribute::Fd(file.as_raw_fd().cast_unsigned()));
    let answers = route.get("RTM_GETNSID", RouteNetlinkMessage::GetNsId(message))?;
    let number = answers.into_iter().find_map(|answer| match answer {
        RouteNetlinkMessage::NewNsId(answer) => {
            answer.attributes.iter().find_map(|attribute| match attribute {
                NsidAttribute::Id(number) => Some(*number),
                _ => None,
            })
        }
        _ => None,
    });
    // -1: none was given yet.
    Ok(number.filter(|number| *number >= 0))
}

/// The link through which the namespace `namespace` would send a packet to `to`, by number
/// (RTM_GETROUTE, as `ip route get` asks); none when there is no route.
///
/// # Errors
/// open(2)'s, rtnetlink's.
pub fn route_to(namespace: &Path, to: Ipv4Addr) -> Result<Option<u32>> {
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    message.header.destination_prefix_length = 32;
    message.attributes.push(RouteAttribute::Destination(RouteAddress::Inet(to)));
    let asked = Route::open(namespace)?.get("RTM_GETROUTE", RouteNetlinkMessage::GetRoute(message));
    let answers = match asked {
        Err(error) if matches!(error.errno(), Some(Errno::ENETUNREACH | Errno::EHOSTUNREACH)) => {
            return Ok(None);
        }
        other => other?,
    };
    Ok(answers.into_iter().find_map(|answer| match answer {
        RouteNetlinkMessage::NewRoute(route) => {
            route.attributes.iter().find_map(|attribute| match attribute {
                RouteAttribute::Oif(link) => Some(*link),
                _ => None,
            })
        }
        _ => None,
    }))
}

/// The two ends of a veth pair, one in `left` and one in `right`, as the kernel says they belong
/// together: by number and by namespace, never by name.
///
/// # Errors
/// As for [`links`].
pub fn pair(left: &Path, right: &Path) -> Result<Option<(Link, Link)>> {
    let (from_left, from_right) = (Route::open(left)?, Route::open(right)?);
    let (lefts, rights) = (links_of(&from_left)?, links_of(&from_right)?);
    let (to_right, to_left) = (number_by(&from_left, right)?, number_by(&from_right, left)?);
    for a in lefts.iter().filter(|link| link.veth && link.peer_namespace == to_right) {
        let fits = |b: &&Link| {
            b.veth
                && b.peer_namespace == to_left
                && a.peer == Some(b.index)
                && b.peer == Some(a.index)
        };
        if let Some(b) = rights.iter().find(fits) {
            return Ok(Some((a.clone(), b.clone())));
        }
    }
    Ok(None)
}

//! What is in a network namespace: its links and their addresses, by rtnetlink(7).

pub mod address;
pub mod route;

use std::os::fd::AsRawFd;
use std::path::Path;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressMessage;
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkInfo, LinkMessage, State};
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};

use crate::error::Result;
use crate::probe::namespace;
use crate::probe::net::address::Address;
use crate::probe::netlink::Route;
use crate::probe::process::Inode;

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
    /// Whether it asks for its neighbours and answers them (not `IFF_NOARP`).
    pub arp: bool,
    /// Its kind, as `ip -details link` names it: `veth`, `bridge`; empty for one of none.
    pub kind: String,
    /// The number of the bridge or bond that it is in (`IFLA_MASTER`).
    pub master: Option<u32>,
    /// The number of its peer, in the peer's namespace, or of the link that it rests on, as a VLAN does (`IFLA_LINK`).
    pub peer: Option<u32>,
    /// What its namespace calls the peer's (`IFLA_LINK_NETNSID`); none when they share one.
    pub peer_namespace: Option<i32>,
    /// Its hardware address.
    pub address: Option<Vec<u8>>,
    /// Its IP addresses, those of IPv4 first.
    pub addresses: Vec<Address>,
    /// Packets that have left through it (`IFLA_STATS64`).
    pub sent: u64,
    /// Packets that have come in through it.
    pub received: u64,
}

impl Link {
    /// Whether it is one end of a veth pair.
    pub fn is_veth(&self) -> bool {
        self.kind == "veth"
    }

    /// Whether it rests on the link `index` of its own namespace, as a VLAN does, or has that one in it, as a bridge does.
    fn stands_on(&self, lower: &Link) -> bool {
        let rests =
            !self.is_veth() && self.peer_namespace.is_none() && self.peer == Some(lower.index);
        self.index != lower.index && (rests || lower.master == Some(self.index))
    }
}

/// The links of `all`, those of one namespace, over which what comes in through `end` is received: itself, the bridge or
/// bond that it is in, a VLAN on it, and so on.
pub fn over<'a>(all: &'a [Link], end: &Link) -> Vec<&'a Link> {
    let mut standing: Vec<&Link> = all.iter().filter(|link| link.index == end.index).collect();
    let mut at = 0;
    while let Some(lower) = standing.get(at).copied() {
        let known = |link: &&Link| standing.iter().any(|one| one.index == link.index);
        let next: Vec<&Link> =
            all.iter().filter(|link| link.stands_on(lower) && !known(link)).collect();
        standing.extend(next);
        at += 1;
    }
    standing
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
    links.retain(Link::is_veth);
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
        if let (Some(link), Some(address)) = (link, Address::read(&message)) {
            link.addresses.push(address);
        }
    }
    links.sort_by_key(|link| link.index);
    for link in &mut links {
        link.addresses.sort_by_key(|address| address.ip.is_ipv6());
    }
    Ok(links)
}

fn read_link(message: LinkMessage) -> Link {
    let mut link = Link {
        index: message.header.index,
        up: message.header.flags.contains(LinkFlags::Up),
        carrier: message.header.flags.contains(LinkFlags::LowerUp),
        arp: !message.header.flags.contains(LinkFlags::Noarp),
        ..Link::default()
    };
    for attribute in message.attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name = name,
            LinkAttribute::Address(address) => link.address = Some(address),
            LinkAttribute::OperState(state) => link.operational = state == State::Up,
            LinkAttribute::Link(peer) => link.peer = Some(peer),
            LinkAttribute::LinkNetNsId(id) => link.peer_namespace = Some(id),
            LinkAttribute::Controller(master) => link.master = Some(master).filter(|it| *it != 0),
            LinkAttribute::Stats64(counted) => {
                (link.sent, link.received) = (counted.tx_packets, counted.rx_packets);
            }
            LinkAttribute::LinkInfo(infos) => {
                let kind = infos.iter().find_map(|info| match info {
                    LinkInfo::Kind(kind) => Some(kind.to_string()),
                    _ => None,
                });
                link.kind = kind.unwrap_or_default();
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

/// The veth pairs with one end in `left` and one in `right`, another namespace, as the kernel says they belong
/// together: by number and by namespace, never by name. With each end comes what else is in its namespace.
///
/// # Errors
/// As for [`links`].
pub fn pairs(left: &Path, right: &Path) -> Result<Pairs> {
    let (from_left, from_right) = (Route::open(left)?, Route::open(right)?);
    let (lefts, rights) = (links_of(&from_left)?, links_of(&from_right)?);
    if Inode::of(left)? == Inode::of(right)? {
        return Ok(Pairs { ends: Vec::new(), lefts, rights });
    }
    let (to_right, to_left) = (number_by(&from_left, right)?, number_by(&from_right, left)?);
    let mut ends = Vec::new();
    let across = |link: &&Link| {
        link.is_veth() && link.peer_namespace.is_some() && link.peer_namespace == to_right
    };
    for a in lefts.iter().filter(across) {
        let fits = |b: &&Link| {
            b.is_veth()
                && b.peer_namespace == to_left
                && a.peer == Some(b.index)
                && b.peer == Some(a.index)
        };
        ends.extend(rights.iter().find(fits).map(|b| (a.clone(), b.clone())));
    }
    Ok(Pairs { ends, lefts, rights })
}

/// What is in two namespaces.
#[derive(Clone, Debug)]
pub struct Pairs {
    /// The veth pairs between the two: the end in the first, and the one in the second.
    pub ends: Vec<(Link, Link)>,
    /// All links of the first.
    pub lefts: Vec<Link>,
    /// All links of the second.
    pub rights: Vec<Link>,
}

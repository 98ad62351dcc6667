//! Network links, by rtnetlink(7). A namespace is named by the file that holds it.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoVeth, LinkAttribute, LinkFlags, LinkInfo, LinkMessage,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::errno::Errno;

use crate::error::{Context, Error, Result, SysError};
use crate::interrupt;
use crate::probe::net;
use crate::probe::netlink::Route;
use crate::text;

/// How long a link may take to run.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_micros(200);

/// Makes a veth pair (man 4 veth): one end is born in each namespace, so that no other, and this
/// machine's own least of all, ever sees it. Nothing is written down, because the pair ends with
/// either namespace; waiting for the kernel to delete it would only take time.
///
/// # Errors
/// EEXIST when a namespace has a link of that name.
pub fn make_pair(
    (left, left_name): (&Path, &str),
    (right, right_name): (&Path, &str),
) -> Result<()> {
    let right = File::open(right).context("open", right.display())?;
    let mut peer = LinkMessage::default();
    peer.attributes = vec![
        LinkAttribute::IfName(right_name.to_owned()),
        LinkAttribute::NetNsFd(right.as_raw_fd()),
    ];
    let mut message = LinkMessage::default();
    message.attributes = vec![
        LinkAttribute::IfName(left_name.to_owned()),
        LinkAttribute::LinkInfo(vec![
            LinkInfo::Kind(InfoKind::Veth),
            LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(peer))),
        ]),
    ];
    let what = format!("RTM_NEWLINK {left_name} type veth");
    let message = RouteNetlinkMessage::NewLink(message);
    Route::open(left)?.change(&what, message, NLM_F_CREATE | NLM_F_EXCL)
}

/// Gives a link an IPv4 address; it goes with the link.
///
/// # Errors
/// ENODEV when there is no such link; EEXIST when it has the address.
pub fn add_address(namespace: &Path, name: &str, address: Ipv4Addr, prefix: u8) -> Result<()> {
    let route = Route::open(namespace)?;
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.prefix_len = prefix;
    message.header.index = index_of(&route, name)?;
    message.attributes = vec![
        AddressAttribute::Local(IpAddr::V4(address)),
        AddressAttribute::Address(IpAddr::V4(address)),
    ];
    let what = format!("RTM_NEWADDR {address}/{prefix} dev {name}");
    let message = RouteNetlinkMessage::NewAddress(message);
    route.change(&what, message, NLM_F_CREATE | NLM_F_EXCL)
}

/// Sets a link up, as `ip link set NAME up` does.
///
/// # Errors
/// ENODEV when there is no such link.
pub fn set_up(namespace: &Path, name: &str) -> Result<()> {
    let route = Route::open(namespace)?;
    let mut message = LinkMessage::default();
    message.header.index = index_of(&route, name)?;
    message.header.flags = LinkFlags::Up;
    message.header.change_mask = LinkFlags::Up;
    let what = format!("RTM_NEWLINK {name} up");
    route.change(&what, RouteNetlinkMessage::SetLink(message), 0)
}

/// Waits until a link works. The end of a veth that was set up first gets a carrier when its peer
/// comes up, but sends only once the kernel has noticed in the background (its linkwatch, which sets
/// `IFLA_OPERSTATE`). What is sent before is dropped, and an ARP request that was dropped is sent
/// again only after a second.
///
/// # Errors
/// [`Error::Broken`] when that takes over two seconds; [`Error::Interrupted`].
pub fn wait_until_operational(namespace: &Path, name: &str) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !net::links(namespace)?.iter().any(|link| link.name == name && link.operational) {
        if Instant::now() > end {
            return Err(Error::broken(&text!(
                "interface {name} does not come up",
                "{name} 인터페이스가 UP 상태가 되지 않습니다"
            )));
        }
        interrupt::sleep(PAUSE)?;
    }
    Ok(())
}

fn index_of(route: &Route, name: &str) -> Result<u32> {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::IfName(name.to_owned()));
    let what = format!("RTM_GETLINK {name}");
    let answers = route.get(&what, RouteNetlinkMessage::GetLink(message))?;
    let index = answers.into_iter().find_map(|answer| match answer {
        RouteNetlinkMessage::NewLink(link) => Some(link.header.index),
        _ => None,
    });
    index.ok_or_else(|| Error::Sys(SysError::new("rtnetlink", what, Errno::ENODEV)))
}

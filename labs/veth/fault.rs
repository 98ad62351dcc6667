//! What can be in the way of an echo request.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use super::cable::{Hub, Side};
use crate::error::{Context, Result};
use crate::probe::net::Link;
use crate::probe::netlink::visit;
use crate::probe::process;
use crate::text::Text;

/// What is in the way of one request.
#[derive(Clone, Debug)]
pub struct Fault<'a> {
    /// From where.
    pub from: &'a Side,
    /// The other side.
    pub side: &'a Side,
    /// The address that it was sent to.
    pub to: IpAddr,
    /// What it is.
    pub cause: Cause<'a>,
}

/// The kinds of faults, in the order in which they are looked for.
#[derive(Clone, Debug)]
pub enum Cause<'a> {
    /// The kernel has no way there, or one that says no.
    NoWay(Errno),
    /// The way there leads through this link.
    OtherLink(Option<&'a Link>),
    /// This end in the namespace in the middle is in no bridge.
    Unplugged(&'a Hub, &'a Link),
    /// The ends there are in two bridges: the first of these, and this end in another.
    TwoBridges(&'a Hub, &'a Link, &'a Link),
    /// The bridge is down.
    BridgeDown(&'a Hub, &'a Link),
    /// Nothing may leave: a firewall where it is sent from.
    NotLetOut,
    /// Requests for hardware addresses are switched off at this link of this side.
    NoArp(&'a Side, &'a Link),
    /// Nobody has answered for this address.
    NoNeighbour(IpAddr),
    /// Somebody has typed in another's hardware address for this one at this link; it is at that link of the other side.
    WrongNeighbour(IpAddr, &'a Link, &'a Link),
    /// The other side takes the request and leaves it.
    Ignored,
    /// So many packets were counted, on a way that leads through the namespace in the middle, where there is one.
    Lost(Count, Option<&'a Hub>),
}

impl Fault<'_> {
    /// Where the packets that were counted have come to their end: the file that holds the namespace, and its name.
    pub fn end_of(&self, count: Count, hub: Option<&Hub>) -> (PathBuf, Text) {
        let Fault { from, side, .. } = self;
        let of = |side: &Side| (side.file.clone(), side.name.clone());
        match (count, hub) {
            (Count { left: 0, .. }, _) => of(from),
            (Count { arrived: 0, .. }, Some(hub)) => (hub.file.clone(), hub.name.clone()),
            (Count { back: 1.., .. }, _) => of(from),
            _ => of(side),
        }
    }
}

impl Cause<'_> {
    /// Whether it was found by sending, each way by itself.
    pub fn is_of_one_way(&self) -> bool {
        matches!(
            self,
            Cause::NotLetOut
                | Cause::NoNeighbour(_)
                | Cause::WrongNeighbour(..)
                | Cause::Ignored
                | Cause::Lost(..)
        )
    }
}

/// Packets, while one request was on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// That left the one end.
    pub left: u64,
    /// That arrived at the other.
    pub arrived: u64,
    /// That the other end sent back.
    pub returned: u64,
    /// That came back.
    pub back: u64,
}

/// Whether who is in the namespace leaves echo requests unanswered (Documentation/networking/ip-sysctl.rst).
///
/// # Errors
/// setns(2)'s, open(2)'s.
pub fn is_ignored(namespace: &Path, to: IpAddr) -> Result<bool> {
    let file = sysctl(to);
    // What /proc/sys/net shows are the settings of the namespace that the reader is in.
    visit(namespace, || {
        let text = process::read(&file).context("read", &file)?;
        Ok(text.first().is_some_and(|digit| *digit != b'0'))
    })
}

/// Where it is set that echo requests are left unanswered.
pub fn sysctl(to: IpAddr) -> String {
    let name = if to.is_ipv4() { "ipv4/icmp_echo_ignore_all" } else { "ipv6/icmp/echo_ignore_all" };
    format!("/proc/sys/net/{name}")
}

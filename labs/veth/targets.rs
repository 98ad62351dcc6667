//! Which addresses two ends can send to each other over their cable, and why there are none.

use std::net::IpAddr;

use super::cable::{Cable, Side};
use crate::error::Result;
use crate::probe::net::Link;
use crate::probe::net::address::{Address, is_link_local};
use crate::probe::net::route::{Way, route_to};

/// More addresses of one side are not tried: a machine may have thousands.
const MOST: usize = 16;

/// An address of each end that the other can send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The left end's.
    pub left: IpAddr,
    /// The right end's.
    pub right: IpAddr,
    /// Whether the kernel has a way over the cable to each, as things stand.
    pub routed: bool,
    /// Whether one of them is still asked for (duplicate address detection).
    pub tentative: bool,
}

/// How one side gets to an address.
#[derive(Clone, Copy)]
struct Reach {
    /// A prefix of its own, or a route, leads there.
    leads: bool,
    /// The kernel would send it over the cable now.
    routed: bool,
}

/// How `from` gets to `to`, an address of the other side.
fn reach(from: &Side, to: &Address) -> Result<Reach> {
    let own = |link: &Link| link.addresses.iter().any(|address| address.ip == to.ip);
    if from.on.iter().chain(&from.others).any(own) {
        return Ok(Reach { leads: false, routed: false });
    }
    let covers =
        from.on.iter().flat_map(|link| &link.addresses).any(|address| address.covers(to.ip));
    let routed = way(from, to.ip)?.link().is_some_and(|link| from.is_on(link));
    Ok(Reach { leads: covers || routed, routed })
}

/// Through which link of `from` an address that counts on one only is sent to.
fn link_for(from: &Side, to: IpAddr) -> u32 {
    let has = |link: &&Link| link.addresses.iter().any(|address| address.covers(to));
    from.on.iter().find(has).unwrap_or(&from.end).index
}

/// The way from `from` to `to`.
///
/// # Errors
/// rtnetlink's.
pub fn way(from: &Side, to: IpAddr) -> Result<Way> {
    route_to(&from.file, to, link_for(from, to))
}

/// The addresses of `side` that others may send to, those at the cable first.
fn addresses(side: &Side) -> Vec<&Address> {
    let given = side.given().map(|(_, address)| address);
    let elsewhere = side.elsewhere().map(|(_, address)| address);
    given.chain(elsewhere).filter(|address| !address.duplicate).take(MOST).collect()
}

/// The addresses that the two ends can send to each other, the likeliest first.
///
/// # Errors
/// rtnetlink's.
pub fn of(cable: &Cable) -> Result<Vec<Target>> {
    let (lefts, rights) = (addresses(&cable.left), addresses(&cable.right));
    let reaches = |from: &Side, all: &[&Address]| {
        all.iter().map(|to| reach(from, to)).collect::<Result<Vec<Reach>>>()
    };
    let (to_left, to_right) = (reaches(&cable.right, &lefts)?, reaches(&cable.left, &rights)?);
    let mut targets = Vec::new();
    for (left, back) in lefts.iter().zip(&to_left) {
        for (right, forth) in rights.iter().zip(&to_right) {
            let same_family = left.ip.is_ipv4() == right.ip.is_ipv4()
                && is_link_local(left.ip) == is_link_local(right.ip);
            if same_family && forth.leads && back.leads {
                let routed = forth.routed && back.routed;
                let tentative = left.tentative || right.tentative;
                targets.push(Target { left: left.ip, right: right.ip, routed, tentative });
            }
        }
    }
    targets.sort_by_key(|target| (!target.routed, target.tentative));
    Ok(targets)
}

/// Why the two ends cannot send to each other.
#[derive(Clone, Debug)]
pub enum Lack<'a> {
    /// These have no address.
    Bare(Vec<&'a Side>),
    /// The address of this side is on another link than the cable's end.
    Elsewhere(&'a Side, &'a Link, &'a Address),
    /// Both have the same one.
    Same(Address),
    /// The first's prefix does not hold the second's address, while the second's holds the first's.
    OneWay(&'a Side, &'a Side),
    /// Neither's prefix holds the other's.
    Apart,
}

/// Why there are no [targets](of).
pub fn lack(cable: &Cable) -> Lack<'_> {
    let bare: Vec<&Side> = [&cable.left, &cable.right]
        .into_iter()
        .filter(|side| side.given().next().is_none())
        .collect();
    for (side, other) in cable.both_ways() {
        let is_near = |ip: IpAddr| other.given().any(|(_, address)| address.covers(ip));
        let found = side.elsewhere().find(|(_, address)| is_near(address.ip));
        if let Some((link, address)) = found.filter(|_| bare.iter().any(|it| it.file == side.file))
        {
            return Lack::Elsewhere(side, link, address);
        }
    }
    if !bare.is_empty() {
        return Lack::Bare(bare);
    }
    let has = |side: &Side, ip: IpAddr| side.given().any(|(_, address)| address.ip == ip);
    if let Some((_, same)) = cable.left.given().find(|(_, address)| has(&cable.right, address.ip)) {
        return Lack::Same(*same);
    }
    let holds = |side: &Side, other: &Side| {
        side.given().any(|(_, own)| other.given().any(|(_, address)| own.covers(address.ip)))
    };
    let one_way = cable.both_ways().into_iter().find(|(side, other)| holds(other, side));
    one_way.map_or(Lack::Apart, |(side, other)| Lack::OneWay(side, other))
}

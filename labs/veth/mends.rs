//! Commands that mend what a check of this lab saw, in the student's own namespaces and by their own names.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use nix::errno::Errno;

use super::cable::{Cable, Ends, Hub, Side};
use super::checks::OURS;
use super::entering::{ip, run, target};
use super::fault::{Cause, Fault, sysctl};
use super::targets::Lack;
use crate::lab::goal::NAMES;
use crate::lab::mend;
use crate::probe::net::address::{Address, network};
use crate::probe::net::route::has_rules;
use crate::probe::net::{self, Link};

/// Of the two ends that lie in `file` beside each other, moves the one with which less was done to `other`.
pub fn moved(file: &Path, [one, peer]: [&Link; 2], other: &Path) -> Option<String> {
    let given = |link: &Link| link.addresses.iter().filter(|it| !it.of_the_kernel).count();
    // Of a pair, the end that was named second is made first.
    let end = if (given(one), one.index) < (given(peer), peer.index) { one } else { peer };
    if file == other {
        // There is no other yet.
        let mut free = ["red", "blue", "other"].into_iter();
        let name = free.find(|name| fs::symlink_metadata(Path::new(NAMES).join(name)).is_err())?;
        let made = mend::command(&["ip", "netns", "add", name]);
        return mend::after_each_other([
            made,
            ip(file, &["link", "set", &end.name, "netns", name]),
        ]);
    }
    Some(format!("{} netns {}", ip(file, &["link", "set", &end.name])?, target(other)?))
}

/// Makes a pair between two namespaces.
pub fn joined(ends: &Ends<'_>) -> Option<String> {
    let [here, there] = ends.sides;
    let free = |file: &Path, wish: &str| {
        let links = net::links(file).ok()?;
        let mut tried =
            std::iter::once(wish.to_owned()).chain((1..100).map(|n| format!("{wish}{n}")));
        tried.find(|name| links.iter().all(|link| link.name != *name))
    };
    let (left, right) = (free(here, "left")?, free(there, "right")?);
    let words = ["link", "add", &left, "type", "veth", "peer", "name", &right];
    Some(format!("{} netns {}", ip(here, &words)?, target(there)?))
}

/// Sets these links up.
pub fn set_up(down: &[(&Path, &Link)]) -> Option<String> {
    mend::after_each_other(
        down.iter().map(|(file, link)| ip(file, &["link", "set", &link.name, "up"])),
    )
}

fn add_address(side: &Side, link: &Link, address: &str) -> Option<String> {
    ip(&side.file, &["address", "add", address, "dev", &link.name])
}

/// Gives the two ends addresses that they can send to.
pub fn addressed(cable: &Cable, lack: &Lack<'_>) -> Option<String> {
    let other_of = |side: &Side| {
        let is_left = cable.left.file == side.file;
        if is_left { &cable.right } else { &cable.left }
    };
    match lack {
        Lack::Bare(sides) => match sides.as_slice() {
            [side] => beside(cable, other_of(side), side),
            _ => mend::after_each_other([
                add_address(&cable.left, &cable.left.end, "198.51.100.1/24"),
                add_address(&cable.right, &cable.right.end, "198.51.100.2/24"),
            ]),
        },
        Lack::Elsewhere(side, link, _) if link.kind == "bridge" => {
            plugged(&side.file, &side.end, link)
        }
        Lack::Elsewhere(side, link, address) => {
            let given = add_address(side, &side.end, &address.to_string());
            match taken_away(side, link, address) {
                None => given,
                taken => mend::after_each_other([taken, given]),
            }
        }
        Lack::Same(address) => {
            let side = &cable.right;
            let (link, own) = side.given().find(|(_, own)| own.ip == address.ip)?;
            mend::after_each_other([taken_away(side, link, own), beside(cable, &cable.left, side)])
        }
        Lack::OneWay(side, other) => {
            let pairs = side.given().flat_map(|own| other.given().map(move |it| (own, it)));
            let covered =
                |((_, own), (_, theirs)): &((_, &Address), (_, &Address))| theirs.covers(own.ip);
            let ((link, own), (_, theirs)) = pairs.into_iter().find(covered)?;
            match own.ip {
                IpAddr::V4(ip) => add_address(side, link, &format!("{ip}/{}", theirs.prefix)),
                // The same address cannot be given twice.
                IpAddr::V6(_) => route(side, link, "add", &single(theirs.ip)),
            }
        }
        Lack::Apart => beside(cable, &cable.left, &cable.right),
    }
}

/// Takes an address from where it was given by mistake; never from a link of whoever asks.
fn taken_away(side: &Side, link: &Link, address: &Address) -> Option<String> {
    let is_theirs = side.file != Path::new(OURS);
    let words = ["address", "del", &address.to_string(), "dev", &link.name];
    is_theirs.then(|| ip(&side.file, &words)).flatten()
}

/// Gives `bare` an address beside one of `other`.
fn beside(cable: &Cable, other: &Side, bare: &Side) -> Option<String> {
    let (_, base) = other.given().find(|(_, address)| !address.duplicate)?;
    let links =
        [&cable.left, &cable.right].into_iter().flat_map(|side| side.on.iter().chain(&side.others));
    let taken: Vec<IpAddr> = links.flat_map(|link| &link.addresses).map(|it| it.ip).collect();
    if base.on_link != base.ip {
        // Point to point: it says itself who is to be at the other end.
        let words =
            [&base.on_link.to_string(), "peer", &base.ip.to_string(), "dev", &bare.end.name];
        return ip(&bare.file, &[["address", "add"].as_slice(), words.as_slice()].concat());
    }
    let near = (1..=16).flat_map(|step| [(true, step), (false, step)]);
    let free = near
        .filter_map(|(up, step)| shifted(base.ip, up, step))
        .find(|ip| base.covers(*ip) && !taken.contains(ip) && is_for_hosts(*ip, base.prefix))?;
    add_address(bare, &bare.end, &format!("{free}/{}", base.prefix))
}

fn shifted(ip: IpAddr, up: bool, step: u32) -> Option<IpAddr> {
    match ip {
        IpAddr::V4(ip) => {
            let bits = ip.to_bits();
            let bits = if up { bits.checked_add(step) } else { bits.checked_sub(step) };
            bits.map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
        }
        IpAddr::V6(ip) => {
            let (bits, step) = (ip.to_bits(), u128::from(step));
            let bits = if up { bits.checked_add(step) } else { bits.checked_sub(step) };
            bits.map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
        }
    }
}

/// Whether it is neither the network itself nor its broadcast address.
fn is_for_hosts(ip: IpAddr, prefix: u8) -> bool {
    let is_first = |ip| network(ip, prefix) == ip;
    let is_last = |ip| shifted(ip, true, 1).is_none_or(|next| network(next, prefix) == next);
    match ip {
        IpAddr::V4(_) => prefix >= 31 || !(is_first(ip) || is_last(ip)),
        IpAddr::V6(_) => !is_first(ip),
    }
}

/// `ip` as a network of its own.
fn single(ip: IpAddr) -> String {
    format!("{ip}/{}", if ip.is_ipv4() { 32 } else { 128 })
}

fn route(side: &Side, link: &Link, how: &str, network: &str) -> Option<String> {
    ip(&side.file, &["route", how, network, "dev", &link.name])
}

/// Puts the end `end` into the bridge `bridge`.
fn plugged(file: &Path, end: &Link, bridge: &Link) -> Option<String> {
    ip(file, &["link", "set", &end.name, "master", &bridge.name])
}

/// Joins the two ends in the middle by a bridge of their own, where there is none.
fn bridged(hub: &Hub) -> Option<String> {
    let [(near, _), (far, _)] = &hub.ends;
    let links = net::links(&hub.file).ok()?;
    let mut names = (0..100).map(|number| format!("br{number}"));
    let name = names.find(|name| links.iter().all(|link| link.name != *name))?;
    let file = &hub.file;
    mend::after_each_other([
        ip(file, &["link", "add", &name, "type", "bridge"]),
        ip(file, &["link", "set", &name, "up"]),
        ip(file, &["link", "set", &near.name, "master", &name]),
        ip(file, &["link", "set", &far.name, "master", &name]),
    ])
}

fn rules(file: &Path) -> Option<String> {
    run(file, &["nft", "list", "ruleset"])
}

/// Takes away what is in the way of a request. Of a firewall it shows the rules: which of them are meant cannot be told.
pub fn cleared(fault: &Fault<'_>) -> Option<String> {
    let Fault { from, side, to, cause } = fault;
    let covering = || from.given().find(|(_, address)| address.covers(*to));
    match cause {
        // A route would be of no use.
        Cause::NoWay(_) | Cause::OtherLink(_) if has_rules(&from.file, *to).unwrap_or(true) => {
            ip(&from.file, &["rule", "show"])
        }
        Cause::NoWay(Errno::ENETUNREACH) => {
            let (link, address) = covering()?;
            let around = format!("{}/{}", network(address.on_link, address.prefix), address.prefix);
            route(from, link, "add", &around)
        }
        // A way of its own to the one address goes before any that is wider.
        Cause::NoWay(_) | Cause::OtherLink(Some(_)) => {
            let (link, _) = covering()?;
            // Where whoever asks is, nothing that was there is written over.
            let how = if from.file == Path::new(OURS) { "add" } else { "replace" };
            route(from, link, how, &single(*to))
        }
        Cause::Unplugged(hub, end) => match &hub.meant {
            Some(bridge) => plugged(&hub.file, end, bridge),
            None => bridged(hub),
        },
        Cause::TwoBridges(hub, bridge, end) => plugged(&hub.file, end, bridge),
        Cause::BridgeDown(hub, bridge) => ip(&hub.file, &["link", "set", &bridge.name, "up"]),
        Cause::NoArp(side, link) => ip(&side.file, &["link", "set", &link.name, "arp", "on"]),
        Cause::WrongNeighbour(ip_of, out, theirs) => {
            let bytes = theirs.address.as_ref()?.iter().map(|byte| format!("{byte:02x}"));
            let address = bytes.collect::<Vec<_>>().join(":");
            let of = ip_of.to_string();
            ip(&from.file, &["neighbour", "replace", &of, "lladdr", &address, "dev", &out.name])
        }
        Cause::Ignored => {
            let file = sysctl(*to);
            let name = file.strip_prefix("/proc/sys/")?.replace('/', ".");
            // The machine's own setting is only shown.
            match side.file == Path::new(OURS) {
                true => run(&side.file, &["sysctl", &name]),
                false => run(&side.file, &["sysctl", "-w", &format!("{name}=0")]),
            }
        }
        Cause::OtherLink(None) => ip(&from.file, &["route", "show", "table", "local"]),
        Cause::NotLetOut => rules(&from.file),
        Cause::Lost(count, hub) => rules(&fault.end_of(*count, *hub).0),
        Cause::NoNeighbour(_) => rules(&side.file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_is_an_address_for_a_host() {
        let is = |ip: &str, prefix| is_for_hosts(ip.parse().unwrap(), prefix);
        assert!(is("198.51.100.1", 24));
        assert!(!is("198.51.100.0", 24));
        assert!(!is("198.51.100.255", 24));
        assert!(is("198.51.100.0", 31));
        assert!(is("fd00::1", 64));
        assert!(!is("fd00::", 64));
        assert_eq!(shifted("255.255.255.255".parse().unwrap(), true, 1), None);
    }

    #[test]
    fn a_command_goes_in_by_name_by_process_or_by_file() {
        let command = |file: &str| ip(Path::new(file), &["link", "set", "a b", "up"]).unwrap();
        assert_eq!(command("/run/netns/red"), "ip -n red link set 'a b' up");
        assert_eq!(command(OURS), "ip link set 'a b' up");
        assert_eq!(command("/tmp/ns/red"), "nsenter '--net=/tmp/ns/red' ip link set 'a b' up");
        let by_name = run(Path::new("/run/netns/red"), &["nft", "list"]);
        assert_eq!(by_name.unwrap(), "ip netns exec red nft list");
        assert_eq!(target(Path::new("/run/netns/red")).unwrap(), "red");
        assert_eq!(target(Path::new("/proc/7/ns/net")).unwrap(), "7");
    }
}

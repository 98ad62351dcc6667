//! Which of the namespaces belong together: by a cable, or by a bridge that they are all at.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use super::networks::Network;
use crate::lab::check::Subject;
use crate::lab::goal::{Candidate, Rights, Wanted};
use crate::probe::net::{self, Link};
use crate::probe::process::Inode;
use crate::text;
use crate::visit::user;

/// Where nobody tells which of many namespaces a number means, so many are asked.
const MOST_ASKED: usize = 2000;

/// A veth pair between two networks: their places in the list, the lower first, and the number of its end in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    places: [usize; 2],
    ends: [u32; 2],
}

impl Pair {
    /// The other network, and the end in `hub`, where it has one in there.
    fn seen_from(&self, hub: usize) -> Option<(usize, u32)> {
        match (self.places, self.ends) {
            ([one, other], [end, _]) if one == hub => Some((other, end)),
            ([other, one], [_, end]) if one == hub => Some((other, end)),
            _ => None,
        }
    }
}

/// Networks that are cabled to a third, where a bridge joins them, or is meant to.
struct Group {
    hub: usize,
    members: Vec<usize>,
}

/// What there is to judge among `networks`, of which the first is that of whoever asks.
pub fn of(networks: &[Network], wanted: &Wanted) -> Vec<Candidate> {
    let mut pairs = joined(networks);
    let mut groups = groups(networks, &pairs);
    if !wanted.is_any() {
        // What a runtime has made for its own is nobody's work by hand.
        let is_by_hand = |place: &usize| {
            networks.get(*place).is_some_and(|it| !it.is_ours() && !it.of_a_runtime)
        };
        pairs.retain(|pair| pair.places.iter().any(is_by_hand));
        groups.retain(|group| group.members.iter().any(is_by_hand));
    }
    let is_member = |[one, other]: [usize; 2]| {
        let holds = |hub, member: usize| {
            groups.iter().any(|it| it.hub == hub && it.members.contains(&member))
        };
        holds(one, other) || holds(other, one)
    };
    let places: BTreeSet<[usize; 2]> = pairs.iter().map(|pair| pair.places).collect();
    let (inner, outer): (Vec<_>, Vec<_>) = places.into_iter().partition(|it| is_member(*it));
    let two = |all: Vec<[usize; 2]>| {
        let both = all.into_iter().filter_map(|[a, b]| Some([networks.get(a)?, networks.get(b)?]));
        both.map(|both| candidate(&both, None)).collect::<Vec<_>>()
    };
    let mut found = two(outer);
    found.extend(groups.iter().filter_map(|group| at_bridge(networks, group, wanted)));
    if wanted.is_any() && !found.iter().any(|one| one.is(wanted)) {
        // Somebody names the one in the middle, or a cable to it.
        found.extend(two(inner));
        found.extend(named(networks, wanted));
    }
    if found.is_empty() {
        found.extend(unjoined(networks));
    }
    found
}

/// The pairs that join two networks.
fn joined(networks: &[Network]) -> BTreeSet<Pair> {
    // One that is gone by now has no ends.
    let ends = networks.iter().map(|one| net::veths(&one.file).unwrap_or_default());
    let ends: Vec<Vec<Link>> = ends.collect();
    let mut by_numbers: HashMap<(u32, Option<u32>), Vec<usize>> = HashMap::new();
    for (at, link) in ends.iter().enumerate().flat_map(|(at, all)| all.iter().map(move |l| (at, l)))
    {
        by_numbers.entry((link.index, link.peer)).or_default().push(at);
    }
    // What one calls the other, which is asked once, however many cables there are between the two.
    let mut known: HashMap<(usize, usize), Option<i32>> = HashMap::new();
    let mut pairs = BTreeSet::new();
    for (at, (network, link)) in ends
        .iter()
        .zip(networks)
        .enumerate()
        .flat_map(|(at, (all, network))| all.iter().map(move |link| (at, (network, link))))
    {
        let Some((peer, number)) = link.peer.zip(link.peer_namespace) else { continue };
        let near = by_numbers.get(&(peer, Some(link.index))).map_or(&[][..], Vec::as_slice);
        let mut near: Vec<usize> = near.iter().copied().filter(|other| *other > at).collect();
        if near.len() > 1 {
            // Many have the same numbers where each is the only cable of its namespace.
            let address = net::address_of_peer(&network.file, link).ok().flatten();
            let has = |at: &usize| {
                let mut links = ends.get(*at).into_iter().flatten();
                links.any(|end| end.index == peer && end.address == address)
            };
            near.retain(|at| address.is_none() || has(at));
        }
        let is_peer = |other: &usize| {
            let may_ask = known.len() < MOST_ASKED;
            let called = known.entry((at, *other)).or_insert_with(|| {
                let other = networks.get(*other).filter(|_| may_ask)?;
                net::number_of(&network.file, &other.file).ok().flatten()
            });
            *called == Some(number)
        };
        let pair = |other| Pair { places: [at, other], ends: [link.index, peer] };
        pairs.extend(near.into_iter().find(is_peer).map(pair));
    }
    pairs
}

/// A network that is cabled to the one in the middle.
struct Spoke {
    place: usize,
    /// The bridge that its cable is in.
    bridge: Option<u32>,
    /// Whether the one in the middle has an address at its cable.
    addressed: bool,
}

/// The networks at each bridge, likewise those whose cable ends beside one, and those whose cables end beside each other
/// and nowhere else. What a runtime has made is not mixed with what was made by hand.
fn groups(networks: &[Network], pairs: &BTreeSet<Pair>) -> Vec<Group> {
    let mut groups = Vec::new();
    for (hub, middle) in networks.iter().enumerate() {
        let spokes: Vec<(usize, u32)> = pairs.iter().filter_map(|it| it.seen_from(hub)).collect();
        let places: BTreeSet<usize> = spokes.iter().map(|(place, _)| *place).collect();
        if places.len() < 2 {
            continue;
        }
        let links = net::links(&middle.file).unwrap_or_default();
        for by_hand in [true, false] {
            let is_such = |place: usize| {
                networks.get(place).is_some_and(|network| network.is_by_hand() == by_hand)
            };
            let spokes = spokes.iter().filter(|(place, _)| is_such(*place));
            let spokes: Vec<Spoke> =
                spokes.map(|(place, end)| spoke(&links, *place, *end)).collect();
            groups.extend(grouped(&spokes).into_iter().map(|members| Group { hub, members }));
        }
    }
    groups
}

fn spoke(links: &[Link], place: usize, end: u32) -> Spoke {
    let end = links.iter().find(|link| link.index == end);
    let over = end.map(|end| net::over(links, end)).unwrap_or_default();
    let bridge = over.iter().find(|link| link.kind == "bridge").map(|link| link.index);
    let given = |link: &&Link| link.addresses.iter().any(|address| !address.of_the_kernel);
    Spoke { place, bridge, addressed: over.iter().any(given) }
}

/// The places that belong together.
fn grouped(spokes: &[Spoke]) -> Vec<Vec<usize>> {
    let mut at_bridges: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
    for spoke in spokes {
        if let Some(bridge) = spoke.bridge {
            at_bridges.entry(bridge).or_default().insert(spoke.place);
        }
    }
    let (mut groups, alone): (Vec<_>, Vec<_>) =
        at_bridges.into_values().partition(|members| members.len() > 1);
    let is_in = |groups: &[BTreeSet<usize>], place| groups.iter().any(|it| it.contains(&place));
    // Whose cable has no address at the other end has nobody to talk to there.
    let loose = spokes.iter().filter(|it| !it.addressed && !is_in(&groups, it.place));
    let mut loose: BTreeSet<usize> = loose.map(|spoke| spoke.place).collect();
    if !loose.is_empty() {
        match groups.first_mut() {
            Some(first) => first.append(&mut loose),
            None => {
                loose.extend(alone.into_iter().flatten());
                groups.push(loose);
            }
        }
    }
    let groups = groups.into_iter().filter(|members| members.len() > 1);
    groups.map(|members| members.into_iter().collect()).collect()
}

/// Those of a group, or of it those that are wanted.
fn at_bridge(networks: &[Network], group: &Group, wanted: &Wanted) -> Option<Candidate> {
    let hub = networks.get(group.hub)?;
    let members: Vec<&Network> =
        group.members.iter().filter_map(|place| networks.get(*place)).collect();
    let named: Vec<&Network> =
        members.iter().copied().filter(|member| is_named(member, wanted)).collect();
    let members = if named.len() > 1 { named } else { members };
    let mut candidate = candidate(&members, Some(hub));
    // Whoever names a process of the one in the middle means what is joined there.
    candidate.pids.extend(wanted.pid.filter(|pid| hub.pids.contains(pid)));
    Some(candidate)
}

fn is_named(network: &Network, wanted: &Wanted) -> bool {
    let inode = Inode::of(&network.file).ok();
    inode.is_some() && wanted.netns.iter().any(|file| Inode::of(file).ok() == inode)
}

/// The two that were named, though nothing joins them.
fn named(networks: &[Network], wanted: &Wanted) -> Option<Candidate> {
    let mut named = networks.iter().filter(|network| is_named(network, wanted));
    match (named.next(), named.next(), named.next()) {
        (Some(one), Some(other), None) => Some(candidate(&[one, other], None)),
        _ => None,
    }
}

/// The first two namespaces by hand that no cable joins, those in which something was done before the others: ours counts
/// where there is but one other. With none, a pair of which both ends lie in ours.
fn unjoined(networks: &[Network]) -> Option<Candidate> {
    let (ours, others) = networks.split_first()?;
    let mut made: Vec<&Network> = others.iter().filter(|one| one.is_by_hand()).collect();
    if made.len() > 2 {
        made.sort_by_cached_key(|one| net::links(&one.file).map_or(true, |links| links.len() < 2));
    }
    match made.as_slice() {
        [] => is_coiled(ours).then(|| candidate(&[ours, ours], None)),
        [only] => Some(candidate(&[ours, only], None)),
        [first, second, ..] => Some(candidate(&[first, second], None)),
    }
}

/// Whether there is a pair with both ends in it, which whoever asks can have made.
fn is_coiled(network: &Network) -> bool {
    let ends = net::veths(&network.file).unwrap_or_default();
    let has_other = |one: &Link| ends.iter().any(|other| one.peer == Some(other.index));
    let mut ends_here = ends.iter().filter(|link| link.peer_namespace.is_none());
    user::is_capable().unwrap_or(false) && ends_here.any(has_other)
}

fn candidate(members: &[&Network], hub: Option<&Network>) -> Candidate {
    let all = members.iter().copied().chain(hub);
    let netns: Vec<PathBuf> = all.map(|network| network.file.clone()).collect();
    let names: Vec<&str> = members.iter().map(|network| network.name.as_str()).collect();
    let what = match (names.as_slice(), hub) {
        ([a, b], None) if a == b => text!("{a} alone", "{a}뿐"),
        ([a, b], None) => text!("{a} and {b}", "{a}, {b}"),
        (names, hub) => {
            let (names, hub) = (names.join(", "), hub.map_or("", |hub| hub.name.as_str()));
            text!("{names}, joined in {hub}", "{names}({hub}에서 연결)")
        }
    };
    let mut candidate = Candidate::named(Subject { netns, ..Subject::default() }, what);
    candidate.origin =
        members.iter().map(|network| network.origin).max().unwrap_or(candidate.origin);
    candidate.pids = members.iter().flat_map(|network| network.pids.iter().copied()).collect();
    // Who lives in ours has nothing to do with it. With a name and nobody in it, it is who made the name: root.
    let made = members.iter().rev().filter(|network| !network.is_ours());
    let keeper = made.flat_map(|network| &network.pids).next();
    candidate.rights = keeper.map_or(Rights::Asker, |pid| Rights::Process(*pid));
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoke(place: usize, bridge: Option<u32>, addressed: bool) -> Spoke {
        Spoke { place, bridge, addressed }
    }

    #[test]
    fn those_at_a_bridge_belong_together_and_those_that_lie_beside_it() {
        let at = |bridge| Some(bridge);
        assert_eq!(grouped(&[spoke(1, at(7), true), spoke(2, at(7), true)]), [[1, 2]]);
        assert_eq!(grouped(&[spoke(1, at(7), true), spoke(2, None, false)]), [[1, 2]]);
        assert_eq!(grouped(&[spoke(1, at(7), false), spoke(2, at(8), false)]), [[1, 2]]);
        assert_eq!(grouped(&[spoke(1, None, false), spoke(2, None, false)]), [[1, 2]]);
        let two = [spoke(1, at(7), false), spoke(2, at(7), false), spoke(3, None, false)];
        assert_eq!(grouped(&two), [[1, 2, 3]]);
    }

    #[test]
    fn a_router_joins_nobody() {
        assert!(grouped(&[spoke(1, None, true), spoke(2, None, true)]).is_empty());
        assert!(grouped(&[spoke(1, Some(7), true), spoke(2, Some(8), true)]).is_empty());
        assert!(grouped(&[spoke(1, None, true), spoke(2, None, false)]).is_empty());
    }
}

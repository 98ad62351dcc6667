//! What joins two namespaces: one veth pair, or a pair of each to a bridge in a third.

use std::fs;
use std::path::{Path, PathBuf};

use super::checks::OURS;
use crate::error::{Error, Result};
use crate::lab::check::Subject;
use crate::lab::goal::NAMES;
use crate::probe::net::address::Address;
use crate::probe::net::{self, Link, Pairs};
use crate::probe::process::{self, Inode};
use crate::text;
use crate::text::{Text, visible};

/// One side of a cable: a namespace, and what of it is at the cable.
#[derive(Clone, Debug)]
pub struct Side {
    /// The file that holds the namespace.
    pub file: PathBuf,
    /// What it is called.
    pub name: Text,
    /// The cable's end in there.
    pub end: Link,
    /// What receives what comes in through the end: itself, a bridge or bond that it is in, a VLAN on it.
    pub on: Vec<Link>,
    /// All other links in there.
    pub others: Vec<Link>,
}

impl Side {
    fn new(file: &Path, end: &Link, links: &[Link]) -> Side {
        let on: Vec<Link> = net::over(links, end).into_iter().cloned().collect();
        let is_off = |link: &&Link| on.iter().all(|one| one.index != link.index);
        let others = links.iter().filter(is_off).cloned().collect();
        Side { file: file.to_owned(), name: name_of(file), end: end.clone(), on, others }
    }

    /// The addresses at the cable that somebody has given, with the link that has each.
    pub fn given(&self) -> impl Iterator<Item = (&Link, &Address)> {
        let all = self.on.iter().flat_map(|link| link.addresses.iter().map(move |it| (link, it)));
        all.filter(|(_, address)| !address.of_the_kernel && !address.is_loopback())
    }

    /// Those on other links of the namespace, which may be sent to as well (the kernel takes an address for the whole
    /// namespace's).
    pub fn elsewhere(&self) -> impl Iterator<Item = (&Link, &Address)> {
        let all = self.others.iter();
        let all = all.flat_map(|link| link.addresses.iter().map(move |it| (link, it)));
        all.filter(|(_, address)| !address.is_link_local() && !address.is_loopback())
    }

    /// Whether the link `index` is at the cable.
    pub fn is_on(&self, index: u32) -> bool {
        self.on.iter().any(|link| link.index == index)
    }

    /// The link `index`.
    pub fn link(&self, index: u32) -> Option<&Link> {
        self.on.iter().chain(&self.others).find(|link| link.index == index)
    }
}

/// The namespace in the middle, where each side has a cable to it.
#[derive(Clone, Debug)]
pub struct Hub {
    /// The file that holds it.
    pub file: PathBuf,
    /// What it is called.
    pub name: Text,
    /// The other ends of the two cables, with the bridge that each is in.
    pub ends: [(Link, Option<Link>); 2],
    /// A bridge in there, where one of the ends is in none: the one that was meant.
    pub meant: Option<Link>,
}

/// What joins two namespaces.
#[derive(Clone, Debug)]
pub struct Cable {
    /// One side.
    pub left: Side,
    /// The other.
    pub right: Side,
    /// What is between them, where they are not each other's peers.
    pub hub: Option<Hub>,
}

impl Cable {
    /// The sides with the way that they look.
    pub fn both_ways(&self) -> [(&Side, &Side); 2] {
        [(&self.left, &self.right), (&self.right, &self.left)]
    }

    /// The pairs that it consists of: one, or one from each side to what joins them.
    pub fn pairs(&self) -> Vec<(&Link, &Link)> {
        match &self.hub {
            None => vec![(&self.left.end, &self.right.end)],
            Some(hub) => {
                let [(near, _), (far, _)] = &hub.ends;
                vec![(&self.left.end, near), (&self.right.end, far)]
            }
        }
    }

    /// The links that must be up for it to carry anything, with the namespace of each: the ends, what has the addresses
    /// on them, and the other ends.
    pub fn links(&self) -> Vec<(&Path, &Link)> {
        let mut links: Vec<(&Path, &Link)> = Vec::new();
        for side in [&self.left, &self.right] {
            let bears = |link: &&Link| {
                link.index == side.end.index || side.given().any(|(it, _)| it.index == link.index)
            };
            links.extend(side.on.iter().filter(bears).map(|link| (side.file.as_path(), link)));
        }
        if let Some(hub) = &self.hub {
            links.extend(hub.ends.iter().map(|(end, _)| (hub.file.as_path(), end)));
        }
        links
    }
}

/// The namespaces that the subject is about: two that a cable joins, or several and in the last place the one that joins
/// them.
fn split(subject: &Subject) -> (&[PathBuf], Option<&PathBuf>) {
    match subject.netns.as_slice() {
        [members @ .., hub] if members.len() > 1 => (members, Some(hub)),
        both => (both, None),
    }
}

/// Two of the namespaces that have to be joined, with the one in the middle where there is one.
pub struct Ends<'a> {
    /// The two.
    pub sides: [&'a Path; 2],
    /// The one in the middle.
    pub hub: Option<&'a Path>,
}

/// Each two that have to be joined: of several at a bridge, each and the next.
///
/// # Errors
/// Where the subject names no two.
pub fn neighbours(subject: &Subject) -> Result<Vec<Ends<'_>>> {
    let (members, hub) = split(subject);
    let hub = hub.map(PathBuf::as_path);
    let pairs = members.windows(2).filter_map(|pair| match pair {
        [left, right] => Some(Ends { sides: [left, right], hub }),
        _ => None,
    });
    let pairs: Vec<Ends<'_>> = pairs.collect();
    match pairs.is_empty() {
        false => Ok(pairs),
        true => Err(Error::unable(
            Text::new(
                "no two network namespaces were named",
                "네트워크 네임스페이스 두 개가 지정되지 않았습니다",
            ),
            Text::new("make them with `ip netns add`", "`ip netns add`로 만드십시오"),
        )),
    }
}

/// The cables between `ends`; none where they are not joined.
///
/// # Errors
/// open(2)'s, rtnetlink's.
pub fn between(ends: &Ends<'_>) -> Result<Option<Cable>> {
    let [left, right] = ends.sides;
    match ends.hub {
        None => direct(left, right),
        Some(hub) => over(left, right, hub),
    }
}

/// All cables that the subject is about.
///
/// # Errors
/// As for [`neighbours`] and [`between`]; where two are not joined.
pub fn all(subject: &Subject) -> Result<Vec<Cable>> {
    let found = neighbours(subject)?.iter().map(between).collect::<Result<Vec<_>>>()?;
    let all: Option<Vec<Cable>> = found.into_iter().collect();
    all.ok_or_else(|| {
        Error::unable(
            Text::new(
                "no veth pair joins the two namespaces",
                "두 네임스페이스를 잇는 veth 쌍이 없습니다",
            ),
            Text::new(
                "make one with `ip link add … type veth`",
                "`ip link add … type veth`로 만드십시오",
            ),
        )
    })
}

/// Of several between the same two, the one with which most was done.
fn direct(left: &Path, right: &Path) -> Result<Option<Cable>> {
    let Pairs { ends, lefts, rights } = net::pairs(left, right)?;
    let cables = ends.iter().map(|(a, b)| Cable {
        left: Side::new(left, a, &lefts),
        right: Side::new(right, b, &rights),
        hub: None,
    });
    let done = |cable: &Cable| {
        let addressed = [&cable.left, &cable.right].map(|side| side.given().next().is_some());
        let sides = addressed.into_iter().filter(|has| *has).count();
        2 * sides + usize::from(cable.left.end.carrier)
    };
    // The first of those with which most was done.
    Ok(cables.rev().max_by_key(done))
}

fn over(left: &Path, right: &Path, hub: &Path) -> Result<Option<Cable>> {
    let [near, far] = [net::pairs(left, hub)?, net::pairs(right, hub)?];
    let bridge = |pairs: &Pairs, end: &Link| {
        net::over(&pairs.rights, end).into_iter().find(|it| it.kind == "bridge").cloned()
    };
    let plugged = |pairs: &Pairs| {
        let mut ends: Vec<(Link, (Link, Option<Link>))> = pairs
            .ends
            .iter()
            .map(|(inner, outer)| (inner.clone(), (outer.clone(), bridge(pairs, outer))))
            .collect();
        ends.sort_by_key(|(_, (_, bridge))| bridge.is_none());
        ends.into_iter().next()
    };
    let Some(((left_end, a), (right_end, b))) = plugged(&near).zip(plugged(&far)) else {
        return Ok(None);
    };
    // One with an address may be the machine's own, or a runtime's.
    let is_free = |link: &&Link| {
        link.kind == "bridge" && link.addresses.iter().all(|address| address.of_the_kernel)
    };
    let mut bridges = near.rights.iter().filter(is_free).cloned();
    let meant = a.1.clone().or_else(|| b.1.clone()).or_else(|| bridges.next());
    let hub = Hub { file: hub.to_owned(), name: name_of(hub), ends: [a, b], meant };
    Ok(Some(Cable {
        left: Side::new(left, &left_end, &near.lefts),
        right: Side::new(right, &right_end, &far.lefts),
        hub: Some(hub),
    }))
}

/// What people call the namespace that `file` holds.
pub fn name_of(file: &Path) -> Text {
    let file = if file == Path::new(OURS) { named_ours() } else { Some(file.to_owned()) };
    let Some(file) = file else {
        return Text::new("this shell's network", "현재 셸의 네트워크");
    };
    match holder(&file) {
        Some(pid) => {
            let pid = pid.to_owned();
            text!("PID {pid}", "PID {pid}")
        }
        None => Text::plain(visible(&file.file_name().unwrap_or_default().to_string_lossy())),
    }
}

/// The name of the namespace that we are in, where it has one.
fn named_ours() -> Option<PathBuf> {
    let ours = Inode::of(Path::new(OURS)).ok()?;
    let names = fs::read_dir(NAMES).into_iter().flatten().filter_map(std::result::Result::ok);
    names.map(|entry| entry.path()).find(|path| Inode::of(path).is_ok_and(|it| it == ours))
}

/// The process by which `file` is known, where it is one of `/proc/PID/ns`.
pub fn holder(file: &Path) -> Option<&str> {
    let pid = file.strip_prefix("/proc").ok()?.to_str()?.strip_suffix("/ns/net")?;
    pid.bytes().all(|byte| byte.is_ascii_digit()).then_some(pid)
}

/// The process through whose root `file` is reached, and its path in there.
pub fn through(file: &Path) -> Option<(nix::unistd::Pid, PathBuf)> {
    let mut parts = file.strip_prefix("/proc").ok()?.components();
    let pid: i32 = parts.next()?.as_os_str().to_str()?.parse().ok()?;
    let is_root = parts.next()?.as_os_str() == "root";
    let inside = process::within(Path::new("/"), parts.as_path());
    is_root.then(|| (nix::unistd::Pid::from_raw(pid), inside))
}

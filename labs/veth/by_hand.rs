//! What by hand looks like this lab, and what it must meet.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use super::checks::{self, OURS};
use super::traffic;
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::{Candidate, Goal, NAMES, Rights, Wanted};
use crate::probe::mountinfo;
use crate::probe::net::{self, Link};
use crate::probe::process::{Inode, reach};
use crate::probe::survey::{Origin, Resident, Survey};
use crate::text;
use crate::text::Text;
use crate::visit::kind::Kind;

/// What must hold at the end of the exercise.
pub static GOALS: &[Goal] = &[
    Goal {
        check: &checks::PEERS_FIT,
        after: &[],
        hints: &[
            Text::new(
                "a cable has two ends: in which namespace is each?",
                "veth 쌍은 인터페이스 두 개입니다. 각각 어느 네임스페이스에 있습니까?",
            ),
            Text::new(
                "ip link shows the ends that are still in this namespace; one must be moved away",
                "ip link에는 아직 이 네임스페이스에 있는 인터페이스만 보입니다. 한쪽을 옮겨야 합니다",
            ),
            Text::new("ip -n red link set right netns blue", "ip -n red link set right netns blue"),
        ],
    },
    Goal {
        check: &checks::SAME_NETWORK,
        after: &[&checks::PEERS_FIT],
        hints: &[
            Text::new(
                "ip address, on both sides: what do the two addresses have in common?",
                "양쪽에서 ip address를 보십시오. 두 주소의 공통점은 무엇입니까?",
            ),
            Text::new(
                "each end needs an address of its own, and both the same prefix length, such as /24",
                "양쪽에 서로 다른 주소가 있어야 하고, 프리픽스 길이는 /24처럼 같아야 합니다",
            ),
            Text::new(
                "ip -n red address add 198.51.100.1/24 dev left; ip -n blue address add 198.51.100.2/24 dev right",
                "ip -n red address add 198.51.100.1/24 dev left; ip -n blue address add 198.51.100.2/24 dev right",
            ),
        ],
    },
    Goal {
        check: &checks::ENDS_UP,
        after: &[&checks::PEERS_FIT],
        hints: &[
            Text::new(
                "a new interface is down, and a veth carries only when both ends are up",
                "새 인터페이스는 DOWN 상태입니다. veth는 양쪽이 모두 UP이어야 통신됩니다",
            ),
            Text::new(
                "ip link shows UP and LOWER_UP when both are",
                "양쪽이 모두 활성화되면 ip link에 UP과 LOWER_UP이 보입니다",
            ),
            Text::new(
                "ip -n red link set left up; ip -n blue link set right up",
                "ip -n red link set left up; ip -n blue link set right up",
            ),
        ],
    },
    Goal {
        check: &traffic::REACHABLE,
        after: &[&checks::SAME_NETWORK, &checks::ENDS_UP],
        hints: &[
            Text::new(
                "which route does the kernel choose? ip route get ADDRESS",
                "커널이 어떤 경로를 선택합니까? ip route get ADDRESS",
            ),
            Text::new(
                "an address with a prefix brings its route along, unless it was removed; a firewall may be in the way too",
                "프리픽스 길이와 함께 할당한 주소에는 경로가 따라옵니다. 지우지 않았다면 방화벽이 막고 있는지도 확인하십시오",
            ),
            Text::new(
                "ip -n red route add 198.51.100.0/24 dev left",
                "ip -n red route add 198.51.100.0/24 dev left",
            ),
        ],
    },
];

/// A network namespace that somebody may have made.
struct Network {
    /// A file that holds it.
    file: PathBuf,
    name: String,
    origin: Origin,
    pids: Vec<Pid>,
}

/// Each pair of namespaces that a veth pair joins; where none does, the namespaces as they are.
pub fn find(survey: &Survey, wanted: &Wanted) -> Result<Vec<Candidate>> {
    let networks = networks(survey, wanted)?;
    let mut found: Vec<Candidate> = joined(&networks)
        .into_iter()
        .filter_map(|(left, right)| Some(candidate(networks.get(left)?, networks.get(right)?)))
        .collect();
    if found.is_empty() {
        found.extend(unjoined(&networks));
    }
    Ok(found)
}

/// Where nobody tells which of many namespaces a number means, so many are asked.
const MOST_ASKED: usize = 2000;

/// The networks that a cable joins, by their places in `networks`, each pair once.
fn joined(networks: &[Network]) -> BTreeSet<(usize, usize)> {
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
        pairs.extend(near.into_iter().find(is_peer).map(|other| (at, other)));
    }
    pairs
}

/// The first two namespaces of the likeliest origin that no cable joins: ours counts where there is
/// but one other.
fn unjoined(networks: &[Network]) -> Option<Candidate> {
    let (ours, others) = networks.split_first()?;
    let made: Vec<&Network> = others.iter().filter(|one| one.origin <= Origin::Login).collect();
    match made.as_slice() {
        [] => None,
        [only] => Some(candidate(ours, only)),
        [first, second, ..] => Some(candidate(first, second)),
    }
}

fn candidate(left: &Network, right: &Network) -> Candidate {
    let subject =
        Subject { netns: vec![left.file.clone(), right.file.clone()], ..Subject::default() };
    let (a, b) = (&left.name, &right.name);
    let mut candidate = Candidate::named(subject, text!("{a} and {b}", "{a}, {b}"));
    candidate.origin = left.origin.max(right.origin);
    candidate.pids = left.pids.iter().chain(&right.pids).copied().collect();
    // Who lives in ours has nothing to do with it. With a name and nobody in it, it is who made the name: root.
    let made = [right, left].into_iter().filter(|side| side.file != Path::new(OURS));
    let keeper = made.flat_map(|side| &side.pids).next();
    candidate.rights = keeper.map_or(Rights::Asker, |pid| Rights::Process(*pid));
    candidate
}

/// This process's own namespace, then those with a name, then those that only processes hold; none
/// that a lab's run has made.
fn networks(survey: &Survey, wanted: &Wanted) -> Result<Vec<Network>> {
    let inode = |file: &Path| Inode::of(file).ok();
    let ours = Inode::of(Path::new(OURS))?;
    let here = Text::new("this shell's network", "현재 셸의 네트워크").to_string();
    let mut networks = vec![Network {
        file: PathBuf::from(OURS),
        name: here,
        origin: Origin::Kin,
        pids: Vec::new(),
    }];
    let of_labs: HashSet<Inode> =
        survey.of_labs().iter().filter_map(|pid| inode(&Kind::Net.file(*pid))).collect();
    let mut known: HashMap<Inode, usize> = [(ours, 0)].into();
    for (file, pids) in names(survey) {
        // A name may be left over, or lead to anything: only nsfs's own files are namespaces.
        let Some(inode) = inode(&file).filter(|it| it.device == ours.device) else { continue };
        let name = file.file_name().unwrap_or_default().display().to_string();
        if !of_labs.contains(&inode) && !known.contains_key(&inode) {
            known.insert(inode, networks.len());
            networks.push(Network { file, name, origin: Origin::Kin, pids });
        }
    }
    for resident in survey.residents() {
        let file = Kind::Net.file(resident.pid);
        let Some(inode) = inode(&file).filter(|it| !of_labs.contains(it)) else { continue };
        match known.get(&inode).and_then(|at| networks.get_mut(*at)) {
            Some(network) => network.pids.push(resident.pid),
            None => {
                known.insert(inode, networks.len());
                networks.push(held_by(resident, file));
            }
        }
    }
    settle_origins(&mut networks, survey);
    if wanted.pid.is_some() {
        // Whoever names a process means the other side of its cable, not everybody who lives here.
        networks.iter_mut().take(1).for_each(|ours| ours.pids.clear());
    }
    Ok(networks)
}

/// The files that `ip netns add` has made here, and those that it, or somebody, has made in other mount
/// namespaces, with the processes that see them: an ordinary user's `/run/netns` is in one of those.
fn names(survey: &Survey) -> Vec<(PathBuf, Vec<Pid>)> {
    let entries = fs::read_dir(NAMES).into_iter().flatten().filter_map(std::result::Result::ok);
    let mut names: Vec<(PathBuf, Vec<Pid>)> =
        entries.map(|entry| (entry.path(), Vec::new())).collect();
    names.sort();
    for (resident, pids) in survey.in_other_mounts() {
        let pid = resident.pid;
        // One that ends meanwhile is left out.
        let mounts = mountinfo::read_file(Path::new(&format!("/proc/{pid}/mountinfo")));
        let mounts = mounts.unwrap_or_default().into_iter();
        let held = mounts.filter(|one| one.kind == "nsfs" && one.root.starts_with("net:"));
        names.extend(held.map(|one| (reach(Some(pid), &one.target), pids.clone())));
    }
    names
}

fn held_by(resident: &Resident, file: PathBuf) -> Network {
    let (name, origin, pids) = (resident.named(), resident.origin, vec![resident.pid]);
    Network { file, name, origin, pids }
}

/// A namespace in which processes live comes from where the likeliest of them does. One with a name
/// and no process was made by whoever typed `ip netns add`.
fn settle_origins(networks: &mut [Network], survey: &Survey) {
    for network in networks.iter_mut().skip(1) {
        let origins = network.pids.iter().filter_map(|pid| survey.resident(*pid));
        network.origin = origins.map(|one| one.origin).min().unwrap_or(network.origin);
    }
}

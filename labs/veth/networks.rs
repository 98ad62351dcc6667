//! The network namespaces of this machine that somebody may have made.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use super::cable::name_of;
use super::checks::OURS;
use crate::error::Result;
use crate::lab::goal::{NAMES, Wanted};
use crate::probe::mountinfo::{self, Mount};
use crate::probe::namespace;
use crate::probe::process::{Inode, reach};
use crate::probe::survey::{Origin, Resident, Survey};
use crate::text::Text;
use crate::visit::kind::Kind;
use crate::visit::user;

/// A network namespace that somebody may have made.
pub struct Network {
    /// A file that holds it.
    pub file: PathBuf,
    /// What it is called.
    pub name: String,
    /// Where it came from.
    pub origin: Origin,
    /// The processes that live in it, or that see its name.
    pub pids: Vec<Pid>,
    /// Whether a runtime keeps a file for it.
    pub of_a_runtime: bool,
}

impl Network {
    /// Whether it is that of whoever asks.
    pub fn is_ours(&self) -> bool {
        self.file == Path::new(OURS)
    }

    /// Whether it is as likely as not that whoever asks has made it by hand.
    pub fn is_by_hand(&self) -> bool {
        self.origin <= Origin::Login
    }
}

/// This process's own namespace, then those with a name, then those that a file holds anywhere, then those that only
/// processes hold; none that a lab's run has made, nor, to who is not root, anybody else's.
///
/// # Errors
/// statx(2)'s, for our own.
pub fn all(survey: &Survey, wanted: &Wanted) -> Result<Vec<Network>> {
    let inode = |file: &Path| Inode::of(file).ok();
    let ours = Inode::of(Path::new(OURS))?;
    let mut networks = vec![Network {
        file: PathBuf::from(OURS),
        name: name_of(Path::new(OURS)).to_string(),
        origin: Origin::Kin,
        pids: Vec::new(),
        of_a_runtime: false,
    }];
    let of_labs: HashSet<Inode> =
        survey.of_labs().iter().filter_map(|pid| inode(&Kind::Net.file(*pid))).collect();
    let mut known: HashMap<Inode, usize> = [(ours, 0)].into();
    for Held { file, of_a_runtime, pids } in held(survey) {
        // A name may be left over, or lead to anything: only nsfs's own files are namespaces.
        let Some(inode) = inode(&file).filter(|it| it.device == ours.device) else { continue };
        if !of_labs.contains(&inode) && !known.contains_key(&inode) && is_for_us(&file) {
            known.insert(inode, networks.len());
            let name = file.file_name().unwrap_or_default().display().to_string();
            let origin = if of_a_runtime { Origin::Elsewhere } else { Origin::Kin };
            networks.push(Network { file, name, origin, pids, of_a_runtime });
        }
    }
    for resident in survey.residents() {
        let file = Kind::Net.file(resident.pid);
        let Some(inode) = inode(&file).filter(|it| !of_labs.contains(it)) else { continue };
        match known.get(&inode).and_then(|at| networks.get_mut(*at)) {
            Some(network) => network.pids.push(resident.pid),
            None if is_for_us(&file) => {
                known.insert(inode, networks.len());
                networks.push(held_by(resident, file));
            }
            None => {}
        }
    }
    settle_origins(&mut networks, survey);
    if let Some(pid) = wanted.pid {
        // Whoever names a process does not mean everybody who lives here.
        networks.iter_mut().take(1).for_each(|ours| ours.pids.retain(|it| *it == pid));
    }
    Ok(networks)
}

/// Whether whoever asks can have made the namespace that `file` holds.
fn is_for_us(file: &Path) -> bool {
    user::is_capable().unwrap_or(false)
        || namespace::open(file).is_ok_and(|it| user::has_made(&it).unwrap_or(false))
}

/// A file that holds a namespace, or may.
struct Held {
    file: PathBuf,
    of_a_runtime: bool,
    /// Processes that see it, where we do not.
    pids: Vec<Pid>,
}

/// The files that `ip netns add` has made here, those that somebody has bound anywhere, and those of other mount
/// namespaces, with the processes that see them: an ordinary user's `/run/netns` is in one of those.
fn held(survey: &Survey) -> Vec<Held> {
    let here =
        |file: PathBuf| Held { of_a_runtime: is_of_a_runtime(&file), file, pids: Vec::new() };
    let entries = fs::read_dir(NAMES).into_iter().flatten().filter_map(std::result::Result::ok);
    let mut names: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    names.sort();
    let mut all: Vec<Held> = names.into_iter().map(here).collect();
    let bound = mountinfo::read().unwrap_or_default();
    all.extend(bound.into_iter().filter(is_network).map(|mount| here(mount.target)));
    for (resident, pids) in survey.in_other_mounts() {
        let pid = resident.pid;
        // One that ends meanwhile is left out.
        let mounts = mountinfo::read_file(&mountinfo::file_of(Some(pid)));
        let held = mounts.unwrap_or_default().into_iter().filter(is_network);
        all.extend(held.map(|one| {
            let (file, pids) = (reach(Some(pid), &one.target), pids.clone());
            Held { file, of_a_runtime: false, pids }
        }));
    }
    all
}

fn is_network(mount: &Mount) -> bool {
    mount.kind == "nsfs" && mount.root.starts_with("net:")
}

/// Runtimes keep their files below `/run`, where only users' own folders, and what `ip netns` keeps there, are made by hand.
fn is_of_a_runtime(file: &Path) -> bool {
    file.starts_with("/run") && ![NAMES, "/run/user"].iter().any(|folder| file.starts_with(folder))
}

fn held_by(resident: &Resident, file: PathBuf) -> Network {
    let (name, origin, pids) = (resident.named(), resident.origin, vec![resident.pid]);
    Network { file, name, origin, pids, of_a_runtime: false }
}

/// A namespace in which processes live comes from where the likeliest of them does. One with a name
/// and no process was made by whoever typed `ip netns add`.
fn settle_origins(networks: &mut [Network], survey: &Survey) {
    for network in networks.iter_mut().skip(1) {
        let origins = network.pids.iter().filter_map(|pid| survey.resident(*pid));
        network.origin = origins.map(|one| one.origin).min().unwrap_or(network.origin);
    }
}

/// Why nothing is found: names that somebody else has made.
pub fn not_found() -> Option<Text> {
    let names = fs::read_dir(NAMES).into_iter().flatten().filter_map(std::result::Result::ok);
    let is_theirs = |file: PathBuf| namespace::open(&file).is_ok() && !is_for_us(&file);
    names.map(|entry| entry.path()).any(is_theirs).then(|| {
        Text::new(
            "/run/netns has names that are not yours: what root has made, root has to look at (sudo)",
            "/run/netns에 다른 사용자가 만든 네임스페이스가 있습니다. root로 만들었다면 검증도 root로 실행하십시오(sudo)",
        )
    })
}

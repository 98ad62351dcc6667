//! Who lives on this machine, and where each grew out of: a terminal, a login, or the machine itself.
//!
//! A booted machine is full of look-alikes that no student made: services in namespaces of their own,
//! daemons in a chroot. Where a process came from tells them apart.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use nix::unistd::{Pid, Uid};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::probe::namespace;
use crate::probe::process::{self, Inode, Stat};
use crate::text::{Text, visible};
use crate::visit::kind::Kind;
use crate::visit::user::is_machines_root;

/// Where something came from, the likeliest work of whoever asks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// It descends from what we descend from: the same session, the same script.
    Kin,
    /// It has a controlling terminal.
    Terminal,
    /// It grew out of a login, or is in the same unit of the service manager as whoever asks: a runner for graders is a
    /// service itself.
    Login,
    /// Neither, and no service either.
    Elsewhere,
    /// It is in a container that a runtime watches over: nobody has built that by hand.
    Runtime,
    /// A service of this machine.
    Service,
}

impl Origin {
    /// In a word or two, for a table.
    pub fn name(self) -> Text {
        match self {
            Origin::Kin => Text::new("this session", "이 세션"),
            Origin::Terminal => Text::new("a terminal", "터미널"),
            Origin::Login => Text::new("a login", "로그인"),
            Origin::Elsewhere => Text::new("elsewhere", "그 밖"),
            Origin::Runtime => Text::new("a container runtime", "컨테이너 런타임"),
            Origin::Service => Text::new("a service", "서비스"),
        }
    }
}

/// A process.
#[derive(Clone, Debug)]
pub struct Resident {
    /// Its pid, as we see it.
    pub pid: Pid,
    /// What `/proc/PID/stat` says of it.
    pub stat: Stat,
    /// Where it came from.
    pub origin: Origin,
}

impl Resident {
    /// Its number and its command, for a table.
    pub fn named(&self) -> String {
        format!("{} {}", self.pid, visible(&self.stat.command))
    }
}

/// All processes, but for this one, what a run of a lab has made, and the kernel's own.
#[derive(Clone, Debug)]
pub struct Survey {
    residents: Vec<Resident>,
    of_labs: Vec<Pid>,
}

impl Survey {
    /// Looks at all of them once; `running` are those that hold a journal. What ends meanwhile is left out, and so is every process that
    /// descends from another run of this program: what a lab is showing somebody is nobody's work by hand. To who is not
    /// root, other users' are none of theirs.
    ///
    /// # Errors
    /// open(2)'s, for `/proc` itself.
    pub fn take(running: &[Pid]) -> Result<Survey> {
        let stats: HashMap<Pid, Stat> = process::all()?
            .into_iter()
            .filter_map(|pid| Some((pid, process::stat(pid).ok()?)))
            .filter(|(_, stat)| !matches!(stat.state, 'Z' | 'X') && !stat.kernel_thread)
            .collect();
        let family = Family::look(&stats, running);
        let mut residents: Vec<Resident> = stats
            .iter()
            .filter(|(pid, _)| **pid != Pid::this() && !family.is_of_a_lab(**pid))
            .filter(|(pid, _)| is_for_us(**pid))
            .map(|(pid, stat)| Resident {
                pid: *pid,
                stat: stat.clone(),
                origin: family.origin(*pid, stat),
            })
            .collect();
        residents.sort_by_key(|resident| (resident.stat.started, resident.pid));
        let of_labs = stats.keys().copied().filter(|pid| family.is_of_a_lab(*pid)).collect();
        Ok(Survey { residents, of_labs })
    }

    /// The processes, the oldest first.
    pub fn residents(&self) -> &[Resident] {
        &self.residents
    }

    /// The processes of other runs of this program, which are nobody's work by hand.
    pub fn of_labs(&self) -> &[Pid] {
        &self.of_labs
    }

    /// For each mount namespace other than ours, its process of the likeliest origin, and all of them.
    pub fn in_other_mounts(&self) -> Vec<(&Resident, Vec<Pid>)> {
        let of = |pid| namespace::in_proc(Path::new("/proc"), pid, Kind::Mnt);
        let ours = of(Pid::this()).unwrap_or_default();
        let mut likeliest: HashMap<String, (&Resident, Vec<Pid>)> = HashMap::new();
        for resident in &self.residents {
            let Ok(name) = of(resident.pid) else { continue };
            if name == ours {
                continue;
            }
            let (known, pids) = likeliest.entry(name).or_insert((resident, Vec::new()));
            pids.push(resident.pid);
            if resident.origin < known.origin {
                *known = resident;
            }
        }
        let mut all: Vec<_> = likeliest.into_values().collect();
        all.sort_by_key(|(resident, _)| (resident.origin, resident.pid));
        all
    }

    /// The process `pid`, if it is among them.
    pub fn resident(&self, pid: Pid) -> Option<&Resident> {
        self.residents.iter().find(|resident| resident.pid == pid)
    }
}

/// Whether whoever asks can have made it: root is asked about everybody's work. Who maps further users into a user
/// namespace of theirs may look into what those run.
fn is_for_us(pid: Pid) -> bool {
    let us = Uid::effective();
    let may_look = || fs::read_link(Kind::User.file(pid)).is_ok();
    is_machines_root() || process::user(pid).is_ok_and(|user| user == us) || may_look()
}

/// The process above each container of containerd (and so of Docker), of Podman and CRI-O, of LXC: the kernel keeps 15
/// bytes of a name.
const WATCHERS: [&str; 3] = ["containerd-shim", "conmon", "lxc-start"];

/// The process tree, seen from this process.
struct Family<'a> {
    stats: &'a HashMap<Pid, Stat>,
    /// This process, and what it descends from. Ancestors that live in another control group than we do are the
    /// machine's, not the session's: the ssh daemon above a login's shell. Neither is the first
    /// process anybody's kin.
    ancestors: HashSet<Pid>,
    /// Others that run this program, or hold a journal: runs of a lab.
    labs: HashSet<Pid>,
    /// The unit of the service manager that we are in.
    unit: String,
}

impl Family<'_> {
    fn look<'a>(stats: &'a HashMap<Pid, Stat>, running: &[Pid]) -> Family<'a> {
        let us = Pid::this();
        let (our_unit, our_program) = (unit(us), program(us));
        // We belong to it too: a shell may have become this program, and keeps its children.
        let line: HashSet<Pid> = std::iter::once(us).chain(ancestors(us, stats)).collect();
        let is_lab = |pid: &Pid| {
            running.contains(pid) || (our_program.is_some() && program(*pid) == our_program)
        };
        // A run of a lab that we descend from is none: somebody works in its shell.
        let labs = stats.keys().copied().filter(|pid| !line.contains(pid)).filter(is_lab).collect();
        let kin = |pid: &Pid| pid.as_raw() > 1 && unit(*pid) == our_unit;
        let ancestors = line.into_iter().filter(kin).collect();
        Family { stats, ancestors, labs, unit: our_unit }
    }

    /// Whether it is a run of a lab, or descends from one.
    fn is_of_a_lab(&self, pid: Pid) -> bool {
        std::iter::once(pid).chain(ancestors(pid, self.stats)).any(|pid| self.labs.contains(&pid))
    }

    fn origin(&self, pid: Pid, stat: &Stat) -> Origin {
        let mut line = std::iter::once(pid).chain(ancestors(pid, self.stats));
        if line.any(|pid| self.ancestors.contains(&pid)) {
            return Origin::Kin;
        }
        if stat.terminal != 0 {
            return Origin::Terminal;
        }
        let unit = unit(pid);
        // Without a service manager, all are in the unit `/`.
        let is_ours = unit == self.unit && unit.ends_with(".service");
        if is_ours || has_login(pid) || unit.starts_with("/user.slice/") {
            return Origin::Login;
        }
        let mut line = ancestors(pid, self.stats).filter_map(|pid| self.stats.get(&pid));
        if line.any(|stat| WATCHERS.contains(&stat.command.as_str())) {
            return Origin::Runtime;
        }
        let is_service = unit.ends_with(".service") && !is_transient(&unit);
        match is_service || unit.ends_with("/init.scope") || stat.parent == 0 {
            true => Origin::Service,
            false => Origin::Elsewhere,
        }
    }
}

/// The parents of `pid`, the nearest first.
fn ancestors(pid: Pid, stats: &HashMap<Pid, Stat>) -> impl Iterator<Item = Pid> {
    let parent = |pid: &Pid| stats.get(pid).map(|stat| Pid::from_raw(stat.parent));
    std::iter::successors(parent(&pid), parent).filter(|pid| pid.as_raw() > 0)
}

/// The file that a process runs, where it is called as ours is. The name is the kernel's own word; to ask for the
/// file is to ask its file system, which for others' programs is nobody's business.
fn program(pid: Pid) -> Option<Inode> {
    let link = |pid: Pid| fs::read_link(format!("/proc/{pid}/exe")).ok();
    let (ours, theirs) = (link(Pid::this())?, link(pid)?);
    (ours.file_name() == theirs.file_name())
        .then(|| Inode::of(Path::new(&format!("/proc/{pid}/exe"))).ok())
        .flatten()
}

/// Where the service manager keeps it: the path in the unified hierarchy, or in the manager's own
/// under cgroup v1 (man 7 cgroups).
fn unit(pid: Pid) -> String {
    let text = process::read(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let path = |head: &str| text.lines().find_map(|line| line.split_once(head));
    let path = path(":name=systemd:").or_else(|| path("0::"));
    path.map(|(_, path)| path.to_owned()).unwrap_or_default()
}

/// Where the service manager keeps the units that were started from a command line (man 1 systemd-run).
const TRANSIENT: &str = "/run/systemd/transient";

/// Whether somebody has made the unit by hand: systemd-run(1) calls its units so, where no name is given.
pub fn is_transient(unit: &str) -> bool {
    let name = unit.rsplit('/').next().unwrap_or_default();
    name.starts_with("run-") || (!name.is_empty() && Path::new(TRANSIENT).join(name).exists())
}

/// Whether the kernel remembers a login for it (man 5 proc_pid_loginuid); -1 is none.
fn has_login(pid: Pid) -> bool {
    let text = process::read(format!("/proc/{pid}/loginuid")).unwrap_or_default();
    String::from_utf8_lossy(&text).trim().parse::<u32>().is_ok_and(|user| user != u32::MAX)
}

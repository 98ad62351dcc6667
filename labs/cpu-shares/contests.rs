//! Where groups compete: the groups of this machine, and what goes on in them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::{Pid, Uid};

use super::activity::{self, Activity, Place};
use super::rivals;
use crate::error::Result;
use crate::probe::cgroup::{self, Cpu};
use crate::probe::process;
use crate::probe::survey::{self, Origin, Resident, Survey};

/// A busy loop is ready to run whenever anybody looks; so far apart.
const APART: Duration = Duration::from_millis(15);
/// More groups than these are not looked at.
const MOST_GROUPS: usize = 4000;
/// The service manager's own groups are named after its units (man 5 systemd.unit).
const UNITS: [&str; 6] = [".slice", ".scope", ".service", ".mount", ".socket", ".swap"];

/// A group that may be somebody's contestant.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// Its directory.
    pub dir: PathBuf,
    /// The processes in it and below it, of those that are looked at.
    pub members: Vec<&'a Resident>,
    /// What goes on in it.
    pub activity: Activity,
    /// Whether somebody has given it other shares than every group begins with.
    pub is_told_apart: bool,
}

impl Group<'_> {
    /// The likeliest of where its processes came from.
    pub fn origin(&self) -> Option<Origin> {
        self.members.iter().map(|resident| resident.origin).min()
    }
}

/// A busy process, and the group that it is in.
#[derive(Clone, Debug)]
pub struct Worker<'a> {
    /// The process.
    pub resident: &'a Resident,
    /// The group.
    pub group: PathBuf,
    /// The processors that it may use.
    pub processors: String,
}

/// All that may compete.
#[derive(Debug)]
pub struct Arena<'a> {
    /// The groups, each behind its parent.
    pub groups: Vec<Group<'a>>,
    /// All that is busy, in whatever group or in none.
    pub workers: Vec<Worker<'a>>,
}

impl<'a> Arena<'a> {
    /// Looks around.
    ///
    /// # Errors
    /// [`crate::error::Error::Interrupted`].
    pub fn look(cpu: &Cpu, survey: &'a Survey, with_services: bool) -> Result<Arena<'a>> {
        let residents: HashMap<Pid, &Resident> = survey
            .residents()
            .iter()
            .filter(|it| with_services || it.origin < Origin::Service)
            .map(|resident| (resident.pid, resident))
            .collect();
        let mut groups = groups(cpu, &residents);
        if groups.is_empty() {
            return Ok(Arena { groups, workers: Vec::new() });
        }
        let grouped: HashSet<Pid> =
            groups.iter().flat_map(|group| &group.members).map(|it| it.pid).collect();
        let loose = residents.values().copied().filter(|it| !grouped.contains(&it.pid));
        let loose: Vec<&Resident> =
            loose.filter(|it| it.stat.state == 'R' || it.stat.threads > 1).collect();
        let places = groups.iter().map(|group| Place::Group(group.dir.clone()));
        let alone = loose.iter().map(|resident| Place::Processes(vec![resident.pid]));
        let mut activities = activity::watch(&places.chain(alone).collect::<Vec<_>>(), APART)?;
        let of_loose = activities.split_off(groups.len());
        let mut pids = BTreeSet::new();
        for (group, activity) in groups.iter_mut().zip(activities) {
            pids.extend(activity.programs.iter().copied());
            group.activity = activity;
        }
        pids.extend(
            loose.iter().zip(of_loose).filter(|(_, it)| it.is_busy()).map(|(it, _)| it.pid),
        );
        let worker = |pid: Pid| {
            let (resident, group) = (*residents.get(&pid)?, cpu.group_of(pid).ok()?);
            Some(Worker { resident, group, processors: process::allowed_processors(pid).ok()? })
        };
        Ok(Arena { groups, workers: pids.into_iter().filter_map(worker).collect() })
    }

    /// The directories that have groups which may compete, each once.
    pub fn parents(&self) -> BTreeSet<&Path> {
        self.groups.iter().filter_map(|group| group.dir.parent()).collect()
    }

    /// The groups right below `parent`.
    pub fn below(&self, parent: &Path) -> Vec<&Group<'a>> {
        self.groups.iter().filter(|group| group.dir.parent() == Some(parent)).collect()
    }
}

/// The groups that may compete, with those of `residents` who are in them.
fn groups<'a>(cpu: &Cpu, residents: &HashMap<Pid, &'a Resident>) -> Vec<Group<'a>> {
    let all = cgroup::tree(cpu.root(), MOST_GROUPS).into_iter().skip(1);
    // In order, what is below a group follows it.
    let inside: BTreeMap<PathBuf, Vec<Pid>> =
        all.map(|dir| (dir.clone(), processes(&dir))).collect();
    let group = |dir: &PathBuf| {
        let is_told_apart = is_told_apart(cpu, dir);
        if !is_contestant(dir, is_told_apart) {
            return None;
        }
        let below = inside.range(dir.clone()..).take_while(|(other, _)| other.starts_with(dir));
        let pids: Vec<Pid> = below.flat_map(|(_, pids)| pids).copied().collect();
        let members = pids.iter().filter_map(|pid| residents.get(pid).copied());
        let members: Vec<&Resident> = members.collect();
        // What others' processes are in, or a lab's, is theirs; what nobody is in, its owner's.
        let is_ours =
            if pids.is_empty() { is_told_apart && is_ours(dir) } else { !members.is_empty() };
        let (dir, activity) = (dir.clone(), Activity::default());
        is_ours.then_some(Group { dir, members, activity, is_told_apart })
    };
    inside.keys().filter_map(group).collect()
}

/// The processes of `group`; of a threaded one, those whose threads it has.
fn processes(group: &Path) -> Vec<Pid> {
    cgroup::processes(group).unwrap_or_else(|_| {
        let threads = cgroup::threads(group).unwrap_or_default().into_iter();
        threads.filter_map(|tid| process::of_thread(tid).ok()).collect()
    })
}

/// Whether somebody has given it other shares than every group begins with.
pub fn is_told_apart(cpu: &Cpu, group: &Path) -> bool {
    cpu.shares(group).is_ok_and(|weight| rivals::is_told_apart(cpu, weight))
}

/// Whether whoever asks can have made it: root is asked about everybody's. What a lab that was killed has left is nobody's
/// work.
pub fn is_ours(dir: &Path) -> bool {
    let us = Uid::effective();
    !is_a_labs(dir) && (us.is_root() || dir.metadata().is_ok_and(|it| it.uid() == us.as_raw()))
}

/// Whether a lab makes its own there.
pub fn is_a_labs(dir: &Path) -> bool {
    dir.components().any(|part| part.as_os_str() == super::PARENT)
}

fn name(group: &Path) -> String {
    group.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether the service manager has named it.
pub fn is_unit(group: &Path) -> bool {
    let name = name(group);
    UNITS.iter().any(|unit| name.ends_with(unit))
}

/// Whether somebody has made it by hand, or given it shares: a scope is what a program was put into, but for that of a login and of
/// the first process; a service is the machine's, unless it was started from a command line.
fn is_contestant(group: &Path, is_told_apart: bool) -> bool {
    let name = name(group);
    let is_made = match name.rsplit_once('.') {
        _ if !is_unit(group) => true,
        Some((unit, "scope")) => unit != "init" && !unit.starts_with("session-"),
        Some((_, "service")) => survey::is_transient(&name),
        _ => false,
    };
    let can_be_set = name.ends_with(".scope") || name.ends_with(".slice");
    is_made || (is_told_apart && can_be_set && name != "init.scope")
}

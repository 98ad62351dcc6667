//! Those that compete for a processor: groups beside each other, and processes beside a group.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::Pid;

use super::activity::{self, Activity, Place};
use crate::error::Result;
use crate::lab::check::Subject;
use crate::probe::autogroup::{self, Autogroup};
use crate::probe::cgroup::{self, Cpu};
use crate::probe::process;

/// What every group begins with, and what a process of nice level 0 weighs beside groups
/// (`NICE_0_LOAD`), in shares.
pub const DEFAULT: u64 = 1024;
/// A verdict is not kept waiting for long.
const APART: Duration = Duration::from_millis(4);

/// One of those that compete.
#[derive(Clone, Debug)]
pub struct Rival {
    /// The group's own name, or the process's.
    pub name: String,
    /// Its shares, or its weight.
    pub weight: u32,
    /// What goes on in it.
    pub activity: Activity,
    /// The nice level that counts beside groups; of a group none does.
    pub nice: i32,
    /// Whether it is of a session that competes as one: then whatever else runs in that takes from its part.
    pub is_of_session: bool,
    place: Place,
    /// Whether the group counts what is in it: under v1 another hierarchy does, and they may not be in that.
    is_counted: bool,
}

impl Rival {
    /// Its directory, where it is a group.
    pub fn group(&self) -> Option<&Path> {
        match &self.place {
            Place::Group(group) => Some(group),
            Place::Processes(_) => None,
        }
    }

    /// Whether it wants a processor.
    pub fn is_busy(&self) -> bool {
        self.activity.is_busy()
    }

    /// How many programs in it do.
    pub fn busy(&self) -> usize {
        self.activity.programs.len()
    }
}

/// The subject's groups, then those of its processes that are in none of them. One that has ended wants no
/// processor any more, and the kernel says of a zombie that it is in the hierarchy's root.
///
/// # Errors
/// open(2)'s.
pub fn of(cpu: &Cpu, subject: &Subject) -> Result<Vec<Rival>> {
    let mut beside: Vec<Beside> = Vec::new();
    for pid in &subject.others {
        let (Ok(stat), Ok(group)) = (process::stat(*pid), cpu.group_of(*pid)) else { continue };
        let is_inside = subject.groups.iter().any(|dir| group.starts_with(dir));
        if is_inside || matches!(stat.state, 'Z' | 'X') {
            continue;
        }
        // In the hierarchy's root, those of a session compete as one.
        let session = autogroup::of(*pid).filter(|_| group == cpu.root());
        let known = |it: &&mut Beside| session.is_some() && it.session == session;
        match beside.iter_mut().find(known) {
            Some(known) => known.pids.push(*pid),
            None => beside.push(Beside { session, nice: stat.nice, pids: vec![*pid] }),
        }
    }
    let groups = subject.groups.iter().cloned().map(Place::Group);
    let alone = beside.iter().map(|it| Place::Processes(it.pids.clone()));
    let places: Vec<Place> = groups.chain(alone).collect();
    let activities = activity::watch(&places, APART)?;
    let beside = subject.groups.iter().map(|_| None).chain(beside.iter().map(Some));
    let all = places.into_iter().zip(activities).zip(beside);
    all.map(|((place, activity), beside)| rival(cpu, place, activity, beside)).collect()
}

/// Processes that compete with groups: one, or those of a session.
struct Beside {
    session: Option<Autogroup>,
    nice: i32,
    pids: Vec<Pid>,
}

fn rival(cpu: &Cpu, place: Place, activity: Activity, beside: Option<&Beside>) -> Result<Rival> {
    let weight = match &place {
        Place::Group(group) if has_controller(cpu, group) => cpu.shares(group)?,
        _ => u32::try_from(cpu.in_units(DEFAULT)).unwrap_or(u32::MAX),
    };
    let (name, is_counted) = match &place {
        Place::Group(group) => {
            let name = group.file_name().unwrap_or_default().display().to_string();
            (name, counts(cpu, group, &activity))
        }
        Place::Processes(_) => {
            let first = activity.threads.first();
            (first.map(|it| it.stat.command.clone()).unwrap_or_default(), false)
        }
    };
    let session = beside.and_then(|it| it.session.as_ref());
    let nice = session.map_or(beside.map_or(0, |it| it.nice), |session| session.nice);
    Ok(Rival { name, weight, activity, nice, is_of_session: session.is_some(), place, is_counted })
}

/// Whether the directory that counts the usage of `group` has all that is in it.
fn counts(cpu: &Cpu, group: &PathBuf, activity: &Activity) -> bool {
    let counts = cpu.usage_dir(group);
    counts == *group || {
        let all = cgroup::processes(&counts).unwrap_or_default();
        counts.is_dir() && activity.threads.iter().all(|it| all.contains(&it.pid))
    }
}

/// How long each has run, in microseconds.
///
/// # Errors
/// open(2)'s: ENOENT when one of them ends.
pub fn ran(cpu: &Cpu, rivals: &[Rival]) -> Result<Vec<u64>> {
    let one = |rival: &Rival| match (rival.group(), rival.is_counted) {
        (Some(group), true) => cpu.usage(group),
        _ => Ok(rival.place.ran()),
    };
    rivals.iter().map(one).collect()
}

/// Where [`ran`] reads.
pub fn source(cpu: &Cpu, rivals: &[Rival]) -> &'static str {
    let by_group = rivals.iter().all(|rival| rival.is_counted);
    if by_group { cpu.usage_source() } else { "/proc/PID/task/*/schedstat" }
}

/// Whether that is another weight than every group begins with.
pub fn is_told_apart(cpu: &Cpu, weight: u32) -> bool {
    u64::from(weight) != cpu.in_units(DEFAULT)
}

/// Whether the whole group only gets what nobody else wants (`cpu.idle`, cgroup-v2.rst); its shares count for nothing then.
pub fn is_idle_class(rival: &Rival) -> bool {
    let file = rival.group().map(|group| group.join("cpu.idle"));
    file.and_then(|file| std::fs::read_to_string(file).ok()).is_some_and(|text| text.trim() == "1")
}

/// Whether `group` has the controller. Under v2 its parent has to enable it for its children; those of one that does not are
/// weighed all alike, as processes.
pub fn has_controller(cpu: &Cpu, group: &Path) -> bool {
    matches!(cpu, Cpu::V1 { .. }) || !group.is_dir() || group.join(cpu.shares_file()).exists()
}

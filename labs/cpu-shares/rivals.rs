//! Those that compete for a processor: groups beside each other, and processes beside a group.

use std::path::PathBuf;

use nix::unistd::Pid;

use crate::error::{Error, Result};
use crate::lab::check::Subject;
use crate::probe::cgroup::{self, Cpu};
use crate::probe::process;
use crate::text;
use crate::text::Text;

/// What every group begins with, and what a process of nice level 0 weighs beside groups
/// (`NICE_0_LOAD`), in shares.
pub const DEFAULT: u64 = 1024;

/// One of those that compete.
#[derive(Clone, Debug)]
pub struct Rival {
    /// The group's own name, or the process's.
    pub name: String,
    /// Its shares, or its weight.
    pub weight: u32,
    /// How many of the busy processes it holds.
    pub busy: usize,
    /// Whether it is a group.
    pub is_group: bool,
    meter: Meter,
}

/// Where its usage is counted.
#[derive(Clone, Debug)]
enum Meter {
    /// By the group.
    Group(PathBuf),
    /// By its processes: under v1 another hierarchy counts, and they may not be in it.
    Processes(Vec<Pid>),
}

/// The subject's groups, then those of its processes that are in none of them. One that has ended wants no
/// processor any more, and the kernel says of a zombie that it is in the hierarchy's root.
///
/// # Errors
/// open(2)'s; [`Error::Unable`] for a process with another nice level than 0.
pub fn of(cpu: &Cpu, subject: &Subject) -> Result<Vec<Rival>> {
    let mut beside = subject.others.clone();
    beside.retain(|pid| process::must_run(*pid).is_ok());
    let mut rivals = Vec::new();
    for group in &subject.groups {
        let mut inside = Vec::new();
        for pid in &beside {
            if cpu.group_of(*pid)?.starts_with(group) {
                inside.push(*pid);
            }
        }
        beside.retain(|pid| !inside.contains(pid));
        rivals.push(Rival {
            name: group.file_name().unwrap_or_default().display().to_string(),
            weight: cpu.shares(group)?,
            busy: inside.len(),
            is_group: true,
            meter: meter(cpu, group, inside),
        });
    }
    for pid in beside {
        rivals.push(alone(cpu, pid)?);
    }
    Ok(rivals)
}

fn meter(cpu: &Cpu, group: &PathBuf, inside: Vec<Pid>) -> Meter {
    let counts = cpu.usage_dir(group);
    let counted = |pid: &Pid| cgroup::processes(&counts).is_ok_and(|all| all.contains(pid));
    match counts == *group || inside.iter().all(counted) {
        true => Meter::Group(group.clone()),
        false => Meter::Processes(inside),
    }
}

fn alone(cpu: &Cpu, pid: Pid) -> Result<Rival> {
    let stat = process::stat(pid)?;
    if stat.nice != 0 {
        let nice = stat.nice;
        return Err(Error::unable(
            text!("process {pid} has the nice level {nice}", "PID {pid}: nice 값이 {nice}입니다"),
            Text::new("start it without nice", "nice 없이 실행하십시오"),
        ));
    }
    Ok(Rival {
        name: stat.command,
        weight: u32::try_from(cpu.in_units(DEFAULT)).unwrap_or(u32::MAX),
        busy: 1,
        is_group: false,
        meter: Meter::Processes(vec![pid]),
    })
}

/// How long each has run, in microseconds.
///
/// # Errors
/// open(2)'s: ENOENT when one of them ends.
pub fn ran(cpu: &Cpu, rivals: &[Rival]) -> Result<Vec<u64>> {
    rivals
        .iter()
        .map(|rival| match &rival.meter {
            Meter::Group(group) => cpu.usage(group),
            Meter::Processes(pids) => pids.iter().map(|pid| process::ran(*pid)).sum(),
        })
        .collect()
}

/// Where [`ran`] reads.
pub fn source(cpu: &Cpu, rivals: &[Rival]) -> &'static str {
    let by_group = rivals.iter().all(|rival| matches!(rival.meter, Meter::Group(_)));
    if by_group { cpu.usage_source() } else { "/proc/PID/task/*/schedstat" }
}

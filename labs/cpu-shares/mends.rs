//! Commands that mend what a check of this lab saw, for the student's own groups and processes.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use super::held::Quota;
use super::processors;
use super::rivals::Rival;
use super::{activity, advice, checks, contests};
use crate::lab::mend;
use crate::probe::cgroup::{self, Cpu};
use crate::probe::process;

/// Writes `value` into a file of the group.
pub fn set(rival: &Rival, file: &str, value: &str) -> Option<String> {
    mend::echo(value, ">", &rival.group()?.join(file))
}

fn put(pid: Pid, group: &Path) -> Option<String> {
    mend::echo(&pid.to_string(), ">", &group.join("cgroup.procs"))
}

/// A busy program in `group`, on the processor that the others want.
fn started(rivals: &[Rival], group: &Path) -> Option<String> {
    let busy: Vec<&Rival> = rivals.iter().filter(|rival| rival.is_busy()).collect();
    let processor = processors::lists(&busy).iter().flatten().find_map(|list| list.parse().ok());
    let processor: u32 = processor.unwrap_or_default();
    let file = mend::word(group.join("cgroup.procs"))?;
    Some(format!("taskset -c {processor} sh -c 'while :; do :; done' & echo $! > {file}"))
}

/// Something busy in each of the groups, where nobody is in any yet.
pub fn begun(rivals: &[Rival]) -> Option<String> {
    let each = rivals.iter().filter(|rival| !rival.is_busy());
    mend::after_each_other(each.map(|rival| started(rivals, rival.group()?)))
}

/// Gives what is beside the groups the weight of a group.
pub fn without_nice(rival: &Rival) -> Option<String> {
    let all = rival.activity.programs.iter();
    mend::after_each_other(all.map(|pid| Some(format!("renice -n 0 -p {pid}"))))
}

/// Something busy in each group, and as many in each.
pub fn put_in(cpu: &Cpu, rivals: &[Rival]) -> Option<String> {
    if let Some(pid) = rivals.iter().find_map(|rival| rival.activity.stopped()) {
        return Some(format!("kill -CONT {pid}"));
    }
    if checks::astray(rivals).is_some() {
        let strays = rivals.iter().filter(|rival| rival.group().is_none() && rival.is_busy());
        let idle = rivals.iter().filter(|rival| rival.group().is_some() && !rival.is_busy());
        let each = strays.flat_map(|rival| &rival.activity.programs).zip(idle);
        return mend::after_each_other(each.map(|(pid, rival)| put(*pid, rival.group()?)));
    }
    if let Some(idle) = checks::idle(rivals) {
        let crowded = rivals.iter().find(|rival| rival.group().is_some() && rival.busy() > 1);
        return match crowded {
            Some(crowded) => put(*crowded.activity.programs.last()?, idle.group()?),
            None => started(rivals, idle.group()?),
        };
    }
    match rivals {
        [one] => parted(cpu, one),
        _ => {
            let groups = rivals.iter().filter(|rival| rival.group().is_some());
            let most = groups.max_by_key(|rival| rival.busy())?;
            let line = activity::our_line();
            let last = most.activity.programs.iter().rev().find(|pid| !line.contains(pid))?;
            Some(format!("kill {last}"))
        }
    }
}

/// One of the two programs of a group that is alone goes into another beside it; to one program alone another is added.
fn parted(cpu: &Cpu, crowded: &Rival) -> Option<String> {
    let group = crowded.group()?;
    if crowded.busy() < 2 {
        let other = beside(group, None)?;
        let made = mend::command(&["mkdir", other.to_str()?]);
        return mend::after_each_other([made, started(std::slice::from_ref(crowded), &other)]);
    }
    let inner = advice::nested(cpu, crowded);
    let last = crowded.activity.programs.last()?;
    let pid = inner.as_ref().map_or(*last, |(pid, _)| *pid);
    if let Some(empty) = empty_beside(group).filter(|_| inner.is_none()) {
        return put(pid, &empty);
    }
    let name = inner.as_ref().and_then(|(_, inner)| inner.file_name());
    let other = beside(group, name)?;
    let made = mend::command(&["mkdir", other.to_str()?]);
    mend::after_each_other([made, put(pid, &other)])
}

/// A group beside `group` in which nobody is, and that is nobody's unit.
fn empty_beside(group: &Path) -> Option<PathBuf> {
    let all = cgroup::children(group.parent()?);
    all.into_iter().find(|dir| {
        dir != group
            && !contests::is_unit(dir)
            && cgroup::threads(dir).is_ok_and(|all| all.is_empty())
            && cgroup::children(dir).is_empty()
    })
}

/// A directory beside `group` that is not there yet, called `name` if that is free.
fn beside(group: &Path, name: Option<&OsStr>) -> Option<PathBuf> {
    let names = name.into_iter().chain(["b", "a", "c"].map(OsStr::new));
    names.map(|name| group.with_file_name(name)).find(|dir| !dir.exists())
}

/// Ties what is in each to the same processor: the one that some are tied to already.
pub fn pinned(rivals: &[&Rival], lists: &[Vec<String>]) -> Option<String> {
    let processor = advice::common_processor(lists)?;
    let elsewhere = |pid: &Pid| {
        process::allowed_processors(*pid).is_ok_and(|list| list.parse() != Ok(processor))
    };
    let mut pids: Vec<Pid> = Vec::new();
    for activity in rivals.iter().map(|rival| &rival.activity) {
        // What was ready and has ended was started by a program that goes on starting others.
        let starts_others = activity.ready.iter().any(|it| process::must_run(it.tid).is_err());
        let programs = activity.programs.iter().filter(|_| starts_others);
        let busy = activity.ready.iter().filter(|it| elsewhere(&it.tid)).map(|it| it.pid);
        pids.extend(busy.chain(programs.copied().filter(elsewhere)));
    }
    pids.sort_unstable();
    pids.dedup();
    let all = pids.iter().map(|pid| Some(format!("taskset -acp {processor} {pid}")));
    mend::after_each_other(all)
}

/// Halves what the first has.
pub fn told_apart(cpu: &Cpu, rivals: &[Rival]) -> Option<String> {
    if let Some((_, dir, weight)) = advice::told_apart_below(cpu, rivals) {
        return mend::echo(&weight.to_string(), ">", &dir.join(cpu.shares_file()));
    }
    let first = rivals.iter().find(|rival| rival.group().is_some())?;
    set(first, cpu.shares_file(), &(first.weight / 2).max(2).to_string())
}

/// Takes the quota away.
pub fn without_quota(cpu: &Cpu, quota: &Quota) -> Option<String> {
    let (value, file) = match cpu {
        Cpu::V1 { .. } => ("-1", "cpu.cfs_quota_us"),
        Cpu::V2 { .. } => ("max", "cpu.max"),
    };
    mend::echo(value, ">", &quota.group.join(file))
}

/// Lets the groups have the controller.
pub fn enabled(rival: &Rival) -> Option<String> {
    mend::echo("+cpu", ">", &rival.group()?.parent()?.join("cgroup.subtree_control"))
}

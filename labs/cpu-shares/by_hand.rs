//! What by hand looks like this lab, and what it must meet.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::Pid;

use super::{checks, rivals};
use crate::error::Result;
use crate::interrupt;
use crate::lab::check::Subject;
use crate::lab::goal::{Candidate, Goal, Wanted};
use crate::probe::cgroup::Cpu;
use crate::probe::process;
use crate::probe::survey::{Origin, Resident, Survey};
use crate::text;
use crate::text::Text;

/// What must hold at the end of the exercise.
pub static GOALS: &[Goal] = &[
    Goal {
        check: &checks::ONE_IN_EACH,
        after: &[],
        hints: &[
            Text::new(
                "cat a/cgroup.procs b/cgroup.procs: which process is in each, and is it busy?",
                "cat a/cgroup.procs b/cgroup.procs를 실행해 보십시오. 어떤 프로세스가 들어 있고, CPU를 계속 쓰고 있습니까?",
            ),
            Text::new(
                "a process goes into a group when its PID is written to cgroup.procs; two groups, a busy one in each",
                "PID를 cgroup.procs에 기록하면 프로세스가 그 그룹으로 들어갑니다. 그룹 둘에 바쁜 프로세스를 하나씩 넣으십시오",
            ),
            Text::new("echo PID > b/cgroup.procs", "echo PID > b/cgroup.procs"),
        ],
    },
    Goal {
        check: &checks::SHARES_DIFFER,
        after: &[&checks::ONE_IN_EACH],
        hints: &[
            Text::new(
                "what is in each group's cpu.shares (v2: cpu.weight)?",
                "각 그룹의 cpu.shares(v2: cpu.weight) 값은 얼마입니까?",
            ),
            Text::new(
                "every group begins with 1024 (v2: 100); halve one of them",
                "모든 그룹은 1024(v2: 100)로 시작합니다. 하나를 절반으로 줄이십시오",
            ),
            Text::new(
                "echo 512 > a/cpu.shares   # v2: echo 50 > a/cpu.weight",
                "echo 512 > a/cpu.shares   # v2: echo 50 > a/cpu.weight",
            ),
        ],
    },
    Goal {
        check: &checks::ONE_PROCESSOR,
        after: &[&checks::ONE_IN_EACH],
        hints: &[
            Text::new(
                "with a processor each, is there anything to share?",
                "프로세스마다 CPU를 하나씩 차지하고 있다면 나눌 CPU가 있습니까?",
            ),
            Text::new(
                "taskset -p PID shows where a process may run; pin both to the same processor",
                "taskset -p PID로 어느 CPU에서 실행될 수 있는지 확인하고, 둘을 같은 CPU에 고정하십시오",
            ),
            Text::new("taskset -cp 0 PID", "taskset -cp 0 PID"),
        ],
    },
    Goal {
        check: &checks::AS_PROMISED,
        after: &[&checks::ONE_IN_EACH, &checks::SHARES_DIFFER, &checks::ONE_PROCESSOR],
        hints: &[
            Text::new(
                "what does top show for the two?",
                "top에서 두 프로세스는 CPU를 얼마씩 쓰고 있습니까?",
            ),
            Text::new(
                "shares are not all that a group has: is nr_throttled in cpu.stat above 0?",
                "그룹에는 가중치 말고 상한도 있습니다. cpu.stat의 nr_throttled가 0보다 큽니까?",
            ),
            Text::new(
                "echo -1 > a/cpu.cfs_quota_us   # v2: echo max > a/cpu.max",
                "echo -1 > a/cpu.cfs_quota_us   # v2: echo max > a/cpu.max",
            ),
        ],
    },
];

/// A busy loop is ready to run whenever anybody looks; this often, and so far apart.
const LOOKS: usize = 3;
const APART: Duration = Duration::from_millis(15);
/// The service manager's own groups are named after its units (man 5 systemd.unit).
const UNITS: [&str; 5] = [".slice", ".scope", ".service", ".mount", ".socket"];

/// A busy process and the group that it is in.
#[derive(Clone, Copy)]
struct Worker<'a> {
    resident: &'a Resident,
    group: &'a Path,
}

/// Each group that holds groups with busy processes, and what competes below it.
pub fn find(survey: &Survey, wanted: &Wanted) -> Result<Vec<Candidate>> {
    let Some(cpu) = Cpu::find()? else { return Ok(Vec::new()) };
    let busy: Vec<(&Resident, PathBuf)> = busy(survey)?
        .into_iter()
        .filter(|resident| wanted.is_any() || resident.origin < Origin::Service)
        .filter_map(|resident| Some((resident, cpu.group_of(resident.pid).ok()?)))
        .collect();
    let workers: Vec<Worker<'_>> =
        busy.iter().map(|(resident, group)| Worker { resident, group }).collect();
    let above = workers.iter().flat_map(|worker| worker.group.ancestors());
    let parents: BTreeSet<&Path> = above.filter(|dir| dir.starts_with(cpu.root())).collect();
    let contest = |parent| contest(&cpu, parent, &workers);
    let mut found: Vec<Candidate> = parents.into_iter().filter_map(contest).collect();
    // Groups within groups compete at each level: that is meant where somebody has set shares.
    let set = |one: &Candidate| one.subject.groups.iter().any(|group| told_apart(&cpu, group));
    if found.iter().any(set) {
        found.retain(set);
    }
    Ok(found)
}

/// Whether somebody has given it other shares than every group begins with.
fn told_apart(cpu: &Cpu, group: &Path) -> bool {
    cpu.shares(group).ok() != u32::try_from(cpu.in_units(rivals::DEFAULT)).ok()
}

/// The processes that are ready to run at each of a few looks.
fn busy(survey: &Survey) -> Result<Vec<&Resident>> {
    let mut busy: Vec<&Resident> = survey.residents().iter().collect();
    for look in 0..LOOKS {
        if look > 0 {
            interrupt::sleep(APART)?;
        }
        busy.retain(|one| process::stat(one.pid).is_ok_and(|stat| stat.state == 'R'));
    }
    Ok(busy)
}

/// What competes below `parent`: its groups with busy processes, made by hand; and where that is one
/// alone, the busy processes beside it that may use the same processors.
fn contest(cpu: &Cpu, parent: &Path, workers: &[Worker<'_>]) -> Option<Candidate> {
    let mut groups: BTreeMap<PathBuf, Vec<Worker<'_>>> = BTreeMap::new();
    let mut beside = Vec::new();
    for worker in workers {
        let Ok(below) = worker.group.strip_prefix(parent) else { continue };
        match below.components().next() {
            Some(name) => groups.entry(parent.join(name)).or_default().push(*worker),
            None => beside.push(*worker),
        }
    }
    groups.retain(|group, _| !is_unit(group));
    let inside: Vec<Worker<'_>> = groups.values().flatten().copied().collect();
    // A group that was given shares and is still empty was meant to hold somebody.
    let empty = children(parent)
        .filter(|group| !groups.contains_key(group) && !is_unit(group) && told_apart(cpu, group));
    let empty: Vec<PathBuf> = empty.collect();
    let crowded = groups.iter().any(|(group, inside)| inside.len() > 1 && told_apart(cpu, group));
    if groups.len() > 1 {
        beside.clear();
    } else {
        beside.retain(|worker| competes(worker, &inside));
    }
    let all = groups.len() + empty.len() + beside.len();
    if groups.len() + empty.len() == 0 || inside.len() + beside.len() == 0 || (all < 2 && !crowded)
    {
        return None;
    }
    let others: Vec<Worker<'_>> = inside.into_iter().chain(beside).collect();
    let subject =
        Subject { groups: groups.into_keys().chain(empty).collect(), ..Subject::default() };
    let (first, rest) = others.split_first()?;
    let names = subject.groups.iter().map(|group| group.display().to_string());
    let names = names.collect::<Vec<_>>().join(", ");
    let count = others.len();
    let what = text!("{names}, {count} busy", "{names}, 바쁜 프로세스 {count}개");
    let subject = subject.with(others.iter().map(|worker| worker.resident.pid));
    let mut candidate = Candidate::of(first.resident, subject, what);
    rest.iter().for_each(|worker| candidate.take_in(worker.resident));
    candidate.dirs = candidate.subject.groups.iter().cloned().chain([parent.to_owned()]).collect();
    Some(candidate)
}

/// Whether it may use the same processors as one of those in a group; with nobody in a group yet,
/// whether it was tied to some at all.
fn competes(worker: &Worker<'_>, inside: &[Worker<'_>]) -> bool {
    let allowed = |pid: Pid| process::allowed_processors(pid).ok();
    let own = allowed(worker.resident.pid);
    match inside {
        [] => own != allowed(Pid::this()),
        _ => inside.iter().any(|other| allowed(other.resident.pid) == own),
    }
}

fn children(parent: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().filter_map(std::io::Result::ok);
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|e| e.path())
}

fn is_unit(group: &Path) -> bool {
    let name = group.file_name().unwrap_or_default().to_string_lossy().into_owned();
    UNITS.iter().any(|unit| name.ends_with(unit))
}

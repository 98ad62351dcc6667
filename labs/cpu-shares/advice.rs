//! What to do about what a check of this lab saw.

use std::path::PathBuf;

use nix::unistd::Pid;

use super::rivals::{self, Rival};
use super::{checks, processors};
use crate::lab::check::Subject;
use crate::probe::cgroup::{self, Cpu};
use crate::probe::process;
use crate::text;
use crate::text::Text;

/// Under v2 a group's children have the controller only where the group enables it.
pub const WITHOUT_CONTROLLER: Text = Text::new(
    "the groups' parent does not give them the cpu controller: write +cpu to its cgroup.subtree_control",
    "상위 그룹이 cpu 컨트롤러를 넘겨주지 않습니다. 상위 그룹의 cgroup.subtree_control에 +cpu를 기록하십시오",
);
/// How many groups below those that compete are looked at.
const MOST_BELOW: usize = 200;

/// A worker that is held up, or has ended.
pub fn of_worker(subject: &Subject) -> Option<Text> {
    let stopped =
        |pid: &&Pid| process::stat(**pid).is_ok_and(|stat| matches!(stat.state, 'T' | 't'));
    subject.others.iter().find(stopped).map(|pid| {
        text!(
            "process {pid} is stopped: `kill -CONT {pid}`",
            "PID {pid} 프로세스가 멈춰 있습니다: `kill -CONT {pid}`"
        )
    })
}

/// Other shares than the claim is about; or a worker that is held up, or in no group.
pub fn of_ratio(
    cpu: &Cpu,
    subject: &Subject,
    rivals: &[Rival],
    claimed: Option<&[u64]>,
) -> Option<Text> {
    if let Some(held) = of_worker(subject) {
        return Some(held);
    }
    let file = cpu.shares_file();
    let other = claimed.into_iter().flatten().zip(rivals).find_map(|(shares, rival)| {
        let (units, weight, name) = (cpu.in_units(*shares), rival.weight, &rival.name);
        let differs = rival.group().is_some() && u64::from(weight) != units;
        differs.then(|| {
            text!(
                "{name}/{file} holds {weight}: `echo {units} > {name}/{file}`",
                "{name}/{file}의 값이 {weight}입니다: `echo {units} > {name}/{file}`"
            )
        })
    });
    other.or_else(|| without_worker(subject, rivals))
}

/// A group in which nothing is busy.
fn without_worker(subject: &Subject, rivals: &[Rival]) -> Option<Text> {
    let idle = checks::idle(rivals)?;
    let name = &idle.name;
    if let Some(pid) = idle.activity.stopped() {
        return Some(text!(
            "process {pid} in {name} is stopped and wants no processor: `kill -CONT {pid}`",
            "{name} 그룹의 PID {pid} 프로세스가 멈춰 있어 CPU를 쓰지 않습니다: `kill -CONT {pid}`"
        ));
    }
    if let Some((pid, rival)) = stray(rivals) {
        let command = &rival.name;
        return Some(text!(
            "nothing busy is in {name}, and process {pid} ({command}) is in no group: write {pid} to {name}/cgroup.procs",
            "{name} 그룹에 바쁜 프로세스가 없고, PID {pid} 프로세스({command})는 어느 그룹에도 없습니다. 그 PID를 {name}/cgroup.procs에 기록하십시오"
        ));
    }
    if let Some(pid) = idle.activity.waiting() {
        return Some(text!(
            "process {pid} in {name} only waits, and who wants nothing gets nothing: put one into {name} that keeps busy",
            "{name} 그룹의 PID {pid} 프로세스는 대기 중이라 CPU를 쓰지 않습니다. CPU를 계속 쓰는 프로세스를 {name} 그룹에 넣으십시오"
        ));
    }
    let ended = subject.others.iter().any(|pid| process::must_run(*pid).is_err());
    (!ended).then(|| {
        text!(
            "nothing busy is in {name}: write its worker's PID to {name}/cgroup.procs",
            "{name} 그룹에 CPU를 쓰는 프로세스가 없습니다. 넣을 프로세스의 PID를 {name}/cgroup.procs에 기록하십시오"
        )
    })
}

/// What is busy in none of the groups, though one of them is idle.
fn stray(rivals: &[Rival]) -> Option<(Pid, &Rival)> {
    let rival = checks::astray(rivals)?;
    Some((*rival.activity.programs.first()?, rival))
}

/// Which group holds none, or more than one.
pub fn to_put_in(cpu: &Cpu, subject: &Subject, rivals: &[Rival]) -> Option<Text> {
    let crowded = rivals.iter().find(|rival| rival.group().is_some() && rival.busy() > 1);
    if let Some((crowded, (_, inner))) = crowded.and_then(|it| Some((it, nested(cpu, it)?))) {
        let (name, inner) = (&crowded.name, inner.display());
        return Some(text!(
            "{inner} lies inside {name}: the two do not compete with each other; make it beside {name}",
            "{inner} 그룹이 {name} 그룹 안에 있어 서로 경쟁하지 않습니다. {name} 그룹과 나란히 만드십시오"
        ));
    }
    match crowded {
        Some(crowded) if rivals.len() == 1 || checks::idle(rivals).is_some() => {
            let (name, busy) = (&crowded.name, crowded.busy());
            Some(text!(
                "{name} holds {busy}: write the PID of one of them to another group's cgroup.procs",
                "{name} 그룹에 {busy}개가 있습니다. 그중 하나의 PID를 다른 그룹의 cgroup.procs에 기록하십시오"
            ))
        }
        _ => without_worker(subject, rivals).or_else(|| one_too_many(rivals)),
    }
}

/// A process beside groups that has another weight than these begin with.
pub fn of_niced(name: &str, nice: i32) -> Text {
    text!(
        "{name}, beside the groups, has the nice level {nice}, and so another weight than 1024: start it without nice",
        "그룹과 나란히 경쟁하는 {name} 프로세스는 nice 값({nice}) 때문에 가중치가 1024가 아닙니다. nice 없이 실행하십시오"
    )
}

fn one_too_many(rivals: &[Rival]) -> Option<Text> {
    let groups = rivals.iter().filter(|rival| rival.group().is_some());
    let most = groups.max_by_key(|rival| rival.busy())?;
    let (name, busy, pid) = (&most.name, most.busy(), most.activity.programs.last()?);
    (busy > 1).then(|| {
        text!(
            "{name} holds {busy} programs, more than the others: was process {pid} started once too often?",
            "{name} 그룹에 다른 그룹보다 많은 프로그램 {busy}개가 있습니다. PID {pid} 프로세스를 실수로 한 번 더 실행하지 않았습니까?"
        )
    })
}

/// A program of the group that is in a group further inside, while another is not: which, and that group.
pub fn nested(cpu: &Cpu, rival: &Rival) -> Option<(Pid, PathBuf)> {
    let group = rival.group()?;
    let of = |pid: &Pid| Some((*pid, cpu.group_of(*pid).ok()?));
    let all: Vec<(Pid, PathBuf)> = rival.activity.programs.iter().filter_map(of).collect();
    let is_split = all.iter().any(|(_, dir)| dir == group);
    all.into_iter().find(|(_, dir)| is_split && dir != group)
}

/// What to do where groups are there, and nobody is in them yet.
pub fn to_begin(rivals: &[Rival]) -> Option<Text> {
    match rivals {
        [one] if one.is_busy() => {
            let name = &one.name;
            Some(text!(
                "nothing competes with {name} yet: make another group beside it, with something busy in it",
                "아직 {name} 그룹과 경쟁하는 그룹이 없습니다. 나란히 그룹을 하나 더 만들고 바쁜 프로세스를 넣으십시오"
            ))
        }
        _ => Some(Text::new(
            "nobody is in the groups yet: start a busy process for each, and write its PID to the group's cgroup.procs",
            "아직 그룹에 프로세스가 없습니다. 그룹마다 CPU를 계속 쓰는 프로세스를 실행하고 PID를 cgroup.procs에 기록하십시오",
        )),
    }
}

/// What there is beyond one busy process in each group.
pub fn beyond(rivals: &[Rival]) -> Option<Text> {
    if let Some(idle) = checks::idle(rivals) {
        let name = &idle.name;
        return Some(match idle.activity.stopped() {
            Some(pid) => text!(
                "process {pid} in {name} is stopped, and so {name} does not compete",
                "{name} 그룹의 PID {pid} 프로세스가 멈춰 있어 {name} 그룹은 경쟁하지 않습니다"
            ),
            None => text!(
                "{name} is there too, and does not compete: nothing in it is busy",
                "{name} 그룹도 있지만 바쁜 프로세스가 없어 경쟁하지 않습니다"
            ),
        });
    }
    let many = rivals.iter().any(|rival| rival.activity.busy_processes() > 1);
    let each = checks::of_each(rivals, |rival| rival.activity.busy_processes().to_string());
    many.then(|| {
        text!(
            "busy processes: {each}; shares are between groups, and those in one divide what it gets",
            "바쁜 프로세스 수: {each}. 가중치는 그룹 사이의 값이고, 그룹 안의 프로세스들은 그 몫을 다시 나눕니다"
        )
    })
}

/// The processor that all should be tied to: the one that some are tied to already.
pub fn common_processor(lists: &[Vec<String>]) -> Option<u32> {
    let all = || lists.iter().flatten();
    let tied = all().find_map(|list| list.parse().ok());
    tied.or_else(|| processors::parse(all().next()?).first().copied())
}

/// The command that ties a worker to the first one's processor; where that has several, to one of them.
pub fn to_pin(rivals: &[&Rival], lists: &[Vec<String>]) -> Option<Text> {
    let processor = common_processor(lists)?;
    let elsewhere = |pid: &Pid| {
        process::allowed_processors(*pid).is_ok_and(|list| list.parse() != Ok(processor))
    };
    let ready = rivals.iter().flat_map(|rival| &rival.activity.ready).map(|it| it.tid);
    let programs = rivals.iter().flat_map(|rival| &rival.activity.programs).copied();
    let pid = programs.chain(ready).find(elsewhere)?;
    Some(text!(
        "process {pid} may run elsewhere too: `taskset -cp {processor} {pid}`",
        "PID {pid} 프로세스가 다른 CPU에서도 실행될 수 있습니다: `taskset -cp {processor} {pid}`"
    ))
}

/// A group with shares of its own that lies below one of those that compete, where these have none: where, and how much.
pub fn told_apart_below(cpu: &Cpu, rivals: &[Rival]) -> Option<(String, PathBuf, u32)> {
    rivals.iter().find_map(|rival| {
        let group = rival.group()?;
        let below = cgroup::tree(group, MOST_BELOW).into_iter().skip(1);
        let set = below.filter_map(|dir| Some((cpu.shares(&dir).ok()?, dir)));
        let (weight, dir) = set.into_iter().find(|(it, _)| rivals::is_told_apart(cpu, *it))?;
        let name = dir.file_name()?.display().to_string();
        (weight != rival.weight).then(|| (name, group.to_owned(), weight))
    })
}

/// Where other shares have to be written to.
pub fn to_tell_apart(cpu: &Cpu, rivals: &[Rival]) -> Option<Text> {
    let (name, dir, weight) = told_apart_below(cpu, rivals)?;
    let above = dir.file_name()?.display().to_string();
    Some(text!(
        "{name} has {weight}, but only competes with what is in {above} too: here {above} competes, and its own shares count",
        "{name} 그룹의 값은 {weight}이지만 {above} 그룹 안에서만 의미가 있습니다. 여기서 경쟁하는 것은 {above} 그룹이므로 그 가중치를 바꿔야 합니다"
    ))
}

/// What `cpu.idle` does.
pub fn of_idle_class(name: &str) -> Text {
    text!(
        "{name} gets only what nobody else wants, whatever its shares are: `echo 0` into its cpu.idle",
        "{name} 그룹은 가중치와 상관없이 다른 그룹이 쓰지 않는 CPU만 씁니다. cpu.idle에 0을 기록하십시오"
    )
}

/// The command that sets the quota.
pub fn to_limit(cpu: &Cpu) -> Text {
    match cpu {
        Cpu::V1 { .. } => {
            Text::plain("echo 100000 > a/cpu.cfs_period_us; echo 20000 > a/cpu.cfs_quota_us")
        }
        Cpu::V2 { .. } => Text::plain("echo '20000 100000' > a/cpu.max"),
    }
}

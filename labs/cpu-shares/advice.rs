//! What to do about what a check of this lab saw.

use nix::unistd::Pid;

use super::checks::portions;
use super::rivals::Rival;
use crate::lab::check::Subject;
use crate::probe::cgroup::Cpu;
use crate::probe::process;
use crate::text;
use crate::text::Text;

/// What `shares` give, and to any that compete beyond them nothing.
pub fn portions_of(cpu: &Cpu, shares: &[u64], rivals: usize) -> Vec<f64> {
    let weights =
        shares.iter().map(|shares| u32::try_from(cpu.in_units(*shares)).unwrap_or(u32::MAX));
    let mut portions = portions(&weights.map(f64::from).collect::<Vec<_>>());
    portions.resize(rivals, 0.0);
    portions
}

/// A worker that is held up, or has ended.
pub fn of_worker(subject: &Subject) -> Option<Text> {
    subject.others.iter().find_map(|pid| match process::stat(*pid).ok()?.state {
        'T' | 't' => Some(text!(
            "process {pid} is stopped: `kill -CONT {pid}`",
            "PID {pid} 프로세스가 멈춰 있습니다: `kill -CONT {pid}`"
        )),
        _ => None,
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
        let differs = rival.is_group && u64::from(weight) != units;
        differs.then(|| {
            text!(
                "{name}/{file} holds {weight}: `echo {units} > {name}/{file}`",
                "{name}/{file}의 값이 {weight}입니다: `echo {units} > {name}/{file}`"
            )
        })
    });
    other.or_else(|| astray(subject, rivals))
}

/// A worker that runs in none of the groups, where one of them is empty.
fn astray(subject: &Subject, rivals: &[Rival]) -> Option<Text> {
    let empty = rivals.iter().find(|rival| rival.is_group && rival.busy == 0)?;
    let name = &empty.name;
    let ended = subject.others.iter().any(|pid| process::must_run(*pid).is_err());
    match ended {
        true => None,
        false => Some(text!(
            "nothing busy is in {name}: write its worker's PID to {name}/cgroup.procs",
            "{name} 그룹에 CPU를 쓰는 프로세스가 없습니다. 넣을 프로세스의 PID를 {name}/cgroup.procs에 기록하십시오"
        )),
    }
}

/// Which group holds none, or more than one.
pub fn to_put_in(subject: &Subject, rivals: &[Rival]) -> Option<Text> {
    let crowded = rivals.iter().find(|rival| rival.busy > 1);
    match crowded {
        Some(Rival { name, busy, .. }) => Some(text!(
            "{name} holds {busy}: write the PID of one of them to another group's cgroup.procs",
            "{name} 그룹에 {busy}개가 있습니다. 그중 하나의 PID를 다른 그룹의 cgroup.procs에 기록하십시오"
        )),
        None => astray(subject, rivals),
    }
}

/// The command that ties a worker to the first one's processor; where that has several, to one of them.
pub fn to_pin(subject: &Subject, lists: &[String]) -> Option<Text> {
    let number = |list: &String| list.parse::<u32>().ok();
    let processor = lists.iter().find_map(number)?;
    let wrong = |(pid, list): (&Pid, &String)| (number(list) != Some(processor)).then_some(*pid);
    let pid = subject.others.iter().zip(lists).find_map(wrong)?;
    Some(text!(
        "process {pid} may run elsewhere too: `taskset -cp {processor} {pid}`",
        "PID {pid} 프로세스가 다른 CPU에서도 실행될 수 있습니다: `taskset -cp {processor} {pid}`"
    ))
}

/// The command that sets the quota.
pub fn to_limit(cpu: &Cpu) -> Text {
    match cpu {
        Cpu::V1 { .. } => Text::plain("echo 20000 > a/cpu.cfs_quota_us"),
        Cpu::V2 { .. } => Text::plain("echo '20000 100000' > a/cpu.max"),
    }
}

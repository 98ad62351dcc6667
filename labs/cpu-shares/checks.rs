//! What `lab cpu-shares` claims of who competes, and for what; what they get is in [`super::measured`].
//!
//! The subject's `groups` are the groups that compete, its `others` the busy processes in them, and
//! those that compete with a group from beside it. What they should get is read from the groups' own
//! files; names may be any.

use std::collections::BTreeSet;

use super::measured;
use super::processors::{self, Processors};
use super::rivals::{self, Rival};
use super::{advice, mends};
use crate::error::{Error, Result};
use crate::lab::check::{Check, Subject, Watch};
use crate::lab::finding::Seen;
use crate::probe::cgroup::Cpu;
use crate::text;
use crate::text::Text;

/// All of them, in the order in which the lab proves them.
pub static ALL: &[&Check] = &[
    &ONE_PROCESSOR,
    &ONE_IN_EACH,
    &measured::EQUAL_SHARES,
    &measured::HALF_SHARE,
    &measured::QUARTER_SHARE,
    &measured::THREE_SHARES,
    &measured::LIMITED,
];

/// Where the cpu controller is.
///
/// # Errors
/// [`Error::Unable`] when there is none.
pub fn controller() -> Result<Cpu> {
    Cpu::find()?.ok_or_else(|| {
        Error::unable(
            Text::new("no cpu controller is mounted", "cpu 컨트롤러가 마운트되어 있지 않습니다"),
            Text::new("use the VM", "VM을 사용하십시오"),
        )
    })
}

/// `what` of each, by its name.
pub fn of_each<'a>(
    rivals: impl IntoIterator<Item = &'a Rival>,
    what: impl Fn(&Rival) -> String,
) -> Text {
    let each = rivals.into_iter().map(|rival| format!("{}: {}", rival.name, what(rival)));
    Text::plain(each.collect::<Vec<_>>().join(", "))
}

/// All workers want the same processors, and none has one to itself.
pub static ONE_PROCESSOR: Check = Check {
    id: "one-processor",
    claim: Text::new("no group has a processor to itself", "CPU를 혼자 차지한 그룹이 없습니다"),
    hint: Text::new("start each with `taskset -c N`", "각각 `taskset -c N`으로 실행하십시오"),
    probe: |subject, _| {
        let rivals = rivals::of(&controller()?, subject)?;
        let busy: Vec<&Rival> = rivals.iter().filter(|rival| rival.is_busy()).collect();
        let lists = processors::lists(&busy);
        let threads: Vec<Vec<Processors>> =
            lists.iter().map(|own| own.iter().map(|it| processors::parse(it)).collect()).collect();
        let count = threads.iter().flatten().flatten().collect::<BTreeSet<_>>().len();
        let seen = busy.iter().zip(&lists).map(|(rival, own)| {
            let mut own = own.clone();
            own.dedup();
            format!("{}: {}", rival.name, own.join(" "))
        });
        let seen = seen.collect::<Vec<_>>().join(" | ");
        Ok(Seen::judge(
            processors::all_contended(&threads),
            Text::new(
                "the same number in each; or of several, as many busy threads in each",
                "모두 같은 번호 하나. 여러 개라면 그룹마다 그 수만큼의 바쁜 스레드",
            ),
            Text::plain(seen),
            "Cpus_allowed_list",
        )
        .advise(|| advice::to_pin(&busy, &lists))
        .mend(|| mends::pinned(&busy, &lists))
        .remark(|| {
            (count > 1).then(|| {
                text!(
                    "they are not pinned to one: with as many busy threads in each as the {count} processors, \
                     all of these are contended",
                    "CPU 하나에 고정하지는 않았지만, CPU {count}개에 그룹마다 그만큼의 바쁜 스레드가 있어 모두 경쟁합니다"
                )
            })
        }))
    },
};

/// Each group holds its worker, and there are at least two that compete.
pub static ONE_IN_EACH: Check = Check {
    id: "one-in-each",
    claim: Text::new(
        "each group holds as many busy programs",
        "그룹마다 바쁜 프로그램의 수가 같습니다",
    ),
    hint: Text::new(
        "write the process's PID to the group's cgroup.procs",
        "프로세스의 PID를 그룹의 cgroup.procs에 기록하십시오",
    ),
    probe: |subject, _| {
        let cpu = controller()?;
        let rivals = rivals::of(&cpu, subject)?;
        if let Some(rival) = rivals.iter().find(|rival| rival.is_busy() && rival.nice != 0) {
            return Ok(niced(rival));
        }
        let seen = of_each(&rivals, |rival| rival.busy().to_string());
        let is_missed = idle(&rivals).is_some();
        let wanted = rivals.iter().filter(|rival| !is_missed || rival.group().is_some());
        let busy = rivals.iter().map(Rival::busy).filter(|busy| *busy > 0);
        let least = busy.min().unwrap_or(1);
        let expected = match rivals.len() {
            0 | 1 => Text::new("two groups, one in each", "그룹 둘에 하나씩"),
            _ => of_each(wanted, |_| least.to_string()),
        };
        let source = "cgroup.procs, /proc/PID/task/*/stat";
        if is_only_prepared(&cpu, &rivals) {
            return Ok(Seen::open(expected, seen, source)
                .advise(|| advice::to_begin(&rivals))
                .mend(|| mends::begun(&rivals)));
        }
        let holds = are_even(&rivals);
        Ok(Seen::judge(holds, expected, seen, source)
            .advise(|| advice::to_put_in(&cpu, subject, &rivals))
            .mend(|| mends::put_in(&cpu, &rivals))
            .remark(|| advice::beyond(&rivals)))
    },
};

/// Beside groups a process weighs as much as a group only by the nice level 0.
fn niced(rival: &Rival) -> Seen {
    let (name, nice) = (&rival.name, rival.nice);
    let (expected, seen) = (format!("{name}: nice 0"), format!("{name}: nice {nice}"));
    Seen::judge(
        false,
        Text::plain(expected),
        Text::plain(seen),
        "/proc/PID/stat, /proc/PID/autogroup",
    )
    .advise(|| Some(advice::of_niced(name, nice)))
    .mend(|| mends::without_nice(rival))
}

/// Whether groups were made, and nobody has been put into them yet; or one alone, that nobody has told apart.
fn is_only_prepared(cpu: &Cpu, rivals: &[Rival]) -> bool {
    match rivals {
        [one] if one.is_busy() => one.busy() == 1 && !rivals::is_told_apart(cpu, one.weight),
        _ => {
            rivals.iter().all(|rival| rival.group().is_some() && rival.activity.threads.is_empty())
        }
    }
}

/// Whether at least two compete, as many programs in each, and nobody who is meant to is elsewhere.
fn are_even(rivals: &[Rival]) -> bool {
    let busy = || rivals.iter().filter(|rival| rival.is_busy());
    // What is beside them was put into no group, and so into none once too often.
    let mut programs = busy().filter(|rival| rival.group().is_some()).map(Rival::busy);
    let first = programs.next();
    let is_missed = astray(rivals).is_some() || held_groups(rivals) < 2 && idle(rivals).is_some();
    busy().count() > 1 && !is_missed && programs.all(|busy| Some(busy) == first)
}

fn held_groups(rivals: &[Rival]) -> usize {
    rivals.iter().filter(|rival| rival.is_busy() && rival.group().is_some()).count()
}

/// The first group in which nothing is busy.
pub fn idle(rivals: &[Rival]) -> Option<&Rival> {
    rivals.iter().find(|rival| rival.group().is_some() && !rival.is_busy())
}

/// What is busy in none of the groups, while one of these is idle.
pub fn astray(rivals: &[Rival]) -> Option<&Rival> {
    let strays = rivals.iter().find(|rival| rival.group().is_none() && rival.is_busy());
    strays.filter(|_| idle(rivals).is_some())
}

/// Somebody has told them apart.
pub static SHARES_DIFFER: Check = Check {
    id: "shares-differ",
    claim: Text::new("their shares are not the same", "그룹마다 가중치가 다릅니다"),
    hint: Text::new(
        "write another number to one group's cpu.shares (v2: cpu.weight)",
        "한 그룹의 cpu.shares(v2에서는 cpu.weight)에 다른 값을 기록하십시오",
    ),
    probe: shares_differ,
};

fn shares_differ(subject: &Subject, _: Watch<'_>) -> Result<Seen> {
    let cpu = controller()?;
    let mut rivals = rivals::of(&cpu, subject)?;
    rivals.retain(Rival::is_busy);
    if let Some(seen) = without_shares(&cpu, &rivals) {
        return Ok(seen);
    }
    let mut weights = rivals.iter().map(|rival| rival.weight);
    let first = weights.next();
    let differ = weights.any(|weight| Some(weight) != first);
    let seen = of_each(&rivals, |rival| rival.weight.to_string());
    let expected = Text::new("different numbers", "서로 다른 값");
    Ok(Seen::judge(differ, expected, seen, cpu.shares_file())
        .advise(|| advice::to_tell_apart(&cpu, &rivals))
        .mend(|| mends::told_apart(&cpu, &rivals)))
}

/// A group whose shares count for nothing, or that has none.
fn without_shares(cpu: &Cpu, rivals: &[Rival]) -> Option<Seen> {
    let (name, file) = (|rival: &Rival| rival.name.clone(), cpu.shares_file());
    if let Some(idle) = rivals.iter().find(|rival| rivals::is_idle_class(rival)) {
        let (expected, seen) = (format!("{}: cpu.idle 0", name(idle)), "cpu.idle 1");
        let seen = Seen::judge(false, Text::plain(expected), Text::plain(seen), "cpu.idle");
        let seen = seen.advise(|| Some(advice::of_idle_class(&name(idle))));
        return Some(seen.mend(|| mends::set(idle, "cpu.idle", "0")));
    }
    let without = |it: &&Rival| it.group().is_some_and(|group| !rivals::has_controller(cpu, group));
    let rival = rivals.iter().find(without)?;
    let (expected, seen) =
        (format!("{}/{file}", name(rival)), Text::new("no such file", "파일이 없음"));
    let seen = Seen::judge(false, Text::plain(expected), seen, "cgroup.controllers");
    Some(seen.advise(|| Some(advice::WITHOUT_CONTROLLER)).mend(|| mends::enabled(rival)))
}

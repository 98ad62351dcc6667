//! What `lab cpu-shares` claims.
//!
//! The subject's `groups` are the groups that compete, its `others` the busy processes in them, and
//! those that compete with a group from beside it. What they should get is read from the groups' own
//! files; names may be any.

use std::time::Duration;

use super::advice;
use super::rivals::{self, Rival};
use crate::error::{Error, Result};
use crate::lab::check::{Bar, Check, Subject, Watch};
use crate::lab::finding::Seen;
use crate::probe::cgroup::{self, Cpu, Series};
use crate::probe::process;
use crate::text;
use crate::text::{Text, visible};

/// All of them, in the order in which the lab proves them.
pub static ALL: &[&Check] = &[
    &ONE_PROCESSOR,
    &ONE_IN_EACH,
    &EQUAL_SHARES,
    &HALF_SHARE,
    &QUARTER_SHARE,
    &THREE_SHARES,
    &LIMITED,
];

/// What was just changed takes effect within a few time slices, of some 3 ms.
const SETTLE: Duration = Duration::from_millis(50);
/// Measured this long, and where that is off, once more and longer. Where this machine is itself a
/// guest, its host may take the processor away in the middle of a time slice; the kernel charges
/// that to whoever ran and makes up for it within some 100 ms, which shows at the end of a short
/// measurement and not in a long one. A ratio that is really another stays off in both.
const WINDOWS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(3)];
/// The same for a limit: whole numbers of periods of 100 ms, because part of one would count its
/// 20 ms fully or not at all.
const LIMIT_WINDOWS: [Duration; 2] = [Duration::from_millis(800), Duration::from_secs(3)];
/// How far a ratio may be off, in points of a hundred.
const POINTS: f64 = 1.0;
/// How far a limit may be off: one slice of 5 ms (`sched_cfs_bandwidth_slice_us`) at either end of
/// the window, and a tick of accounting, are some 1.5 points of 800 ms.
const LIMIT_POINTS: f64 = 2.0;

fn controller() -> Result<Cpu> {
    Cpu::find()?.ok_or_else(|| {
        Error::unable(
            Text::new("no cpu controller is mounted", "cpu 컨트롤러가 마운트되어 있지 않습니다"),
            Text::new("use the VM", "VM을 사용하십시오"),
        )
    })
}

/// All workers may use the same single processor, and no other.
pub static ONE_PROCESSOR: Check = Check {
    id: "one-processor",
    claim: Text::new("both are pinned to the same processor", "둘 다 같은 CPU에 고정되어 있습니다"),
    hint: Text::new("start each with `taskset -c N`", "각각 `taskset -c N`으로 실행하십시오"),
    probe: |subject, _| {
        let mut lists = Vec::new();
        for pid in &subject.others {
            lists.push(process::allowed_processors(*pid)?);
        }
        let first = lists.first().cloned().unwrap_or_default();
        let one = first.parse::<u32>().is_ok() && lists.iter().all(|list| *list == first);
        Ok(Seen::judge(
            one,
            Text::new("one number, the same", "같은 번호 하나"),
            Text::plain(lists.join(" | ")),
            "Cpus_allowed_list",
        )
        .advise(|| advice::to_pin(subject, &lists)))
    },
};

/// Each group holds its worker, and there are at least two that compete.
pub static ONE_IN_EACH: Check = Check {
    id: "one-in-each",
    claim: Text::new("each group holds one of them", "그룹마다 프로세스가 하나씩 들어 있습니다"),
    hint: Text::new(
        "write the process's PID to the group's cgroup.procs",
        "프로세스의 PID를 그룹의 cgroup.procs에 기록하십시오",
    ),
    probe: |subject, _| {
        let rivals = rivals::of(&controller()?, subject)?;
        let shown = |count: &dyn Fn(&Rival) -> usize| {
            let each = rivals.iter().map(|rival| format!("{}: {}", rival.name, count(rival)));
            each.collect::<Vec<_>>().join(", ")
        };
        let holds = rivals.len() > 1 && rivals.iter().all(|rival| rival.busy == 1);
        let expected = match rivals.len() {
            1 => Text::new("two groups, one in each", "그룹 둘에 하나씩"),
            _ => Text::plain(shown(&|_| 1)),
        };
        Ok(Seen::judge(holds, expected, Text::plain(shown(&|rival| rival.busy)), "cgroup.procs")
            .advise(|| advice::to_put_in(subject, &rivals)))
    },
};

/// Somebody has told them apart.
pub static SHARES_DIFFER: Check = Check {
    id: "shares-differ",
    claim: Text::new("their shares are not the same", "그룹마다 가중치가 다릅니다"),
    hint: Text::new(
        "write another number to one group's cpu.shares (v2: cpu.weight)",
        "한 그룹의 cpu.shares(v2에서는 cpu.weight)에 다른 값을 기록하십시오",
    ),
    probe: |subject, _| {
        let cpu = controller()?;
        let rivals = rivals::of(&cpu, subject)?;
        let mut weights = rivals.iter().map(|rival| rival.weight);
        let first = weights.next();
        let differ = weights.any(|weight| Some(weight) != first);
        let each = rivals.iter().map(|rival| format!("{}: {}", rival.name, rival.weight));
        let seen = each.collect::<Vec<_>>().join(", ");
        let expected = Text::new("different numbers", "서로 다른 값");
        Ok(Seen::judge(differ, expected, Text::plain(seen), cpu.shares_file()))
    },
};

/// Each part of their sum.
pub fn portions(parts: &[f64]) -> Vec<f64> {
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| if sum > 0.0 { part / sum } else { 0.0 }).collect()
}

fn bars(rivals: &[Rival], shares: &[f64], expected: &[f64]) -> Vec<Bar> {
    let figures = shares.iter().zip(expected);
    rivals
        .iter()
        .zip(figures)
        .map(|(rival, (share, expected))| Bar {
            name: visible(&rival.name),
            share: *share,
            expected: *expected,
        })
        .collect()
}

/// How far the figure that is off most is off, in points of a hundred.
fn off(measured: &[f64], expected: &[f64]) -> f64 {
    let differences = measured.iter().zip(expected).map(|(a, b)| (a - b).abs() * 100.0);
    differences.fold(0.0, f64::max)
}

fn percent(parts: &[f64]) -> Text {
    let parts: Vec<String> = parts.iter().map(|part| format!("{:.1} %", part * 100.0)).collect();
    Text::plain(parts.join(" : "))
}

/// Measures what each gets of what all of them together get: whoever else wants the processor takes
/// from all of them alike. It should be what `claimed` shares give, or without any, what the groups' own do.
fn ratio(subject: &Subject, watch: Watch<'_>, claimed: Option<&[u64]>) -> Result<Seen> {
    let cpu = controller()?;
    let rivals = rivals::of(&cpu, subject)?;
    let expected = match claimed {
        Some(shares) => advice::portions_of(&cpu, shares, rivals.len()),
        None => portions(&rivals.iter().map(|rival| f64::from(rival.weight)).collect::<Vec<_>>()),
    };
    let caption = Text::new("measured (the arithmetic)", "측정값 (계산값)");
    crate::interrupt::sleep(SETTLE)?;
    let mut measured = Vec::new();
    for window in WINDOWS {
        let series = cgroup::sample(
            || rivals::ran(&cpu, &rivals),
            window,
            |series| {
                let portions = portions(&series.slopes());
                watch(caption.clone(), bars(&rivals, &portions, &expected), false)
            },
        )?;
        measured = portions(&series.slopes());
        if off(&measured, &expected) <= POINTS {
            break;
        }
    }
    watch(caption.clone(), bars(&rivals, &measured, &expected), true)?;
    let holds = off(&measured, &expected) <= POINTS;
    let source = format!("{}, {}", cpu.shares_file(), rivals::source(&cpu, &rivals));
    Ok(Seen::judge(holds, percent(&expected), percent(&measured), source)
        .advise(|| advice::of_ratio(&cpu, subject, &rivals, claimed)))
}

const RATIO_HINT: Text = Text::new(
    "is each worker in its group, running, and pinned to the same processor?",
    "각 프로세스가 해당 그룹에서 실행 중이고 같은 CPU에 고정되어 있습니까?",
);

/// Whatever the shares are.
pub static AS_PROMISED: Check = Check {
    id: "as-promised",
    claim: Text::new(
        "each gets what its shares promise",
        "그룹마다 가중치에 따른 몫만큼 CPU를 씁니다",
    ),
    hint: Text::new(
        "is one of them held back by a quota as well? look at cpu.stat",
        "상한(quota)에도 걸려 있지 않습니까? cpu.stat을 확인하십시오",
    ),
    probe: |subject, watch| ratio(subject, watch, None),
};

/// The shares that give 1:1.
pub const EQUAL: &[u64] = &[1024, 1024];
/// The shares that give 1:2.
pub const HALF: &[u64] = &[512, 1024];
/// The shares that give 1:4.
pub const QUARTER: &[u64] = &[256, 1024];
/// The shares that give 1:1:2.
pub const THREE: &[u64] = &[1024, 1024, 2048];

/// 1:1.
pub static EQUAL_SHARES: Check = Check {
    id: "equal-shares",
    claim: Text::new("each group gets half", "두 그룹이 CPU를 절반씩 씁니다"),
    hint: RATIO_HINT,
    probe: |subject, watch| ratio(subject, watch, Some(EQUAL)),
};

/// 1:2.
pub static HALF_SHARE: Check = Check {
    id: "half-share",
    claim: Text::new("a gets half of what b gets", "a는 b가 쓰는 시간의 절반을 씁니다"),
    hint: RATIO_HINT,
    probe: |subject, watch| ratio(subject, watch, Some(HALF)),
};

/// 1:4.
pub static QUARTER_SHARE: Check = Check {
    id: "quarter-share",
    claim: Text::new("a gets a quarter of what b gets", "a는 b가 쓰는 시간의 4분의 1을 씁니다"),
    hint: RATIO_HINT,
    probe: |subject, watch| ratio(subject, watch, Some(QUARTER)),
};

/// 1:1:2.
pub static THREE_SHARES: Check = Check {
    id: "three-shares",
    claim: Text::new("a, b and c get 1 : 1 : 2", "a, b, c가 CPU를 1 : 1 : 2로 나누어 씁니다"),
    hint: RATIO_HINT,
    probe: |subject, watch| ratio(subject, watch, Some(THREE)),
};

/// A group that could have the whole processor is held to its quota.
pub static LIMITED: Check = Check {
    id: "limited",
    claim: Text::new(
        "a gets its quota of the processor, and is throttled",
        "a는 상한까지만 쓰고, 상한에 도달할 때마다 스로틀링됩니다",
    ),
    hint: Text::new(
        "set the quota, and let something busy run in the group",
        "상한을 정하고, 그룹 안에서 CPU를 계속 쓰는 프로세스를 실행하십시오",
    ),
    probe: |subject, watch| {
        let cpu = controller()?;
        let group = subject.groups.first().cloned().unwrap_or_default();
        let rivals = rivals::of(&cpu, subject)?;
        let limit = cpu.limit(&group)?;
        let source = format!("{}, cpu.stat: nr_throttled", cpu.usage_source());
        let Some(quota) = limit.quota else {
            let (expected, seen) =
                (Text::new("a limit", "상한"), Text::new("none is set", "정해지지 않음"));
            return Ok(
                Seen::judge(false, expected, seen, source).advise(|| Some(advice::to_limit(&cpu)))
            );
        };
        let expected = [quota.as_secs_f64() / limit.period.as_secs_f64()];
        let caption = Text::new("of one processor (the quota)", "CPU 하나에 대한 비율 (상한)");
        let of_time = |series: &Series| {
            let (elapsed, ran) = series.total();
            let ran = Duration::from_micros(ran.first().copied().unwrap_or_default());
            [ran.as_secs_f64() / elapsed.as_secs_f64().max(f64::MIN_POSITIVE)]
        };
        crate::interrupt::sleep(SETTLE)?;
        let (mut measured, mut throttled, mut ran, mut periods) = ([0.0], 0, false, 0.0);
        for window in LIMIT_WINDOWS {
            let before = cpu.throttled(&group)?;
            let series = cgroup::sample(
                || rivals::ran(&cpu, &rivals),
                window,
                |series| watch(caption.clone(), bars(&rivals, &of_time(series), &expected), false),
            )?;
            throttled = cpu.throttled(&group)?.saturating_sub(before);
            measured = of_time(&series);
            let (elapsed, all) = series.total();
            ran = all.iter().sum::<u64>() > 0;
            periods = (elapsed.as_secs_f64() / limit.period.as_secs_f64()).floor();
            if off(&measured, &expected) <= LIMIT_POINTS {
                break;
            }
        }
        watch(caption.clone(), bars(&rivals, &measured, &expected), true)?;
        let holds = off(&measured, &expected) <= LIMIT_POINTS && throttled > 0;
        // In a period in which it is held back it has used its quota up.
        if ran && !holds && measured < expected && (throttled as f64) < periods {
            let expected = Text::new("the quota used up", "상한까지 사용");
            let reason = Text::new(
                "others keep the processor too busy for it to reach its quota",
                "다른 프로세스들이 CPU를 많이 써서 상한까지 쓰지 못했습니다",
            );
            return Ok(Seen::unknown(expected, reason, source));
        }
        let (share, quota) = (percent(&measured), percent(&expected));
        Ok(Seen::judge(
            holds,
            text!("{quota}, throttled", "{quota}, 스로틀링됨"),
            text!("{share}, throttled {throttled} times", "{share}, 스로틀링 {throttled}번"),
            source,
        )
        .advise(|| advice::of_worker(subject)))
    },
};

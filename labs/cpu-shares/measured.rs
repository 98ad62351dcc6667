//! What those that compete get, measured.

use std::time::Duration;

use super::advice;
use super::checks::{controller, of_each};
use super::rivals::{self, Rival};
use super::{held, mends, processors};
use crate::error::Result;
use crate::lab::check::{Bar, Check, Subject, Watch};
use crate::lab::finding::Seen;
use crate::probe::cgroup::Cpu;
use crate::probe::sampling::{self, Series};
use crate::text;
use crate::text::{Text, visible};

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
/// The same where several processors are divided: the kernel spreads what is in a group over them only every now and then,
/// and a processor's part in a group's shares follows with its load. And where a session competes as one: what else runs
/// in it, this look for one, takes from its part.
const WIDER_POINTS: f64 = 3.0;
/// How far a limit may be off: one slice of 5 ms (`sched_cfs_bandwidth_slice_us`) at either end of
/// the window, and a tick of accounting, are some 1.5 points of 800 ms.
const LIMIT_POINTS: f64 = 2.0;

/// Each part of their sum.
pub fn portions(parts: &[f64]) -> Vec<f64> {
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| if sum > 0.0 { part / sum } else { 0.0 }).collect()
}

/// What `shares` give, and to any that compete beyond them nothing.
fn portions_of(cpu: &Cpu, shares: &[u64], rivals: usize) -> Vec<f64> {
    let weights =
        shares.iter().map(|shares| u32::try_from(cpu.in_units(*shares)).unwrap_or(u32::MAX));
    let mut portions = portions(&weights.map(f64::from).collect::<Vec<_>>());
    portions.resize(rivals, 0.0);
    portions
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
/// from all of them alike. It should be what `claimed` shares give, or without any, what the own shares of those do that
/// are busy.
fn ratio(subject: &Subject, watch: Watch<'_>, claimed: Option<&[u64]>) -> Result<Seen> {
    let cpu = controller()?;
    let mut rivals = rivals::of(&cpu, subject)?;
    let expected = match claimed {
        Some(shares) => portions_of(&cpu, shares, rivals.len()),
        None => {
            rivals.retain(Rival::is_busy);
            if let Some(seen) = out_of_reach(&rivals) {
                return Ok(seen);
            }
            portions(&rivals.iter().map(|rival| f64::from(rival.weight)).collect::<Vec<_>>())
        }
    };
    let caption = Text::new("measured (the arithmetic)", "측정값 (계산값)");
    crate::interrupt::sleep(SETTLE)?;
    let quotas = held::quotas(&cpu, &rivals);
    let is_exact = are_on_one(&rivals) && !rivals.iter().any(|rival| rival.is_of_session);
    let points = if is_exact { POINTS } else { WIDER_POINTS };
    let mut measured = Vec::new();
    for window in WINDOWS {
        let series = sampling::sample(
            || rivals::ran(&cpu, &rivals),
            window,
            |series| {
                let portions = portions(&series.slopes());
                watch(caption.clone(), bars(&rivals, &portions, &expected), false)
            },
        )?;
        measured = portions(&series.slopes());
        // One that a quota holds back stays so.
        if off(&measured, &expected) <= points || held::one_of_them(&cpu, &quotas).is_some() {
            break;
        }
    }
    watch(caption.clone(), bars(&rivals, &measured, &expected), true)?;
    let holds = off(&measured, &expected) <= points;
    let source = format!("{}, {}", cpu.shares_file(), rivals::source(&cpu, &rivals));
    let holding = held::one_of_them(&cpu, &quotas).or_else(|| held::all_of_them(&cpu, &quotas));
    Ok(Seen::judge(holds, percent(&expected), percent(&measured), source)
        .advise(|| holding.map(held::Quota::to_lift))
        .mend(|| mends::without_quota(&cpu, holding?))
        .advise(|| advice::of_ratio(&cpu, subject, &rivals, claimed))
        .remark(|| held::all_of_them(&cpu, &quotas).map(held::Quota::remark)))
}

/// Whether what is busy is all on the same processor.
fn are_on_one(rivals: &[Rival]) -> bool {
    let busy: Vec<&Rival> = rivals.iter().filter(|rival| rival.is_busy()).collect();
    let lists = processors::lists(&busy);
    let all = lists.iter().flatten().flat_map(|list| processors::parse(list));
    all.collect::<processors::Processors>().len() < 2
}

/// What cannot be measured: one alone gets all; and what is not scheduled by shares at all.
fn out_of_reach(rivals: &[Rival]) -> Option<Seen> {
    if rivals.len() < 2 {
        let expected = Text::new("two that compete", "경쟁하는 그룹 둘");
        let seen = of_each(rivals, |rival| rival.busy().to_string());
        return Some(Seen::judge(false, expected, seen, "/proc/PID/task/*/stat"));
    }
    let (name, thread) = held::by_no_shares(rivals)?;
    let (pid, policy) = (thread.pid, held::policy(&thread.stat));
    let seen = Seen::judge(
        false,
        text!("{name}: SCHED_OTHER", "{name}: SCHED_OTHER"),
        text!("{name}: {policy} (process {pid})", "{name}: {policy} (PID {pid})"),
        format!("/proc/{pid}/stat"),
    );
    let advice = text!(
        "process {pid} is scheduled by {policy}, and shares only count among ordinary processes: `chrt -a -o -p 0 {pid}`",
        "PID {pid} 프로세스의 스케줄링 정책이 {policy}입니다. 가중치는 일반 프로세스 사이에서만 적용됩니다: `chrt -a -o -p 0 {pid}`"
    );
    Some(seen.advise(|| Some(advice)).mend(|| Some(format!("chrt -a -o -p 0 {pid}"))))
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
        "does each of them want a processor all the time, and nothing hold it back? look at top, and at cpu.stat",
        "모두 CPU를 계속 쓰려고 합니까? 상한(quota)에 걸리지는 않았습니까? top과 cpu.stat을 확인하십시오",
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

/// The quota that the lab sets.
pub const QUOTA: Duration = Duration::from_millis(20);
/// Its period.
pub const PERIOD: Duration = Duration::from_millis(100);

/// A group that could have the whole processor is held to its quota.
pub static LIMITED: Check = Check {
    id: "limited",
    claim: Text::new(
        "a gets 20 ms in every 100 ms, and is throttled",
        "a는 100ms마다 20ms만 쓰고, 다 쓰면 스로틀링됩니다",
    ),
    hint: Text::new(
        "set the quota, and let something busy run in the group",
        "상한을 정하고, 그룹 안에서 CPU를 계속 쓰는 프로세스를 실행하십시오",
    ),
    probe: limited,
};

fn limited(subject: &Subject, watch: Watch<'_>) -> Result<Seen> {
    let cpu = controller()?;
    let group = subject.groups.first().cloned().unwrap_or_default();
    let rivals = rivals::of(&cpu, subject)?;
    let limit = cpu.limit(&group)?;
    let source = format!("{}, cpu.stat: nr_throttled", cpu.usage_source());
    let milliseconds = |quota: Duration, period: Duration| {
        Text::plain(format!("{} ms : {} ms", quota.as_millis(), period.as_millis()))
    };
    if limit.quota != Some(QUOTA) || limit.period != PERIOD {
        let none = Text::new("no limit is set", "상한이 정해지지 않음");
        let seen = limit.quota.map_or(none, |quota| milliseconds(quota, limit.period));
        return Ok(Seen::judge(false, milliseconds(QUOTA, PERIOD), seen, source)
            .advise(|| Some(advice::to_limit(&cpu))));
    }
    let expected = [QUOTA.as_secs_f64() / PERIOD.as_secs_f64()];
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
        let series = sampling::sample(
            || rivals::ran(&cpu, &rivals),
            window,
            |series| watch(caption.clone(), bars(&rivals, &of_time(series), &expected), false),
        )?;
        throttled = cpu.throttled(&group)?.saturating_sub(before);
        measured = of_time(&series);
        let (elapsed, all) = series.total();
        ran = all.iter().sum::<u64>() > 0;
        periods = (elapsed.as_secs_f64() / PERIOD.as_secs_f64()).floor();
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
}

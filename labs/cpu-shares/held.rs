//! What keeps a group from getting what its shares promise: a quota, or a policy that knows no shares.

use std::path::{Path, PathBuf};

use super::activity::Thread;
use super::rivals::Rival;
use crate::probe::cgroup::Cpu;
use crate::probe::process::Stat;
use crate::text;
use crate::text::Text;

/// A group with a quota, and in how many periods it had been held back when it was looked at.
#[derive(Clone, Debug)]
pub struct Quota {
    /// Its directory.
    pub group: PathBuf,
    /// Whether it is one of those that compete; otherwise all of them are below it.
    is_one_of_them: bool,
    throttled: u64,
}

impl Quota {
    /// What to do about it.
    pub fn to_lift(&self) -> Text {
        let group = self.group.display();
        text!(
            "{group} has a quota too, and is throttled (nr_throttled in its cpu.stat grows): lift the quota",
            "{group} 그룹에 상한(quota)도 있어 스로틀링됩니다(cpu.stat의 nr_throttled가 늘어납니다). 상한을 해제하십시오"
        )
    }

    /// What there is to say where the ratio holds all the same.
    pub fn remark(&self) -> Text {
        let group = self.group.display();
        text!(
            "a quota on {group} holds all of them back: what they divide is less than a processor",
            "{group} 그룹의 상한(quota)에 모두 걸려 있습니다. CPU 전체가 아니라 그 상한을 나누어 씁니다"
        )
    }
}

/// The quotas of those that compete, and of the groups that all of them are in.
pub fn quotas(cpu: &Cpu, rivals: &[Rival]) -> Vec<Quota> {
    let groups: Vec<&Path> = rivals.iter().filter_map(Rival::group).collect();
    let above = groups.first().copied().into_iter().flat_map(|group| group.ancestors().skip(1));
    let above = above.take_while(|dir| dir.starts_with(cpu.root()) && *dir != cpu.root());
    let all = groups.iter().map(|group| (*group, true)).chain(above.map(|dir| (dir, false)));
    let quota = |(group, is_one_of_them): (&Path, bool)| {
        cpu.limit(group).ok()?.quota?;
        let throttled = cpu.throttled(group).ok()?;
        Some(Quota { group: group.to_owned(), is_one_of_them, throttled })
    };
    all.filter_map(quota).collect()
}

/// The quota by which one of those that compete was held back since.
pub fn one_of_them<'a>(cpu: &Cpu, quotas: &'a [Quota]) -> Option<&'a Quota> {
    quotas.iter().find(|quota| quota.is_one_of_them && holds(cpu, quota))
}

/// The quota by which all of them were.
pub fn all_of_them<'a>(cpu: &Cpu, quotas: &'a [Quota]) -> Option<&'a Quota> {
    quotas.iter().find(|quota| !quota.is_one_of_them && holds(cpu, quota))
}

fn holds(cpu: &Cpu, quota: &Quota) -> bool {
    cpu.throttled(&quota.group).is_ok_and(|now| now > quota.throttled)
}

/// Something busy that is not scheduled by shares, and where: a real-time program, or beside the groups one that only gets
/// what is left.
pub fn by_no_shares(rivals: &[Rival]) -> Option<(&str, &Thread)> {
    rivals.iter().find_map(|rival| {
        let is_alone = rival.group().is_none();
        let is_other =
            |it: &&Thread| is_real_time(&it.stat) || (is_alone && it.stat.policy == SCHED_IDLE);
        Some((rival.name.as_str(), rival.activity.ready.iter().find(is_other)?))
    })
}

/// linux/sched.h.
const SCHED_IDLE: u32 = 5;

fn is_real_time(stat: &Stat) -> bool {
    matches!(stat.policy, 1 | 2 | 6)
}

/// The policy's name, as sched(7) has it.
pub fn policy(stat: &Stat) -> &'static str {
    match stat.policy {
        1 => "SCHED_FIFO",
        2 => "SCHED_RR",
        SCHED_IDLE => "SCHED_IDLE",
        6 => "SCHED_DEADLINE",
        _ => "SCHED_OTHER",
    }
}

/// Whether one of those that compete has a quota by which it was ever held back.
pub fn is_any_of_them_limited(cpu: &Cpu, rivals: &[Rival]) -> bool {
    quotas(cpu, rivals).iter().any(|quota| quota.is_one_of_them && quota.throttled > 0)
}

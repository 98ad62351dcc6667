//! The cpu controller of control groups, v1 (cgroup-v1/cgroups.rst, sched-bwc.rst) or v2
//! (cgroup-v2.rst), whichever this machine has.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use crate::error::{Context, Error, Result};
use crate::interrupt;
use crate::probe::mountinfo;

/// Where the cpu controller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cpu {
    /// v1: `cpu.shares`, `cpu.cfs_quota_us`; the usage is counted by cpuacct, which may be mounted
    /// apart.
    V1 {
        /// The cpu hierarchy's root.
        cpu: PathBuf,
        /// The cpuacct hierarchy's root.
        cpuacct: PathBuf,
    },
    /// v2: `cpu.weight`, `cpu.max`.
    V2 {
        /// The unified hierarchy's root.
        root: PathBuf,
    },
}

/// What a group's files promise and count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How long the group may run in each period, in microseconds; none without a limit.
    pub quota: Option<u64>,
    /// The period, in microseconds.
    pub period: u64,
}

impl Cpu {
    /// Looks for it among the mounts; none when there is none.
    ///
    /// # Errors
    /// open(2)'s.
    pub fn find() -> Result<Option<Cpu>> {
        let mounts = mountinfo::read()?;
        let v1 = |controller: &str| {
            let holds = |options: &str| options.split(',').any(|option| option == controller);
            mounts
                .iter()
                .find(|mount| mount.kind == "cgroup" && holds(&mount.options))
                .map(|mount| mount.target.clone())
        };
        if let (Some(cpu), Some(cpuacct)) = (v1("cpu"), v1("cpuacct")) {
            return Ok(Some(Cpu::V1 { cpu, cpuacct }));
        }
        let roots = mounts.iter().filter(|mount| mount.kind == "cgroup2");
        Ok(roots
            .map(|mount| mount.target.clone())
            .find(|root| has_cpu(root))
            .map(|root| Cpu::V2 { root }))
    }

    /// The root of the hierarchy that has the shares or the weights.
    pub fn root(&self) -> &Path {
        match self {
            Cpu::V1 { cpu, .. } => cpu,
            Cpu::V2 { root } => root,
        }
    }

    /// The directory that counts the usage of `group`: under v1 it may be in another hierarchy.
    pub fn usage_dir(&self, group: &Path) -> PathBuf {
        match self {
            Cpu::V1 { cpu, cpuacct } => {
                cpuacct.join(group.strip_prefix(cpu).unwrap_or(Path::new("")))
            }
            Cpu::V2 { .. } => group.to_owned(),
        }
    }

    /// The file that holds the shares or the weight.
    pub fn shares_file(&self) -> &'static str {
        match self {
            Cpu::V1 { .. } => "cpu.shares",
            Cpu::V2 { .. } => "cpu.weight",
        }
    }

    /// `shares`, of which 1024 are the default, in this version's unit: a weight's default is 100.
    pub fn in_units(&self, shares: u64) -> u64 {
        match self {
            Cpu::V1 { .. } => shares,
            Cpu::V2 { .. } => shares * 100 / 1024,
        }
    }

    /// The shares, or the weight, of `group`.
    ///
    /// # Errors
    /// open(2)'s; [`Error::Broken`] when it is no number.
    pub fn shares(&self, group: &Path) -> Result<u64> {
        number(&group.join(self.shares_file()))
    }

    /// How long the processes of `group` have run, in microseconds.
    ///
    /// # Errors
    /// open(2)'s.
    pub fn usage(&self, group: &Path) -> Result<u64> {
        let dir = self.usage_dir(group);
        match self {
            Cpu::V1 { .. } => Ok(number(&dir.join("cpuacct.usage"))? / 1000),
            Cpu::V2 { .. } => stat(&dir, "usage_usec"),
        }
    }

    /// Where [`Cpu::usage`] reads.
    pub fn usage_source(&self) -> &'static str {
        match self {
            Cpu::V1 { .. } => "cpuacct.usage",
            Cpu::V2 { .. } => "usage_usec in cpu.stat",
        }
    }

    /// In how many periods `group` was held back (`nr_throttled`).
    ///
    /// # Errors
    /// open(2)'s.
    pub fn throttled(&self, group: &Path) -> Result<u64> {
        stat(group, "nr_throttled")
    }

    /// The hard limit of `group`.
    ///
    /// # Errors
    /// open(2)'s.
    pub fn limit(&self, group: &Path) -> Result<Limit> {
        match self {
            Cpu::V1 { .. } => {
                let quota = text(&group.join("cpu.cfs_quota_us"))?;
                // -1: no limit.
                let period = number(&group.join("cpu.cfs_period_us"))?;
                Ok(Limit { quota: quota.parse().ok(), period })
            }
            Cpu::V2 { .. } => {
                let max = text(&group.join("cpu.max"))?;
                let (quota, period) = max.split_once(' ').unwrap_or((&max, ""));
                Ok(Limit { quota: quota.parse().ok(), period: period.parse().unwrap_or(100_000) })
            }
        }
    }
}

fn has_cpu(root: &Path) -> bool {
    fs::read_to_string(root.join("cgroup.controllers"))
        .is_ok_and(|list| list.split_whitespace().any(|name| name == "cpu"))
}

fn text(path: &Path) -> Result<String> {
    Ok(fs::read_to_string(path).context("read", path.display())?.trim().to_owned())
}

fn number(path: &Path) -> Result<u64> {
    let text = text(path)?;
    text.parse().map_err(|_| Error::Broken(format!("{}: {text}", path.display())))
}

/// A line of `cpu.stat`.
fn stat(group: &Path, field: &str) -> Result<u64> {
    let path = group.join("cpu.stat");
    let text = text(&path)?;
    text.lines()
        .find_map(|line| line.strip_prefix(field)?.trim().parse().ok())
        .ok_or_else(|| Error::Broken(format!("{} has no {field}", path.display())))
}

/// The processes of `group`.
///
/// # Errors
/// open(2)'s.
pub fn processes(group: &Path) -> Result<Vec<Pid>> {
    let list = text(&group.join("cgroup.procs"))?;
    Ok(list.lines().filter_map(|line| line.parse().ok()).map(Pid::from_raw).collect())
}

/// How long each of `groups` runs, in microseconds, from now until `window` is over; and how long
/// that was. Every `STEP`, `look` is told how it goes.
///
/// # Errors
/// [`Error::Interrupted`]; open(2)'s; `look`'s.
pub fn sample(
    cpu: &Cpu,
    groups: &[PathBuf],
    window: Duration,
    mut look: impl FnMut(&[u64], Duration) -> Result<()>,
) -> Result<(Vec<u64>, Duration)> {
    const STEP: Duration = Duration::from_millis(100);
    let usage = || groups.iter().map(|group| cpu.usage(group)).collect::<Result<Vec<u64>>>();
    let before = usage()?;
    let begun = Instant::now();
    loop {
        let left = window.saturating_sub(begun.elapsed());
        interrupt::sleep(left.min(STEP))?;
        let now = usage()?;
        let elapsed = begun.elapsed();
        let ran: Vec<u64> =
            now.iter().zip(&before).map(|(now, before)| now.saturating_sub(*before)).collect();
        if elapsed >= window {
            return Ok((ran, elapsed));
        }
        look(&ran, elapsed)?;
    }
}

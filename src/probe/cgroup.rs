//! The cpu controller of control groups, v1 (cgroup-v1/cgroups.rst, sched-bwc.rst) or v2
//! (cgroup-v2.rst), whichever this machine has.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::Pid;

use crate::error::{Context, Error, Result};
use crate::probe::mountinfo;
use crate::probe::process::no_field;

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
    /// How long the group may run in each period; none without a limit.
    pub quota: Option<Duration>,
    /// The period.
    pub period: Duration,
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

    /// Whether groups in the root can have the controller. Under v2 only the machine's own root may
    /// hold processes beside them; what a container sees as its root is an ordinary group, and has
    /// the `cgroup.type` that the machine's lacks (cgroup-v2.rst, "No Internal Process Constraint").
    pub fn can_have_children(&self) -> bool {
        let Cpu::V2 { root } = self else { return true };
        let empty = || processes(root).is_ok_and(|all| all.is_empty());
        !root.join("cgroup.type").exists() || empty()
    }

    /// The root of the hierarchy that has the shares or the weights.
    pub fn root(&self) -> &Path {
        match self {
            Cpu::V1 { cpu, .. } => cpu,
            Cpu::V2 { root } => root,
        }
    }

    /// The group that `pid` is in, as its directory (man 7 cgroups, `/proc/PID/cgroup`).
    ///
    /// # Errors
    /// open(2)'s; [`Error::Broken`] for a group outside of what this process may see.
    pub fn group_of(&self, pid: Pid) -> Result<PathBuf> {
        let file = format!("/proc/{pid}/cgroup");
        let text = text(Path::new(&file))?;
        let path = text.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            let ours = match self {
                Cpu::V1 { .. } => controllers.split(',').any(|name| name == "cpu"),
                Cpu::V2 { .. } => controllers.is_empty(),
            };
            ours.then_some(path)
        });
        let path = path.filter(|path| !path.starts_with("/.."));
        let inside = path.and_then(|path| path.strip_prefix('/'));
        inside
            .map(|path| self.root().join(path))
            .ok_or_else(|| Error::Broken(format!("{file}: {text}")))
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
    pub fn shares(&self, group: &Path) -> Result<u32> {
        // At most 262144.
        Ok(u32::try_from(number(&group.join(self.shares_file()))?).unwrap_or(u32::MAX))
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
                Ok(Limit {
                    quota: quota.parse().ok().map(Duration::from_micros),
                    period: Duration::from_micros(period),
                })
            }
            Cpu::V2 { .. } => {
                let max = text(&group.join("cpu.max"))?;
                let (quota, period) = max.split_once(' ').unwrap_or((&max, ""));
                Ok(Limit {
                    quota: quota.parse().ok().map(Duration::from_micros),
                    period: Duration::from_micros(period.parse().unwrap_or(100_000)),
                })
            }
        }
    }
}

/// Whether groups in `group` can have the cpu controller.
pub fn has_cpu(group: &Path) -> bool {
    fs::read_to_string(group.join("cgroup.controllers"))
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
        .ok_or_else(|| Error::broken(&no_field(path.display(), field)))
}

/// The processes of `group`.
///
/// # Errors
/// open(2)'s.
pub fn processes(group: &Path) -> Result<Vec<Pid>> {
    let list = text(&group.join("cgroup.procs"))?;
    Ok(list.lines().filter_map(|line| line.parse().ok()).map(Pid::from_raw).collect())
}

/// The threads of `group`: under v1 each can be in a group of its own, under v2 in a threaded one, which lists no processes.
///
/// # Errors
/// open(2)'s.
pub fn threads(group: &Path) -> Result<Vec<Pid>> {
    let v2 = group.join("cgroup.threads");
    let list = text(&if v2.exists() { v2 } else { group.join("tasks") })?;
    Ok(list.lines().filter_map(|line| line.parse().ok()).map(Pid::from_raw).collect())
}

/// `group` and all groups below it, each before its own; no more than `most`.
pub fn tree(group: &Path, most: usize) -> Vec<PathBuf> {
    let mut all = vec![group.to_owned()];
    let mut at = 0;
    while let Some(entries) = all.get(at).map(fs::read_dir) {
        all.extend(groups_in(entries).take(most.saturating_sub(all.len())));
        at += 1;
    }
    all
}

/// The groups right below `group`.
pub fn children(group: &Path) -> Vec<PathBuf> {
    groups_in(fs::read_dir(group)).collect()
}

fn groups_in(entries: std::io::Result<fs::ReadDir>) -> impl Iterator<Item = PathBuf> {
    let entries = entries.into_iter().flatten().filter_map(std::io::Result::ok);
    let groups = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    groups.map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_whose_root_group_is_populated_cannot_share() {
        let root = std::env::temp_dir().join(format!("lab-cgroup-{}", std::process::id()));
        fs::create_dir(&root).unwrap();
        let cpu = Cpu::V2 { root: root.clone() };
        fs::write(root.join("cgroup.procs"), "1\n").unwrap();
        assert!(cpu.can_have_children());
        fs::write(root.join("cgroup.type"), "domain\n").unwrap();
        assert!(!cpu.can_have_children());
        fs::write(root.join("cgroup.procs"), "").unwrap();
        assert!(cpu.can_have_children());
        for name in ["cgroup.procs", "cgroup.type"] {
            fs::remove_file(root.join(name)).unwrap();
        }
        fs::remove_dir(root).unwrap();
    }
}

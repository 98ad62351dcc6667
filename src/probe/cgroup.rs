//! The cpu controller of control groups, v1 (cgroup-v1/cgroups.rst, sched-bwc.rst) or v2
//! (cgroup-v2.rst), whichever this machine has.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use crate::error::{Context, Error, Result};
use crate::interrupt;
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

/// What groups have used, seen again and again.
#[derive(Clone, Debug)]
pub struct Series {
    /// When, from the first look on, and how many microseconds each group had run since.
    looks: Vec<(Duration, Vec<u64>)>,
}

impl Series {
    /// How long it was, and how long each group ran in it, in microseconds.
    pub fn total(&self) -> (Duration, Vec<u64>) {
        self.looks.last().cloned().unwrap_or_default()
    }

    /// How fast each group's usage grew: the slope of the straight line that fits all looks best
    /// (least squares), in processors. The first and the last look alone may fall anywhere in a
    /// time slice of some milliseconds; over all looks that evens out.
    pub fn slopes(&self) -> Vec<f64> {
        let groups = self.looks.first().map_or(0, |(_, ran)| ran.len());
        let points = |group: usize| {
            self.looks.iter().map(move |(at, ran)| {
                let ran = ran.get(group).copied().unwrap_or_default();
                (at.as_secs_f64(), Duration::from_micros(ran).as_secs_f64())
            })
        };
        (0..groups).map(|group| slope(points(group))).collect()
    }
}

fn slope(points: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let count = points.clone().map(|_| 1.0).sum::<f64>().max(1.0);
    let mean_x = points.clone().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.clone().map(|(_, y)| y).sum::<f64>() / count;
    let (covariance, variance) = points.fold((0.0, 0.0), |(covariance, variance), (x, y)| {
        (covariance + (x - mean_x) * (y - mean_y), variance + (x - mean_x).powi(2))
    });
    if variance > 0.0 { covariance / variance } else { 0.0 }
}

/// Looks at `usage`, the microseconds that each of those that compete has run, every 10 ms until
/// `window` is over; every 100 ms `watch` is told how it goes.
///
/// # Errors
/// [`Error::Interrupted`]; `usage`'s, `watch`'s.
pub fn sample(
    usage: impl Fn() -> Result<Vec<u64>>,
    window: Duration,
    mut watch: impl FnMut(&Series) -> Result<()>,
) -> Result<Series> {
    const STEP: Duration = Duration::from_millis(10);
    const LOOKS_A_WATCH: usize = 10;
    let before = usage()?;
    let begun = Instant::now();
    let mut series = Series { looks: vec![(Duration::ZERO, vec![0; before.len()])] };
    while begun.elapsed() < window {
        interrupt::sleep(window.saturating_sub(begun.elapsed()).min(STEP))?;
        let now = usage()?;
        let ran = now.iter().zip(&before).map(|(now, before)| now.saturating_sub(*before));
        series.looks.push((begun.elapsed(), ran.collect()));
        if series.looks.len().is_multiple_of(LOOKS_A_WATCH) {
            watch(&series)?;
        }
    }
    Ok(series)
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

    #[test]
    fn a_slope_is_fitted_over_all_looks() {
        let look = |at: u64, ran: u64| (Duration::from_millis(at), vec![ran * 1000]);
        let series = Series { looks: vec![look(0, 0), look(10, 6), look(20, 9), look(30, 15)] };
        assert!((series.slopes()[0] - 0.48).abs() < 1e-9, "{:?}", series.slopes());
        assert_eq!(series.total(), (Duration::from_millis(30), vec![15_000]));
    }
}

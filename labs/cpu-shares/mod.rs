//! `lab cpu-shares`: busy processes share a processor as their control groups tell them to.

mod activity;
mod advice;
mod around;
mod by_hand;
pub mod checks;
mod contests;
mod debrief;
mod goals;
mod held;
pub mod measured;
mod mends;
mod mistakes;
mod processors;
mod questions;
mod rivals;
mod steps;

use std::path::{Path, PathBuf};

use nix::sched::{CloneFlags, CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::error::{Context, Error, Result};
use crate::kernel::cgroup;
use crate::kernel::cleanup::Cleanup;
use crate::kernel::process::{self, Process};
use crate::lab::check::Subject;
use crate::lab::scene::Scene;
use crate::lab::{ByHand, Lab, Step};
use crate::probe::cgroup::Cpu;
use crate::probe::delegation;
use crate::probe::need::{Need, Privilege};
use crate::text::Text;

/// The group that holds all of the lab's, so that they compete among themselves.
const PARENT: &str = "lab-cpu-shares";
/// The group for the lab's own process, where it has to leave the one that it was in.
const ASIDE: &str = "lab-itself";

/// The lab.
pub static LAB: Lab = Lab {
    id: "cpu-shares",
    title: Text::new("Sharing a processor", "CPU 나누어 쓰기"),
    needs: &[Need::CpuController],
    steps: &[
        Step {
            id: "contest",
            title: Text::new("Two busy workers, one processor", "바쁜 프로세스 둘, CPU 하나"),
            met: Text::new("docker run --cpuset-cpus 0", "docker run --cpuset-cpus 0"),
        },
        Step {
            id: "equal",
            title: Text::new("1024 to 1024: half each", "1024 대 1024: 절반씩"),
            met: Text::new("docker run without options", "옵션 없는 docker run"),
        },
        Step {
            id: "half",
            title: Text::new(
                "512 to 1024: a third and two thirds",
                "512 대 1024: 3분의 1과 3분의 2",
            ),
            met: Text::new("docker run --cpu-shares 512", "docker run --cpu-shares 512"),
        },
        Step {
            id: "quarter",
            title: Text::new(
                "256 to 1024: a fifth and four fifths",
                "256 대 1024: 5분의 1과 5분의 4",
            ),
            met: Text::new("requests: cpu: 250m", "requests: cpu: 250m"),
        },
        Step {
            id: "three",
            title: Text::new("Three groups: 1 to 1 to 2", "그룹 셋: 1 대 1 대 2"),
            met: Text::new("three pods' requests", "파드 셋의 requests"),
        },
        Step {
            id: "limit",
            title: Text::new("A hard limit: 20 ms in every 100 ms", "상한: 100ms마다 20ms"),
            met: Text::new("docker run --cpus 0.2", "docker run --cpus 0.2"),
        },
    ],
    perform,
    checks: checks::ALL,
    questions: questions::ALL,
    around: around::ALL,
    by_hand: ByHand {
        find: by_hand::find,
        goals: goals::GOALS,
        mistakes: mistakes::ALL,
        not_found: goals::not_found,
    },
    handout: Text::new(include_str!("README.md"), include_str!("README.ko.md")),
    answers: Text::new(include_str!("ANSWERS.md"), include_str!("ANSWERS.ko.md")),
    debrief: &debrief::DEBRIEF,
};

fn perform(scene: &mut Scene<'_>) -> Result<()> {
    let none = Text::new("no cpu controller", "cpu 컨트롤러가 없습니다");
    let cpu = Cpu::find()?.ok_or_else(|| Error::broken(&none))?;
    let home = match scene.privilege() {
        Privilege::Root => Home::Root(cpu.root().to_owned()),
        Privilege::Rootless => Home::Delegated(delegation::group(&cpu)?),
    };
    let mut contest = Contest { processor: a_processor()?, cpu, home, contestants: Vec::new() };
    steps::begin(scene, &mut contest)?;
    steps::share_equally(scene, &contest)?;
    steps::share_1_to_2(scene, &contest)?;
    steps::share_1_to_4(scene, &contest)?;
    steps::share_1_1_2(scene, &mut contest)?;
    steps::limit(scene, &contest)
}

/// The group in which the lab's are made.
enum Home {
    /// The root of the hierarchy.
    Root(PathBuf),
    /// The group that this process is in, and that was delegated to it.
    Delegated(PathBuf),
}

/// Workers in groups, all on one processor.
struct Contest {
    cpu: Cpu,
    home: Home,
    processor: usize,
    contestants: Vec<Contestant>,
}

/// A group with a busy process in it.
struct Contestant {
    group: PathBuf,
    worker: Process,
}

impl Contest {
    fn home(&self) -> &Path {
        match &self.home {
            Home::Root(home) | Home::Delegated(home) => home,
        }
    }

    fn parent(&self) -> PathBuf {
        self.home().join(PARENT)
    }

    fn subject(&self) -> Subject {
        let groups = self.contestants.iter().map(|one| one.group.clone()).collect();
        Subject { groups, ..Subject::default() }
            .with(self.contestants.iter().map(|one| one.worker.pid))
    }

    /// Makes a directory in the hierarchy that shares, and in the one that counts, where that is
    /// another.
    fn make_group(&self, cleanup: &mut Cleanup, group: &PathBuf) -> Result<()> {
        cgroup::make(cleanup, group)?;
        let counts = self.cpu.usage_dir(group);
        if counts == *group { Ok(()) } else { cgroup::make(cleanup, &counts) }
    }

    /// Makes the group that holds the others. Under v2 a group's children have the controller only
    /// if the group enables it for them, and it may do so only while it holds no process itself
    /// (cgroup-v2.rst, "No Internal Process Constraint"): from a delegated one the lab moves out.
    fn make_parent(&self, cleanup: &mut Cleanup) -> Result<()> {
        if let Home::Delegated(home) = &self.home {
            let aside = home.join(ASIDE);
            cgroup::make(cleanup, &aside)?;
            cgroup::enter(&aside, Pid::this())?;
        }
        if matches!(self.cpu, Cpu::V2 { .. }) {
            cgroup::enable(cleanup, self.home(), "cpu")?;
        }
        self.make_group(cleanup, &self.parent())?;
        if matches!(self.cpu, Cpu::V2 { .. }) {
            cgroup::enable(cleanup, &self.parent(), "cpu")?;
        }
        Ok(())
    }

    /// One group more, with a busy process in it, pinned to the contest's processor. Pinned last:
    /// entering a group of a cpuset hierarchy sets the affinity anew.
    fn add(&mut self, cleanup: &mut Cleanup, name: &str) -> Result<()> {
        let group = self.parent().join(name);
        self.make_group(cleanup, &group)?;
        let worker = process::spawn(cleanup, CloneFlags::empty(), |inside| {
            inside.ready()?;
            loop {
                std::hint::spin_loop();
            }
        })?;
        cgroup::enter(&group, worker.pid)?;
        let counts = self.cpu.usage_dir(&group);
        if counts != group {
            cgroup::enter(&counts, worker.pid)?;
        }
        let mut only = CpuSet::new();
        only.set(self.processor).context("sched_setaffinity", self.processor)?;
        sched_setaffinity(worker.pid, &only).context("sched_setaffinity", worker.pid)?;
        self.contestants.push(Contestant { group, worker });
        Ok(())
    }

    /// Gives the groups, in order, so many shares.
    fn set_shares(&self, shares: &[u64]) -> Result<()> {
        self.contestants.iter().zip(shares).try_for_each(|(one, shares)| {
            cgroup::set(&one.group, self.cpu.shares_file(), self.cpu.in_units(*shares))
        })
    }
}

/// The last processor that we may use: the first is where a machine does most of its own work.
fn a_processor() -> Result<usize> {
    let allowed = sched_getaffinity(Pid::from_raw(0)).context("sched_getaffinity", "0")?;
    (0..CpuSet::count()).rev().find(|number| allowed.is_set(*number).unwrap_or(false)).ok_or_else(
        || Error::broken(&Text::new("no processor is allowed", "사용이 허용된 CPU가 없습니다")),
    )
}

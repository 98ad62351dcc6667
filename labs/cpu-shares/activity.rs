//! Who wants a processor: what is ready to run whenever anybody looks.
//!
//! A loop that starts a program each time it goes round is hardly ever ready itself, but one of its children is; a
//! program with threads may have a first one that only waits for the others. So it is the threads of a group that are
//! looked at, and what is counted is the programs that they belong to.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use nix::unistd::Pid;

use crate::error::Result;
use crate::interrupt;
use crate::probe::cgroup;
use crate::probe::process::{self, Stat};

/// So often it is looked, and seen more often than not is busy.
const LOOKS: usize = 3;
/// Of more than these the rest is not looked at.
const MOST_GROUPS: usize = 1000;
const MOST_THREADS: usize = 4000;
/// What ends while it is looked at may hide what has begun meanwhile.
const TRIES: usize = 3;

/// Where threads are.
#[derive(Clone, Debug)]
pub enum Place {
    /// A group, with all groups below it.
    Group(PathBuf),
    /// Processes that are in none of the groups.
    Processes(Vec<Pid>),
}

/// A thread, as one look shows it.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Its own number.
    pub tid: Pid,
    /// Its process.
    pub pid: Pid,
    /// What it does.
    pub stat: Stat,
}

impl Thread {
    /// Ready to run, or running.
    pub fn is_ready(&self) -> bool {
        self.stat.state == 'R'
    }

    /// Stopped by a signal, or by a debugger.
    pub fn is_stopped(&self) -> bool {
        matches!(self.stat.state, 'T' | 't')
    }
}

impl Place {
    /// Its threads but for those of `ours`: whoever looks is always seen running. What ends meanwhile is left out.
    fn threads(&self, ours: &[Pid]) -> Vec<Thread> {
        let mut threads = Vec::new();
        match self {
            Place::Group(group) => {
                for group in cgroup::tree(group, MOST_GROUPS) {
                    let processes: HashSet<Pid> =
                        cgroup::processes(&group).unwrap_or_default().into_iter().collect();
                    let inside = cgroup::threads(&group).unwrap_or_default().into_iter();
                    let room = MOST_THREADS.saturating_sub(threads.len());
                    threads.extend(inside.take(room).filter_map(|tid| {
                        let is_first = processes.contains(&tid);
                        thread(tid, if is_first { tid } else { process::of_thread(tid).ok()? })
                    }));
                }
            }
            Place::Processes(pids) => {
                for pid in pids {
                    let inside = process::threads(*pid).unwrap_or_default().into_iter();
                    threads.extend(inside.filter_map(|tid| thread(tid, *pid)));
                }
            }
        }
        threads.retain(|it| !ours.contains(&it.pid));
        threads
    }

    /// How long its threads have run, and the children that its processes have waited for, in microseconds.
    pub fn ran(&self) -> u64 {
        let threads = self.threads(&our_line());
        let own: u64 = threads.iter().filter_map(|it| process::ran(it.tid).ok()).sum();
        // The threads of a process all tell the same of its children.
        let children: HashMap<Pid, u64> =
            threads.iter().map(|it| (it.pid, it.stat.children_ran)).collect();
        own / 1000 + children.values().sum::<u64>() * MICROSECONDS_A_TICK
    }
}

/// The kernel shows ticks of a hundredth of a second, whatever its own are (`USER_HZ`).
const MICROSECONDS_A_TICK: u64 = 10_000;

fn thread(tid: Pid, pid: Pid) -> Option<Thread> {
    let stat = process::stat(tid).ok()?;
    (!matches!(stat.state, 'Z' | 'X')).then_some(Thread { tid, pid, stat })
}

/// This process, and all that it descends from.
pub fn our_line() -> Vec<Pid> {
    let above = |pid: &Pid| {
        let parent = process::stat(*pid).ok()?.parent;
        (parent > 0).then(|| Pid::from_raw(parent))
    };
    std::iter::successors(Some(Pid::this()), above).collect()
}

/// What a few looks have shown of a place.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    /// Its threads at the last look.
    pub threads: Vec<Thread>,
    /// Its threads that were ready, at the last look that showed any.
    pub ready: Vec<Thread>,
    /// The programs of which something was ready more often than not: each by its first process in there.
    pub programs: Vec<Pid>,
}

impl Activity {
    /// Whether something in there wants a processor all the time.
    pub fn is_busy(&self) -> bool {
        !self.programs.is_empty()
    }

    /// How many of its processes were ready.
    pub fn busy_processes(&self) -> usize {
        self.ready.iter().map(|it| it.pid).collect::<HashSet<_>>().len()
    }

    /// Its first process of which something is stopped, where nothing in there is ready.
    pub fn stopped(&self) -> Option<Pid> {
        let stopped = self.threads.iter().find(|it| it.is_stopped());
        stopped.filter(|_| !self.is_busy()).map(|it| it.pid)
    }

    /// Its first process that waits for something, where nothing in there is ready or stopped.
    pub fn waiting(&self) -> Option<Pid> {
        let quiet = !self.is_busy() && self.stopped().is_none();
        self.threads.first().filter(|_| quiet).map(|it| it.pid)
    }
}

/// Looks at all `places`, a few times, `apart` from each other.
///
/// # Errors
/// [`crate::error::Error::Interrupted`].
pub fn watch(places: &[Place], apart: Duration) -> Result<Vec<Activity>> {
    let ours = our_line();
    let mut all = vec![(Activity::default(), Seen::default()); places.len()];
    for look in 0..LOOKS {
        if look > 0 {
            interrupt::sleep(apart)?;
        }
        for (place, (activity, seen)) in places.iter().zip(&mut all) {
            let tries = if activity.ready.is_empty() { 1 } else { TRIES };
            for _ in 0..tries {
                activity.threads = place.threads(&ours);
                if activity.threads.iter().any(Thread::is_ready) {
                    break;
                }
            }
            let ready = activity.threads.iter().filter(|it| it.is_ready());
            let ready: Vec<Thread> = ready.cloned().collect();
            for program in programs(&activity.threads, &ready) {
                *seen.programs.entry(program).or_default() += 1;
            }
            if !ready.is_empty() {
                seen.any += 1;
                activity.ready = ready;
            }
        }
    }
    Ok(all.into_iter().map(|(activity, seen)| seen.conclude(activity)).collect())
}

/// At how many looks something was ready.
#[derive(Clone, Debug, Default)]
struct Seen {
    programs: BTreeMap<Pid, usize>,
    any: usize,
}

impl Seen {
    fn conclude(self, mut activity: Activity) -> Activity {
        let often = |looks: usize| looks * 2 > LOOKS;
        let programs = self.programs.into_iter().filter(|(_, looks)| often(*looks));
        activity.programs = programs.map(|(program, _)| program).collect();
        // Each time another: they are started by somebody who is not in there.
        if activity.programs.is_empty() && often(self.any) {
            activity.programs.extend(activity.ready.first().map(|it| it.pid));
        }
        activity
    }
}

/// The programs to which `ready` belong: each by the first of its ancestors that is among `threads` too.
fn programs(threads: &[Thread], ready: &[Thread]) -> HashSet<Pid> {
    let parents: HashMap<Pid, Pid> =
        threads.iter().map(|it| (it.pid, Pid::from_raw(it.stat.parent))).collect();
    let above = |pid: &Pid| parents.get(pid).filter(|parent| parents.contains_key(parent)).copied();
    ready.iter().filter_map(|it| std::iter::successors(Some(it.pid), above).last()).collect()
}

//! Ending processes that are ours, and no others: never by name, never by a bare pid.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::{Context, Error, Result};
use crate::probe::process::{self, Identity};
use crate::text;
use crate::visit::child;

/// How long the kernel may take to end a process after SIGKILL. The first process of a PID
/// namespace waits for all the others; a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_micros(200);

/// Kills the process that `identity` names, if it still is that one, and waits until it is dead;
/// `true` when it was alive.
///
/// # Errors
/// When kill(2) is refused or the process does not end.
pub fn process(identity: Identity) -> Result<bool> {
    if !process::is_alive(identity) {
        child::reap();
        return Ok(false);
    }
    send(identity, Signal::SIGKILL)?;
    let end = Instant::now() + PATIENCE;
    loop {
        child::reap();
        if !process::is_alive(identity) {
            return Ok(true);
        }
        if Instant::now() > end {
            let pid = identity.pid;
            return Err(Error::broken(&text!(
                "process {pid} does not end after SIGKILL",
                "PID {pid} 프로세스가 SIGKILL 뒤에도 종료되지 않습니다"
            )));
        }
        std::thread::sleep(PAUSE);
    }
}

/// Sends `signal`; one that is gone by now has no need of it.
fn send(identity: Identity, signal: Signal) -> Result<()> {
    match kill(Pid::from_raw(identity.pid), signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(errno) => Err(errno).context("kill", identity.pid),
    }
}

/// Makes orphans of our children ours, so that [`descendants`] finds them (PR_SET_CHILD_SUBREAPER).
///
/// # Errors
/// prctl(2)'s.
pub fn adopt_orphans() -> Result<()> {
    prctl::set_child_subreaper(true).context("prctl", "PR_SET_CHILD_SUBREAPER")
}

/// Kills all that we have started, and all that those have started.
///
/// # Errors
/// When they do not end.
pub fn descendants() -> Result<()> {
    end_all(find_descendants).map(drop)
}

/// Kills all processes whose environment says `LAB_RUN=token`: what was started from a lab's shell
/// and put in the background. `true` when there was one.
///
/// In the run itself [`descendants`] finds those as well that have cleared their environment. After a
/// SIGKILL of the run nothing does, if they were orphans or became so (`env -i setsid …`): then they are
/// init's, and nothing that a process cannot shed says whose they were.
///
/// # Errors
/// When they do not end.
pub fn run(token: &str) -> Result<bool> {
    let mark = format!("LAB_RUN={token}");
    end_all(|| {
        let carry = |pid: &Pid| *pid != Pid::this() && carries(*pid, mark.as_bytes());
        Ok(alive(process::all()?.into_iter().filter(carry)))
    })
}

/// Kills all that `find` finds, until it finds none; `true` when there was one.
///
/// What forks as soon as one of its own dies would outrun one SIGKILL after the other. So all are stopped
/// first: to whom a SIGSTOP was sent does not come back from another fork(2), and a look that finds
/// nobody new has found all. Then all are killed, the youngest first: a group of stopped processes that
/// loses its last parent outside is continued by the kernel (SIGHUP, SIGCONT), and has its SIGKILL
/// by then.
fn end_all(find: impl Fn() -> Result<Vec<Identity>>) -> Result<bool> {
    let end = Instant::now() + PATIENCE;
    let mut stopped = BTreeSet::new();
    loop {
        child::reap();
        let mut found = find()?;
        if found.is_empty() {
            return Ok(!stopped.is_empty());
        }
        if Instant::now() > end {
            return Err(endless(found.len()));
        }
        let born = |one: &Identity| (one.started, one.pid);
        found.sort_by_key(|one| Reverse(born(one)));
        let running: Vec<_> = found.iter().filter(|one| !stopped.contains(&born(one))).collect();
        if running.is_empty() {
            found.iter().try_for_each(|one| send(*one, Signal::SIGKILL))?;
            std::thread::sleep(PAUSE);
        } else {
            running.iter().try_for_each(|one| send(**one, Signal::SIGSTOP))?;
            stopped.extend(running.into_iter().map(born));
        }
    }
}

fn endless(count: usize) -> Error {
    let seconds = PATIENCE.as_secs();
    Error::unable(
        text!(
            "processes of a lab that have not ended within {seconds} s: {count}",
            "실습이 시작한 프로세스 {count}개가 {seconds}초가 지나도 끝나지 않았습니다"
        ),
        text!("`lab reset` tries again", "`lab reset`을 실행해 마저 정리하십시오"),
    )
}

fn alive(pids: impl Iterator<Item = Pid>) -> Vec<Identity> {
    let look = |pid| process::stat(pid).ok().map(|stat| (pid, stat));
    pids.filter_map(look)
        .filter(|(_, stat)| !matches!(stat.state, 'Z' | 'X'))
        .map(|(pid, stat)| Identity { pid: pid.as_raw(), started: stat.started })
        .collect()
}

/// All that we have started, and all that those have started.
fn find_descendants() -> Result<Vec<Identity>> {
    let children = process::children_of(Pid::this())?;
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let stat = |pid| process::stat(pid).ok().map(|stat| (stat.started, pid, stat.parent));
    let mut all: Vec<_> = process::all()?.into_iter().filter_map(stat).collect();
    // Parents come before their children. One that was missed is found by a later look.
    all.sort_unstable();
    let mut ours: BTreeSet<Pid> = children.into_iter().collect();
    for (_, pid, parent) in all {
        if ours.contains(&Pid::from_raw(parent)) {
            ours.insert(pid);
        }
    }
    Ok(alive(ours.into_iter()))
}

fn carries(pid: Pid, mark: &[u8]) -> bool {
    // Unreadable: it is not ours, or it is gone.
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environ| environ.split(|&byte| byte == 0).any(|entry| entry == mark))
}

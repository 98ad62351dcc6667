//! Ending processes that are ours, and no others: never by name, never by a bare pid.

use std::fs;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::error::{Context, Error, Result};
use crate::probe::process::{self, Identity};
use crate::text;

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
    let pid = Pid::from_raw(identity.pid);
    if !process::is_alive(identity) {
        reap(pid);
        return Ok(false);
    }
    match kill(pid, Signal::SIGKILL) {
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(errno) => return Err(errno).context("kill", pid),
    }
    let end = Instant::now() + PATIENCE;
    loop {
        reap(pid);
        if !process::is_alive(identity) {
            return Ok(true);
        }
        if Instant::now() > end {
            return Err(Error::broken(&text!(
                "process {pid} does not end after SIGKILL",
                "PID {pid} 프로세스가 SIGKILL 뒤에도 종료되지 않습니다"
            )));
        }
        std::thread::sleep(PAUSE);
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
/// When one of them does not end.
pub fn descendants() -> Result<()> {
    // Killing one may bring us its children, so look until none is left.
    loop {
        let children: Vec<Identity> = process::children_of(Pid::this())?
            .into_iter()
            .filter_map(|pid| process::identity(pid).ok())
            .collect();
        if children.is_empty() {
            return Ok(());
        }
        for child in children {
            process(child)?;
        }
    }
}

/// Kills a child that was not waited for yet.
pub fn child(pid: Pid) {
    // An unreaped child's pid cannot have become somebody else's, and if it is dead already, that
    // is what we want.
    if kill(pid, Signal::SIGKILL).is_ok() {
        let _ = waitpid(pid, None);
    }
}

/// Takes the exit status of `pid` if it is our dead child, so that no zombie stays.
fn reap(pid: Pid) {
    let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
}

/// Kills all processes whose environment says `LAB_RUN=token`: what was started from a lab's shell
/// and put in the background. `true` when there was one.
///
/// # Errors
/// When one of them does not end.
pub fn run(token: &str) -> Result<bool> {
    let mark = format!("LAB_RUN={token}");
    let mut any = false;
    // A process may fork between the look and the kill, so look until none is left.
    loop {
        let marked: Vec<Identity> = process::all()?
            .into_iter()
            .filter(|&pid| pid != Pid::this() && carries(pid, mark.as_bytes()))
            .filter_map(|pid| process::identity(pid).ok())
            .filter(|&identity| process::is_alive(identity))
            .collect();
        if marked.is_empty() {
            return Ok(any);
        }
        for identity in marked {
            any |= process(identity)?;
        }
    }
}

fn carries(pid: Pid, mark: &[u8]) -> bool {
    // Unreadable: it is not ours, or it is gone.
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environ| environ.split(|&byte| byte == 0).any(|entry| entry == mark))
}

//! Making children, in namespaces of their own or not.
//!
//! One clone(2) makes a child with all its namespaces at once. It has a copy of our memory (no
//! `CLONE_VM`), asks the kernel to kill it when we die (`PR_SET_PDEATHSIG`), and waits at a gate
//! until its parent knows its pid. It never returns into the caller's code: no guard of ours is
//! ever dropped twice. A child's error, or its panic, comes back to the parent as a value.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::fcntl::{AtFlags, OFlag};
use nix::sched::CloneFlags;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, pipe2};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Result};
use crate::interrupt;
use crate::text::Text;
use crate::visit::clone;

/// How long a short-lived child may take before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a child tells its parent, as a line of JSON.
#[derive(Serialize, Deserialize)]
pub enum Report<T> {
    Done(T),
    Failed(Error),
}

pub fn send<T: Serialize>(pipe: &mut File, report: &Report<T>) -> Result<()> {
    let mut bytes = serde_json::to_vec(report)?;
    bytes.push(b'\n');
    pipe.write_all(&bytes).context("write", "pipe")
}

fn pipe() -> Result<(OwnedFd, OwnedFd)> {
    pipe2(OFlag::O_CLOEXEC).context("pipe2", "O_CLOEXEC")
}

/// The child's body with all that must surround it; its result goes to `report`, its return value
/// is the exit status.
fn contained<T: Serialize>(
    mut report: File,
    body: impl FnOnce(&mut File) -> Result<Option<T>>,
) -> isize {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        prctl::set_pdeathsig(Signal::SIGKILL).context("prctl", "PR_SET_PDEATHSIG")?;
        interrupt::restore_in_child()?;
        body(&mut report)
    }));
    let sent = match outcome {
        Ok(Ok(Some(value))) => send(&mut report, &Report::Done(value)),
        Ok(Ok(None)) => Ok(()),
        Ok(Err(error)) => send(&mut report, &Report::<T>::Failed(error)).and(Err(Error::Quit)),
        Err(payload) => {
            let error = Error::from_panic(payload.as_ref());
            send(&mut report, &Report::<T>::Failed(error)).and(Err(Error::Quit))
        }
    };
    isize::from(sent.is_err())
}

/// Makes a child that runs `body` once `admit` has seen its pid. The pipe that comes back brings
/// its report; it ends without one when the child becomes another program.
pub fn launch<T: Serialize>(
    flags: CloneFlags,
    admit: impl FnOnce(Pid) -> Result<()>,
    body: impl FnOnce(&mut File) -> Result<Option<T>>,
) -> Result<(Pid, OwnedFd)> {
    let (gate, opener) = pipe()?;
    let (answers, report) = pipe()?;
    let mut parents = Some((opener, answers));
    let pid = clone::fork(flags, || {
        // Our copies of the parent's ends: with them open we would never see it die.
        drop(parents.take());
        contained(File::from(report), |report| {
            if File::from(gate).read(&mut [0]).context("read", "gate")? == 0 {
                // The parent is gone, or did not admit us: vanish.
                return Err(Error::Quit);
            }
            body(report)
        })
    })?;
    let Some((opener, answers)) = parents else {
        return Err(Error::broken(&Text::new("a pipe was lost", "파이프가 사라졌습니다")));
    };
    match admit(pid).and_then(|()| File::from(opener).write_all(b"g").context("write", "gate")) {
        Ok(()) => Ok((pid, answers)),
        Err(error) => {
            end(pid);
            Err(error)
        }
    }
}

/// The error for a child that is gone before its time: nothing of ours ends one so.
pub fn ended_early() -> Error {
    Error::unable(
        Text::new(
            "a process that the lab had started was ended from outside",
            "실습이 시작한 프로세스가 외부 요인으로 종료되었습니다",
        ),
        Text::new(
            "memory may be short (`ulimit -a`, `dmesg`), or somebody has killed it: run it again",
            "메모리가 부족하거나(`ulimit -a`, `dmesg`) 누군가 종료시켰을 수 있습니다. 다시 실행하십시오",
        ),
    )
}

/// Runs `body` in a child with the namespaces that `flags` ask for and returns what it returns.
/// The child is gone afterwards, so nothing needs to be written down.
///
/// # Errors
/// clone(2)'s, or whatever `body` failed with; [`Error::Broken`] when it dies or takes over ten
/// seconds.
pub fn ask<T>(flags: CloneFlags, body: impl FnOnce() -> Result<T>) -> Result<T>
where
    T: Serialize + DeserializeOwned,
{
    let (pid, answers) = launch(flags, |_| Ok(()), |_| body().map(Some))?;
    let answer = receive::<T>(answers, true);
    end(pid);
    match answer? {
        Some(Report::Done(value)) => Ok(value),
        Some(Report::Failed(error)) => Err(error),
        None => Err(Error::broken(&Text::new(
            "a child ended without an answer",
            "자식 프로세스가 결과를 보내지 않고 종료되었습니다",
        ))),
    }
}

/// Starts another program, with the namespaces that `flags` ask for, which the caller waits for:
/// `body` prepares and then calls [`exec`]. Nothing is written down, because the program ends with us
/// or before.
///
/// # Errors
/// clone(2)'s, or whatever `body` failed with: execve(2)'s refusal above all.
pub fn start(
    flags: CloneFlags,
    body: impl FnOnce() -> Result<std::convert::Infallible>,
) -> Result<Pid> {
    let run = |_: &mut File| body().map(|never| match never {});
    let (pid, answers) = launch::<()>(flags, |_| Ok(()), run)?;
    match receive::<()>(answers, false) {
        Ok(Some(Report::Failed(error))) | Err(error) => {
            end(pid);
            Err(error)
        }
        Ok(_) => Ok(pid),
    }
}

/// Reads one report; `None` at the end of the pipe, which an exec(2) brings too.
pub fn receive<T: DeserializeOwned>(
    answers: OwnedFd,
    to_the_end: bool,
) -> Result<Option<Report<T>>> {
    let mut pipe = File::from(answers);
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let end = Instant::now() + PATIENCE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::broken(&Text::new(
                "a child took longer than 10 seconds",
                "자식 프로세스의 응답이 10초를 넘겼습니다",
            )));
        }
        if !interrupt::wait(Some(pipe.as_fd()), Some(left))? {
            continue;
        }
        let n = pipe.read(&mut chunk).context("read", "pipe")?;
        bytes.extend(chunk.iter().take(n));
        if n == 0 && bytes.is_empty() {
            return Ok(None);
        }
        // A report is one JSON value: complete when it parses.
        match serde_json::from_slice(&bytes) {
            Ok(report) if n == 0 || !to_the_end => return Ok(Some(report)),
            Err(error) if n == 0 => return Err(Error::Broken(error.to_string())),
            _ => {}
        }
    }
}

/// Becomes another program, which finds its signals as any does; returns only with the kernel's refusal.
///
/// # Errors
/// execve(2)'s: ENOENT also when the program is there but its interpreter is not.
pub fn exec(
    program: &Path,
    args: &[&str],
    env: &[impl AsRef<OsStr>],
) -> Result<std::convert::Infallible> {
    let c = |text: &OsStr| {
        CString::new(text.as_bytes()).map_err(|_| Error::Broken(format!("NUL byte in {text:?}")))
    };
    let path = c(program.as_os_str())?;
    let args = args.iter().map(|arg| c(arg.as_ref())).collect::<Result<Vec<_>>>()?;
    let env = env.iter().map(|entry| c(entry.as_ref())).collect::<Result<Vec<_>>>()?;
    interrupt::restore_for_program()?;
    nix::unistd::execve(&path, &args, &env).context("execve", program.display())
}

/// Becomes the program that is open as `file`, whatever has its name by now; `name` stands in an error.
///
/// # Errors
/// As for [`exec`].
pub fn exec_file(
    file: impl AsFd,
    name: &str,
    args: &[&str],
    env: &[&str],
) -> Result<std::convert::Infallible> {
    let c =
        |text: &&str| CString::new(*text).map_err(|_| Error::Broken(format!("NUL in {text:?}")));
    let args = args.iter().map(c).collect::<Result<Vec<_>>>()?;
    let env = env.iter().map(c).collect::<Result<Vec<_>>>()?;
    let flags = AtFlags::AT_EMPTY_PATH;
    interrupt::restore_for_program()?;
    nix::unistd::execveat(file, c"", &args, &env, flags).context("execve", name)
}

/// A descriptor that can be read once the child `pid` has ended (man 2 pidfd_open).
///
/// # Errors
/// ENOSYS before Linux 5.3.
pub fn pidfd(pid: Pid) -> Result<OwnedFd> {
    let number = rustix::process::Pid::from_raw(pid.as_raw());
    let number = number.ok_or_else(|| Error::Broken(format!("pid {pid}")))?;
    let fd = rustix::process::pidfd_open(number, rustix::process::PidfdFlags::empty());
    fd.map_err(std::io::Error::from).context("pidfd_open", pid)
}

/// Waits for a child to end.
///
/// # Errors
/// [`Error::Interrupted`], or waitpid(2)'s.
pub fn wait(pid: Pid) -> Result<WaitStatus> {
    let fd = pidfd(pid)?;
    while !interrupt::wait(Some(fd.as_fd()), None)? {}
    waitpid(pid, None).context("waitpid", pid)
}

/// The same, for so long and no longer; none when it has not ended by then.
///
/// # Errors
/// As for [`wait`].
pub fn wait_until(pid: Pid, end: Instant) -> Result<Option<WaitStatus>> {
    let fd = pidfd(pid)?;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        if interrupt::wait(Some(fd.as_fd()), Some(left))? {
            return waitpid(pid, None).context("waitpid", pid).map(Some);
        }
    }
    Ok(None)
}

/// Kills a child that was not waited for yet.
pub fn end(pid: Pid) {
    // An unreaped child's pid cannot have become somebody else's, and if it is dead already, that
    // is what we want.
    if kill(pid, Signal::SIGKILL).is_ok() {
        let _ = waitpid(pid, None);
    }
}

/// Takes the exit statuses of all our dead children, also of those that nobody waits for any more: a
/// zombie keeps its PID namespace, whose first process does not end before (man 7 pid_namespaces).
pub fn reap() {
    // Of this thread's, which is all there are outside of tests.
    let flags = WaitPidFlag::WNOHANG | WaitPidFlag::__WNOTHREAD;
    while waitpid(None, Some(flags)).is_ok_and(|status| status != WaitStatus::StillAlive) {}
}

//! Processes that stay for a run, and ending them. Each is in the journal before it does anything.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::fcntl::OFlag;
use nix::sched::CloneFlags;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Pid, pipe2};

use crate::error::{Context, Error, Result};
use crate::kernel::cleanup::{Cleanup, Undo};
use crate::kernel::kill;
use crate::probe;
use crate::probe::process::Identity;
use crate::text::Text;
use crate::visit::child::{self, Report, ended_early, exec, launch, receive, send};

/// A child that lives until the run's end, or until [`Process::end`].
#[derive(Debug)]
pub struct Process {
    /// Its pid, as we see it.
    pub pid: Pid,
    identity: Identity,
}

/// The child's side of [`spawn`].
#[derive(Debug)]
pub struct Inside {
    report: File,
}

/// Starts a process that stays, with the namespaces that `flags` ask for. Returns when `body` calls
/// [`Inside::hold`], has become another program, or ends.
///
/// # Errors
/// clone(2)'s, the journal's, or whatever `body` failed with; [`ended_early`].
pub fn spawn(
    cleanup: &mut Cleanup,
    flags: CloneFlags,
    body: impl FnOnce(&mut Inside) -> Result<()>,
) -> Result<Process> {
    let mut started = None;
    let admit = |pid| {
        let identity = probe::process::identity(pid)?;
        started = Some(identity);
        cleanup.record(Undo::Kill(identity))
    };
    let pid = stay(flags, admit, body)?;
    let unknown = Text::new("a child was not admitted", "자식 프로세스가 등록되지 않았습니다");
    let identity = started.ok_or_else(|| Error::broken(&unknown))?;
    Ok(Process { pid, identity })
}

/// A child that stays: back when it is ready, or has done its work.
fn stay(
    flags: CloneFlags,
    admit: impl FnOnce(Pid) -> Result<()>,
    body: impl FnOnce(&mut Inside) -> Result<()>,
) -> Result<Pid> {
    let (pid, answers) = launch(flags, admit, |report| {
        let report = report.try_clone().context("dup", "pipe")?;
        body(&mut Inside { report }).map(Some)
    })?;
    match receive::<()>(answers, false)? {
        Some(Report::Failed(error)) => Err(error),
        Some(Report::Done(())) => Ok(pid),
        None if is_another_program(pid)? => Ok(pid),
        None => Err(ended_early()),
    }
}

/// Whether our child has become another program, which ends its pipe as its death would: a zombie keeps its
/// name, and ours is the one that it began with.
fn is_another_program(child: Pid) -> Result<bool> {
    let name = |pid| probe::process::stat(pid).map(|stat| stat.command);
    Ok(name(child)? != name(Pid::this())?)
}

impl Process {
    /// Kills it, and with it its PID namespace if it is that namespace's first process; returns
    /// when the kernel has ended it.
    ///
    /// # Errors
    /// When it does not end.
    pub fn end(&self) -> Result<()> {
        kill::process(self.identity).map(|_| ())
    }
}

impl Inside {
    /// Tells the parent that all is set up; what follows goes on without it waiting.
    ///
    /// # Errors
    /// When the parent is gone.
    pub fn ready(&mut self) -> Result<()> {
        send(&mut self.report, &Report::Done(()))
    }

    /// Tells the parent that all is set up, then stays until it is killed, reaping what the kernel
    /// makes its children (pid 1 of a PID namespace inherits the orphans, man 7 pid_namespaces).
    ///
    /// # Errors
    /// When the parent is gone.
    pub fn hold(&mut self) -> Result<()> {
        let child: SigSet = [Signal::SIGCHLD].into_iter().collect();
        child.thread_block().context("sigprocmask", "SIGCHLD")?;
        self.ready()?;
        loop {
            child::reap();
            child.wait().context("sigwait", "SIGCHLD")?;
        }
    }

    /// Becomes bash, which stays until it is killed: it reads from a pipe that it could itself write to, and so
    /// never comes to its end. What the kernel makes its children it reaps.
    ///
    /// # Errors
    /// pipe2(2)'s; as for [`exec`].
    pub fn hold_as_bash(&mut self) -> Result<()> {
        let (reader, _writer) = pipe2(OFlag::empty()).context("pipe2", "")?;
        let script = format!("while read -r -u {}; do :; done", reader.as_raw_fd());
        let never = exec(Path::new("/bin/bash"), &["bash", "-c", &script], &[""; 0])?;
        match never {}
    }
}

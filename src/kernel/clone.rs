//! clone(2), in the two ways that labs need it: a child with a copy of our memory, and an errand.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nix::libc;
use nix::sched::CloneFlags;
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getppid};

use crate::error::{Context, Error, Result};
use crate::text::Text;

/// The child's stack; only the pages that it touches are ever made.
const STACK: usize = 512 * 1024;

/// clone(2) as fork(2) does it, with `flags`; `body` is all that the child runs, and what it returns
/// is the exit status.
///
/// # Errors
/// clone(2)'s.
#[allow(unsafe_code)]
pub fn fork(flags: CloneFlags, body: impl FnOnce() -> isize) -> Result<Pid> {
    let mut body = Some(body);
    let mut stack = vec![0u8; STACK];
    let entry = Box::new(|| body.take().map_or(1, |body| body()));
    // SAFETY: without CLONE_VM the child works on its own copy of our memory, `stack` included, so
    // neither can corrupt the other; this program has no threads, so no lock is left held in the
    // copy. When `entry` returns, glibc's clone ends the child with _exit(2).
    unsafe { nix::sched::clone(entry, &mut stack, flags, Some(libc::SIGCHLD)) }
        .context("clone", format!("{flags:?}"))
}

/// Does `work` in a child that shares our memory and our open files, and nothing else: it may go into
/// namespaces from which there is no way back, and what it opens there is ours. We wait, as vfork(2)
/// does, until it is gone.
///
/// # Errors
/// clone(2)'s; `work`'s; [`Error::Broken`] when it panics or is killed.
#[allow(unsafe_code)]
pub fn errand<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let us = Pid::this();
    let mut work = Some(work);
    let mut outcome = None;
    let mut stack = vec![0u8; STACK];
    let entry = Box::new(|| {
        outcome = work.take().map(|work| {
            let watched = AssertUnwindSafe(|| {
                prctl::set_pdeathsig(Signal::SIGKILL).context("prctl", "PR_SET_PDEATHSIG")?;
                // Had the parent died before that, nobody would tell us any more.
                if getppid() == us { work() } else { Err(Error::Quit) }
            });
            catch_unwind(watched).unwrap_or_else(|panic| Err(Error::from_panic(panic.as_ref())))
        });
        0
    });
    let flags = CloneFlags::CLONE_VM | CloneFlags::CLONE_VFORK | CloneFlags::CLONE_FILES;
    // SAFETY: CLONE_VFORK stops us until the child has ended, so the two never work on the shared
    // memory at the same time, and all that it borrows outlives it. `entry` does not unwind.
    let pid = unsafe { nix::sched::clone(entry, &mut stack, flags, Some(libc::SIGCHLD)) }
        .context("clone", format!("{flags:?}"))?;
    waitpid(pid, None).context("waitpid", pid)?;
    outcome.unwrap_or_else(|| {
        Err(Error::broken(&Text::new(
            "an errand ended on its way",
            "lab의 하위 작업이 도중에 종료되었습니다",
        )))
    })
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a panic is what is tested")]
mod tests {
    use super::*;

    #[test]
    fn an_errand_brings_back_what_it_opened() {
        let file = errand(|| std::fs::File::open("/proc/version").context("open", "version"));
        let text = std::io::read_to_string(file.unwrap());
        assert!(text.unwrap().contains("Linux"));
    }

    #[test]
    fn an_errand_that_panics_is_an_error() {
        let outcome: Result<()> = errand(|| panic!("on the way"));
        assert!(matches!(outcome, Err(Error::Broken(text)) if text.contains("on the way")));
    }
}

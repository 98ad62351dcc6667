//! clone(2), in the two ways that labs need it: a child with a copy of our memory, and an errand.

use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use nix::libc;
use nix::sched::CloneFlags;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getppid};

use crate::error::{Context, Error, Result};
use crate::text::Text;

/// A child's stack is that long; only the pages that it touches are ever made.
const LENGTH: usize = 512 * 1024;
/// What lies below it is that long: a whole number of pages, whichever size the kernel gives them.
const GUARD: usize = 64 * 1024;

/// A child's stack, with pages below it that nobody may touch: a child that needs more is killed by
/// SIGSEGV there, and writes over nothing of ours.
struct Stack {
    lowest: NonNull<c_void>,
}

impl Stack {
    /// # Errors
    /// mmap(2)'s and mprotect(2)'s: ENOMEM where a limit is reached.
    #[allow(unsafe_code)]
    fn make() -> Result<Stack> {
        let length = NonZeroUsize::MIN.saturating_add(GUARD + LENGTH - 1);
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_STACK | MapFlags::MAP_NORESERVE;
        // SAFETY: a new mapping, where the kernel likes, takes the place of nothing.
        let lowest = unsafe { mmap_anonymous(None, length, access, flags) };
        let stack = Stack { lowest: lowest.context("mmap", "a child's stack")? };
        // SAFETY: the lowest part of what was just mapped, to which there is no reference yet.
        unsafe { mprotect(stack.lowest, GUARD, ProtFlags::PROT_NONE) }
            .context("mprotect", "a child's stack")?;
        Ok(stack)
    }

    /// What the child may use.
    #[allow(unsafe_code)]
    fn usable(&mut self) -> &mut [u8] {
        // SAFETY: `LENGTH` bytes above the guard are mapped for as long as `self` lives, the kernel has
        // filled them with zeros, and `&mut self` makes this the only reference to them.
        unsafe {
            let lowest = self.lowest.cast::<u8>().byte_add(GUARD);
            std::slice::from_raw_parts_mut(lowest.as_ptr(), LENGTH)
        }
    }
}

impl Drop for Stack {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: exactly what was mapped; no child runs on it in our memory any more. A refusal would
        // leave it mapped, which harms nothing.
        let _ = unsafe { munmap(self.lowest, GUARD + LENGTH) };
    }
}

/// clone(2) as fork(2) does it, with `flags`; `body` is all that the child runs, and what it returns
/// is the exit status.
///
/// # Errors
/// clone(2)'s.
#[allow(unsafe_code)]
pub fn fork(flags: CloneFlags, body: impl FnOnce() -> isize) -> Result<Pid> {
    let mut body = Some(body);
    let mut stack = Stack::make()?;
    let entry = Box::new(|| body.take().map_or(1, |body| body()));
    // SAFETY: without CLONE_VM the child works on its own copy of our memory, `stack` included, so
    // neither can corrupt the other; this program has no threads, so no lock is left held in the
    // copy. When `entry` returns, glibc's clone ends the child with _exit(2).
    unsafe { nix::sched::clone(entry, stack.usable(), flags, Some(libc::SIGCHLD)) }
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
    let mut stack = Stack::make()?;
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
    let pid = unsafe { nix::sched::clone(entry, stack.usable(), flags, Some(libc::SIGCHLD)) }
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
    use nix::sys::wait::WaitStatus;

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

    /// Goes down `depth` calls, of a page each.
    #[allow(clippy::large_stack_arrays, reason = "a stack is to overflow")]
    fn deep(depth: usize) -> u8 {
        let page = std::hint::black_box([0; 4096]);
        if depth == 0 { page[0] } else { deep(depth - 1).max(page[1]) }
    }

    /// Calls that one stack has no room for, and two would have.
    const TOO_DEEP: usize = (LENGTH + GUARD / 2) / 4096;

    #[test]
    fn a_child_that_overflows_its_stack_is_killed() {
        let pid = fork(CloneFlags::empty(), || deep(TOO_DEEP).into()).unwrap();
        let status = waitpid(pid, None).unwrap();
        assert!(matches!(status, WaitStatus::Signaled(_, Signal::SIGSEGV, _)), "{status:?}");
    }

    #[test]
    fn an_errand_that_overflows_its_stack_is_an_error() {
        // What lies next to its stack in our memory, if anything does.
        let neighbours: Vec<_> = (0..4).map(|_| vec![7; LENGTH]).collect();
        let outcome = errand(|| Ok(deep(TOO_DEEP)));
        assert!(matches!(outcome, Err(Error::Broken(_))), "{outcome:?}");
        assert!(neighbours.iter().flatten().all(|byte| *byte == 7));
    }
}

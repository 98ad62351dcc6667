//! What becomes of a signal (man 7 signal).

use nix::sys::signal::{SigHandler, Signal, signal};

use crate::error::{Context, Result};

/// Lets SIGPIPE end this process, as it does with any program: Rust's runtime ignores it, and what is
/// ignored stays so over execve(2). For a child that is about to become another program.
///
/// # Errors
/// sigaction(2)'s.
#[allow(unsafe_code)]
pub fn default_sigpipe() -> Result<()> {
    // SAFETY: the default disposition is no handler of ours that could be called at a bad moment.
    unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) }.map(drop).context("sigaction", "SIGPIPE")
}

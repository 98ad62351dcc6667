//! Signals as something to wait for, so that no signal is lost and none cuts a change in two.
//!
//! SIGINT, SIGTERM, SIGHUP and SIGQUIT are blocked and read from a signalfd(2): between two changes
//! the lab asks [`check`], and every wait of a lab is a poll(2) that the signalfd takes part in.
//! SIGCHLD is there too, so that waiting for a child needs no timer. Cleaning up never asks, so a
//! second Ctrl-C cannot cut it short.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::error::{Context, Error, Result};

const STOPPING: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

static SIGNALS: OnceLock<SignalFd> = OnceLock::new();
static ARRIVED: AtomicI32 = AtomicI32::new(0);

fn mask() -> SigSet {
    STOPPING.into_iter().chain([Signal::SIGCHLD]).collect()
}

/// Starts catching signals. Call once, before the first change to the machine.
///
/// # Errors
/// When signalfd(2) is refused, which no Linux since 2.6.27 does.
pub fn install() -> Result<()> {
    mask().thread_block().context("sigprocmask", "SIG_BLOCK")?;
    let fd = SignalFd::with_flags(&mask(), SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
        .context("signalfd", "SIGINT SIGTERM SIGHUP SIGQUIT SIGCHLD")?;
    SIGNALS.get_or_init(|| fd);
    Ok(())
}

/// Gives a child the default signals again: a blocked mask is inherited over fork and exec.
///
/// # Errors
/// When sigprocmask(2) is refused.
pub fn restore_in_child() -> Result<()> {
    mask().thread_unblock().context("sigprocmask", "SIG_UNBLOCK")
}

fn drain(signals: &SignalFd) -> Result<()> {
    while let Some(info) = signals.read_signal().context("read", "signalfd")? {
        // A signal number is below 65, so the conversion holds.
        let number = info.ssi_signo as i32;
        if number != Signal::SIGCHLD as i32 {
            ARRIVED.store(number, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// Whether a signal has asked us to stop.
///
/// # Errors
/// [`Error::Interrupted`] from the moment one has arrived, at every call.
pub fn check() -> Result<()> {
    if let Some(signals) = SIGNALS.get() {
        drain(signals)?;
    }
    arrived()
}

fn arrived() -> Result<()> {
    match Signal::try_from(ARRIVED.load(Ordering::Relaxed)) {
        Ok(signal) => Err(Error::from_signal(signal)),
        Err(_) => Ok(()),
    }
}

/// Waits until `fd` can be read, a child changes, or `timeout` is over; `true` when `fd` can be
/// read (or its other end is closed). May return early, so callers ask again.
///
/// # Errors
/// [`Error::Interrupted`] when a signal asks us to stop.
pub fn wait(fd: Option<BorrowedFd<'_>>, timeout: Option<Duration>) -> Result<bool> {
    // Not `check`: it would swallow the SIGCHLD that this wait is for.
    arrived()?;
    let mut fds = Vec::with_capacity(2);
    fds.extend(SIGNALS.get().map(|signals| PollFd::new(signals.as_fd(), PollFlags::POLLIN)));
    let at = fds.len();
    fds.extend(fd.map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
    let timeout = match timeout {
        // Rounded up: a wait that ends early would spin.
        Some(time) => {
            PollTimeout::try_from(time.as_millis().saturating_add(1)).unwrap_or(PollTimeout::MAX)
        }
        None => PollTimeout::NONE,
    };
    match poll(&mut fds, timeout) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(errno) => return Err(errno).context("poll", "signals"),
    }
    let readable = fds.get(at).is_some_and(|fd| fd.any().unwrap_or(false));
    check()?;
    Ok(readable)
}

/// Sleeps for `time`.
///
/// # Errors
/// [`Error::Interrupted`] when a signal asks us to stop.
pub fn sleep(time: Duration) -> Result<()> {
    let end = Instant::now() + time;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        wait(None, Some(left))?;
    }
    check()
}

//! Signals as something to wait for, so that no signal is lost and none cuts a change in two.
//!
//! SIGINT, SIGTERM, SIGHUP and SIGQUIT are blocked and read from a signalfd(2): between two changes
//! the lab asks [`check`], and every wait of a lab is a poll(2) that the signalfd takes part in.
//! SIGCHLD is there too, so that waiting for a child needs no timer. Cleaning up never asks, so a
//! second Ctrl-C cannot cut it short.
//!
//! A terminal strikes its whole foreground group, and `timeout` or a supervisor all processes of a run,
//! so a signal that the lab answers may have ended its children too, and have made of its own step an
//! error: whoever decides what became of a run asks [`or_signal`].

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::error::{Context, Error, Result};
use crate::signal;

const STOPPING: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// What a terminal sends to its whole foreground group: at Ctrl-C, at Ctrl-\\, when it is gone.
const FROM_THE_TERMINAL: [Signal; 3] = [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGHUP];

static SIGNALS: OnceLock<SignalFd> = OnceLock::new();
static ARRIVED: AtomicI32 = AtomicI32::new(0);

fn mask() -> SigSet {
    STOPPING.into_iter().chain([Signal::SIGCHLD]).collect()
}

/// Makes writing beyond the limit of a file's size (`ulimit -f`) an error of write(2), EFBIG. Its signal,
/// SIGXFSZ, would end us in the middle.
///
/// # Errors
/// When sigprocmask(2) is refused.
pub fn survive_file_limit() -> Result<()> {
    file_limit().thread_block().context("sigprocmask", "SIGXFSZ")
}

fn file_limit() -> SigSet {
    [Signal::SIGXFSZ].into_iter().collect()
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

/// Gives a child what kill(1) would end it with. What a terminal sends stays blocked as long as the child
/// is a copy of us: Ctrl-C is ours to answer, and a lab whose parts end while it looks at them would see
/// wonders. It stays in our process group all the same, so that Ctrl-Z stops all of a run.
///
/// # Errors
/// When sigprocmask(2) is refused.
pub fn restore_in_child() -> Result<()> {
    let ours: SigSet = FROM_THE_TERMINAL.into_iter().collect();
    let theirs: SigSet = mask().iter().filter(|signal| !ours.contains(*signal)).collect();
    theirs.thread_unblock().context("sigprocmask", "SIG_UNBLOCK")
}

/// Gives a program that is about to be executed its signals as any program finds them: a blocked mask
/// and an ignored signal are inherited over fork and exec.
///
/// # Errors
/// sigprocmask(2)'s, sigaction(2)'s.
pub fn restore_for_program() -> Result<()> {
    signal::default_sigpipe()?;
    mask().thread_unblock().context("sigprocmask", "SIG_UNBLOCK")?;
    file_limit().thread_unblock().context("sigprocmask", "SIGXFSZ")
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

/// `outcome`, but where it is an error and a signal has arrived, the signal: it is what the error comes
/// from, or what matters more.
///
/// # Errors
/// [`Error::Interrupted`], or that of `outcome`.
pub fn or_signal<T>(outcome: Result<T>) -> Result<T> {
    outcome.or_else(|error| check().and(Err(error)))
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

//! A shell for the student inside what was just built, with the terminal handed over and taken back.

use std::env;
use std::io::stdin;
use std::path::Path;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use nix::unistd::{dup2_stderr, dup2_stdout, tcgetpgrp, tcsetpgrp};

use crate::cleanup::{Cleanup, Undo};
use crate::error::{Context, Result};
use crate::kernel::place::Place;
use crate::kernel::{kill, process};

/// Runs an interactive shell in `place` on the terminal that is our standard input, until the
/// student leaves it. What it left in the background is killed at the end of the run.
///
/// # Errors
/// [`Place::enter`]'s, execve(2)'s; [`crate::error::Error::Interrupted`].
pub fn open(cleanup: &mut Cleanup, place: &Place) -> Result<()> {
    let run = Undo::KillRun { token: cleanup.token().to_owned() };
    let mark = format!("LAB_RUN={}", cleanup.token());
    cleanup.record(run)?;
    let terminal = stdin();
    let settings = tcgetattr(&terminal).context("tcgetattr", "stdin")?;
    // A terminal that does not control this session has no foreground group to give back.
    let group = tcgetpgrp(&terminal).ok();
    let pid = place.births(|flags| {
        process::start(flags, || {
            dup2_stdout(&terminal).context("dup2", "stdout")?;
            dup2_stderr(&terminal).context("dup2", "stderr")?;
            place.enter()?;
            let mut environment: Vec<String> = env::vars()
                .filter(|(name, _)| !(place.has_root() && name.starts_with("LC_")))
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            environment.extend([mark, "PS1=lab# ".to_owned()]);
            process::exec(
                Path::new("/bin/bash"),
                &["bash", "--norc", "--noprofile", "-i"],
                &environment,
            )
        })
    })?;
    let ended = process::wait(pid);
    if ended.is_err() {
        kill::child(pid);
    }
    // Taking the terminal back from the background would stop us with SIGTTOU otherwise.
    let ttou: SigSet = [Signal::SIGTTOU].into_iter().collect();
    ttou.thread_block().context("sigprocmask", "SIGTTOU")?;
    let group = group.map_or(Ok(()), |group| tcsetpgrp(&terminal, group));
    let group = group.context("tcsetpgrp", "stdin");
    let settings = tcsetattr(&terminal, SetArg::TCSADRAIN, &settings).context("tcsetattr", "stdin");
    ttou.thread_unblock().context("sigprocmask", "SIGTTOU")?;
    ended.and(group).and(settings)
}

//! A shell for the student inside what was just built, with the terminal handed over and taken back.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::stdin;
use std::path::Path;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use nix::unistd::{dup2_stderr, dup2_stdout, tcgetpgrp, tcsetpgrp};

use crate::error::{Context, Result};
use crate::kernel::cleanup::{Cleanup, Undo};
use crate::visit::child;
use crate::visit::place::Place;

/// With an empty `HISTFILE` bash keeps no history; unset, it would cut the student's own `~/.bash_history` down to 500
/// lines at its end.
const NO_HISTORY: &str = "HISTFILE";
const PROMPT: &str = "PS1";
/// The run that a process belongs to.
const MARK: &str = "LAB_RUN";
/// What would set the prompt anew, or write the history.
const AGAINST_OURS: &str = "PROMPT_COMMAND";

/// Runs an interactive shell in `place` on the terminal that is our standard input, until the
/// student leaves it; `prompt` says where that is. What it left in the background is killed at the end of the run.
///
/// A PID namespace of its own would end all of that with it. But it would be one wall more than the
/// step has built: in a chroot the student is to see, and to be able to kill, the processes outside, and
/// `$$` is to be the number that `/proc` and `cgroup.procs` show.
///
/// # Errors
/// [`Place::enter`]'s, execve(2)'s; [`crate::error::Error::Interrupted`].
pub fn open(cleanup: &mut Cleanup, place: &Place, prompt: &str) -> Result<()> {
    let run = Undo::KillRun { token: cleanup.token().to_owned() };
    let environment = environment(place, cleanup.token(), prompt);
    cleanup.record(run)?;
    let terminal = stdin();
    let settings = tcgetattr(&terminal).context("tcgetattr", "stdin")?;
    // A terminal that does not control this session has no foreground group to give back.
    let group = tcgetpgrp(&terminal).ok();
    let pid = place.births(|flags| {
        child::start(flags, || {
            dup2_stdout(&terminal).context("dup2", "stdout")?;
            dup2_stderr(&terminal).context("dup2", "stderr")?;
            place.enter()?;
            child::exec(
                Path::new("/bin/bash"),
                &["bash", "--norc", "--noprofile", "-i"],
                &environment,
            )
        })
    })?;
    let ended = child::wait(pid);
    if ended.is_err() {
        child::end(pid);
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

/// Our environment, whatever bytes it has, with what is the shell's own.
fn environment(place: &Place, token: &str, prompt: &str) -> Vec<OsString> {
    let ours = [(NO_HISTORY, ""), (PROMPT, prompt), (MARK, token)];
    let is_ours = |name: &OsStr| name == AGAINST_OURS || ours.iter().any(|(ours, _)| name == *ours);
    // Another root has no files for the locale.
    let is_lost = |name: &OsStr| place.has_root() && name.as_encoded_bytes().starts_with(b"LC_");
    let entry = |mut name: OsString, value: &OsStr| {
        name.push("=");
        name.push(value);
        name
    };
    env::vars_os()
        .filter(|(name, _)| !is_ours(name) && !is_lost(name))
        .map(|(name, value)| entry(name, &value))
        .chain(ours.iter().map(|(name, value)| entry(name.into(), value.as_ref())))
        .collect()
}

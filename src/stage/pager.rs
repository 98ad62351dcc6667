//! Text that is longer than a screen, page by page.

use std::env;
use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use dialoguer::console::Term;

use crate::error::{Context, Result};
use crate::stage::output;

/// Writes `lines`; where they do not fit a person's terminal, through `$PAGER`, else less(1), else as they are. Under sudo
/// nobody's variable says what root runs, and less is told to start nothing (`LESSSECURE`).
///
/// # Errors
/// The output's; execve(2)'s, but that there is no such program; write(2)'s.
pub fn show(lines: &[String]) -> Result<()> {
    let rows = usize::from(Term::stdout().size().0);
    if !output::is_terminal() || lines.len() < rows {
        return output::lines(lines);
    }
    let asked = env::var_os("PAGER").filter(|pager| !pager.is_empty() && !is_sudo());
    let program = asked.unwrap_or_else(|| OsString::from("less"));
    let mut pager = Command::new("sh");
    // As other programs take it: a command line.
    pager.arg("-c").arg("exec $0").arg(&program).stdin(Stdio::piped());
    // Colours as they are, and the text stays on the screen.
    pager.env("LESS", "-FRX").env("LESSSECURE", "1");
    let mut child = match which(&program) {
        true => pager.spawn().context("execve", "sh")?,
        false => return output::lines(lines),
    };
    if let Some(mut input) = child.stdin.take() {
        let text = lines.join("\n") + "\n";
        match input.write_all(text.as_bytes()) {
            // Who has read enough closes it.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            other => other.context("write", "pager")?,
        }
    }
    child.wait().context("wait", "pager").map(drop)
}

fn is_sudo() -> bool {
    env::var_os("SUDO_UID").is_some()
}

/// Whether the first word of a command line is a program.
fn which(command: &OsString) -> bool {
    let command = command.to_string_lossy();
    let Some(program) = command.split_whitespace().next() else { return false };
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

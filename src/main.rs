//! `lab`: see a container's parts being built on the real kernel, one step at a time, each claim
//! proven from the kernel's own files.

use std::io::{Write, stderr};
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

mod by_hand;
mod cleanup;
mod cli;
mod course;
mod doctor;
mod error;
mod event;
mod guide;
mod hint;
mod interrupt;
mod journal;
mod judge;
mod kernel;
mod lab;
#[path = "../labs/mod.rs"]
mod labs;
mod netlink;
mod probe;
mod progress;
mod reset;
mod rootless;
mod scene;
mod stage;
mod state;
mod text;
mod verify;
mod wire;

use cli::{Invocation, Task};
use error::{Error, Result};
use stage::keyboard::Keyboard;
use text::visible;

/// The exit status when a check failed.
const CHECK_FAILED: u8 = 1;

fn main() -> ExitCode {
    // A panic is caught below and said in one line.
    panic::set_hook(Box::new(|_| {}));
    let arguments: Vec<String> =
        std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    cli::language(&arguments).choose();
    kernel::confine::note_inherited();
    let outcome =
        panic::catch_unwind(AssertUnwindSafe(|| cli::parse(&arguments).and_then(perform)))
            .unwrap_or_else(|payload| Err(Error::from_panic(payload.as_ref())));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(CHECK_FAILED),
        Err(error) => {
            complain(&error);
            ExitCode::from(error.exit_status())
        }
    }
}

/// Does what was asked; `false` when a check failed.
fn perform(Invocation { task, yes, format, privilege }: Invocation) -> Result<bool> {
    let keyboard = || if yes { None } else { Keyboard::find() };
    match task {
        Task::Course => course::show(format, privilege, keyboard().is_some()),
        Task::Run(lab) => {
            interrupt::install()?;
            scene::play(lab, privilege, stage::make(format, keyboard()).as_mut())
                .map(|score| score.failed == 0)
        }
        Task::Verify { labs, whose, wanted } => {
            interrupt::install()?;
            verify::run(&labs, whose, &wanted, privilege, format)
        }
        Task::Hint { lab, wanted } => {
            interrupt::install()?;
            hint::give(lab, &wanted).map(|()| true)
        }
        Task::Guide(lab) => guide::show(lab).map(|()| true),
        Task::Reset(labs) => reset::run(&labs, format).map(|()| true),
        Task::Doctor => doctor::show(format).map(|()| true),
        Task::Completions(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut cli::command(), "lab", &mut script);
            stage::output::write(&String::from_utf8_lossy(&script)).map(|()| true)
        }
        Task::Manual => {
            let mut page = Vec::new();
            clap_mangen::Man::new(cli::command())
                .render(&mut page)
                .map_err(|error| Error::Broken(format!("man: {error}")))?;
            stage::output::write(&String::from_utf8_lossy(&page)).map(|()| true)
        }
        Task::Print(text) => stage::output::write(&text).map(|()| true),
    }
}

/// One line on standard error: what happened, and what mends it.
pub fn complain(error: &Error) {
    // Nothing is left to tell it to when standard error is closed as well.
    let _ = writeln!(stderr(), "lab: {}", visible(&error.line()));
}

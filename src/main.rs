//! `lab`: see a container's parts being built on the real kernel, one step at a time, each claim
//! proven from the kernel's own files.

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

mod cli;
mod commands;
mod error;
mod interrupt;
mod kernel;
mod lab;
#[path = "../labs/mod.rs"]
mod labs;
mod probe;
mod signal;
mod stage;
mod text;
mod visit;

use cli::{Invocation, Task};
use commands::{carry, course, doctor, guide, hint, progress, reset, verify};
use error::{CHECK_FAILED, Context, Error, Result};
use lab::play;
use stage::keyboard::Keyboard;
use stage::output;
use stage::saved::Saved;

fn main() -> ExitCode {
    // A panic is caught below and said in one line.
    panic::set_hook(Box::new(|_| {}));
    let arguments: Vec<String> =
        std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    cli::language(&arguments).choose();
    visit::confine::note_inherited();
    let outcome =
        panic::catch_unwind(AssertUnwindSafe(|| cli::parse(&arguments).and_then(perform)))
            .unwrap_or_else(|payload| Err(Error::from_panic(payload.as_ref())));
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            output::complain(&error);
            ExitCode::from(error.exit_status())
        }
    }
}

/// Does what was asked; the exit status.
fn perform(invocation: Invocation) -> Result<u8> {
    interrupt::survive_file_limit()?;
    // Nothing of these has to be undone or is left unsaid: whoever reads no further has read enough.
    let listing = !matches!(
        invocation.task,
        Task::Run { .. } | Task::Verify { .. } | Task::Watch { .. } | Task::Reset(_)
    );
    match fulfil(invocation) {
        Err(Error::OutputClosed) if listing => Ok(0),
        ended => ended,
    }
}

fn fulfil(Invocation { task, yes, format, privilege }: Invocation) -> Result<u8> {
    let keyboard = || if yes { None } else { Keyboard::find() };
    let status = |held: bool| if held { 0 } else { CHECK_FAILED };
    match task {
        Task::Course => course::show(format, privilege, keyboard().is_some()).map(status),
        Task::Run { lab, from, asks, save } => {
            interrupt::install()?;
            let keyboard = keyboard();
            let is_watched = keyboard.is_some();
            let mut stage = stage::make(format, keyboard, asks);
            let score = match save {
                None => play::play(lab, privilege, stage.as_mut(), from)?,
                Some(path) => {
                    let mut saved = Saved::new(stage.as_mut(), &path)?;
                    play::play(lab, privilege, &mut saved, from)?
                }
            };
            if is_watched {
                progress::keep_watched(lab.id, &score)?;
            }
            Ok(status(score.failed == 0))
        }
        Task::Steps(lab) => course::steps(lab, format, privilege).map(|()| 0),
        Task::Verify { labs, whose, wanted, explain } => {
            interrupt::install()?;
            verify::run(&labs, whose, &wanted, privilege, (format, explain))
        }
        Task::Export => carry::export().map(|()| 0),
        Task::Import(file) => carry::import(&file).map(|()| 0),
        Task::Watch { lab, wanted } => {
            interrupt::install()?;
            verify::watch::run(lab, &wanted, format)
        }
        Task::Hint { lab, wanted } => {
            interrupt::install()?;
            hint::give(lab, &wanted).map(|()| 0)
        }
        Task::Guide(lab, asked) => guide::show(lab, &asked).map(|()| 0),
        Task::Reset(labs) => reset::run(&labs, format).map(|()| 0),
        Task::Doctor => doctor::show(format).map(|()| 0),
        Task::Completions(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut cli::command(), "lab", &mut script);
            stage::output::write(&String::from_utf8_lossy(&script)).map(|()| 0)
        }
        Task::Manual => {
            let page = cli::manual::page().context("write", "memory")?;
            stage::output::write(&page).map(|()| 0)
        }
        Task::Print(text) => stage::output::write(&text).map(|()| 0),
    }
}

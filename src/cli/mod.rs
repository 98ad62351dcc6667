//! The command line, in the reader's language.

mod grammar;

use clap::ArgMatches;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap_complete::Shell;

use crate::by_hand::Wanted;
use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::labs;
use crate::probe::need::{self, Privilege};
use crate::stage::Format;
use crate::text;
use crate::text::{Language, Text};
use crate::verify::Whose;

pub use grammar::command;

/// What is to be done.
pub enum Task {
    /// Show the course.
    Course,
    /// Run a lab.
    Run(&'static dyn Lab),
    /// Judge labs; all of them where none is named.
    Verify {
        /// Which.
        labs: Vec<&'static dyn Lab>,
        /// Whose work.
        whose: Whose,
        /// Which of several.
        wanted: Wanted,
    },
    /// Give the next hint.
    Hint {
        /// For which lab.
        lab: &'static dyn Lab,
        /// For which of several.
        wanted: Wanted,
    },
    /// Print a lab's handout.
    Guide(&'static dyn Lab),
    /// Undo what a killed run left.
    Reset(Vec<&'static dyn Lab>),
    /// Say what this machine can do.
    Doctor,
    /// Print a shell's completion script.
    Completions(Shell),
    /// Print the manual page, for man(1).
    Manual,
    /// Print the help, or the version, that was asked for.
    Print(String),
}

/// A parsed command line.
pub struct Invocation {
    /// What is to be done.
    pub task: Task,
    /// Do not pause.
    pub yes: bool,
    /// How to show it.
    pub format: Format,
    /// How labs come by what only root may do.
    pub privilege: Privilege,
}

/// The language that the arguments ask for, looked at before all else, because help and errors
/// speak it too.
pub fn language(arguments: &[String]) -> Language {
    let asked = arguments.iter().enumerate().find_map(|(at, argument)| {
        let value = match argument.strip_prefix("--lang") {
            Some("") => arguments.get(at + 1)?,
            Some(rest) => rest.strip_prefix('=')?,
            None => return None,
        };
        Language::named(value)
    });
    asked.unwrap_or_else(Language::from_environment)
}

/// Reads the command line; `arguments` begins with the program's name.
///
/// # Errors
/// [`Error::Usage`] in one line, with what to type instead.
pub fn parse(arguments: &[String]) -> Result<Invocation> {
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return explain(&error),
    };
    let format = match matches.get_one::<String>("format").map(String::as_str) {
        Some("json") => Format::Json,
        Some("plain") => Format::Plain,
        Some("junit") => Format::Junit,
        _ => Format::Human,
    };
    let task = match matches.subcommand() {
        None => Task::Course,
        Some(("verify", sub)) => verify(sub)?,
        Some(("hint", sub)) => Task::Hint { lab: the_one(sub)?, wanted: wanted(sub)? },
        Some(("guide", sub)) => Task::Guide(the_one(sub)?),
        Some(("reset", sub)) => Task::Reset(chosen(sub)),
        Some(("doctor", _)) => Task::Doctor,
        Some(("manual", _)) => Task::Manual,
        Some(("completions", sub)) => {
            Task::Completions(sub.get_one("shell").copied().unwrap_or(Shell::Bash))
        }
        Some((name, _)) => labs::ALL
            .iter()
            .find(|lab| lab.id() == name)
            .map(|lab| Task::Run(*lab))
            .ok_or_else(|| Error::Broken(format!("no such command: {name}")))?,
    };
    if format == Format::Junit && !matches!(task, Task::Verify { .. }) {
        return Err(Error::usage(
            Text::new("only `lab verify` speaks JUnit", "JUnit은 `lab verify`에서만 됩니다"),
            Text::new("use --format json", "--format json을 쓰십시오"),
        ));
    }
    let privilege = privilege(&matches)?;
    Ok(Invocation { task, yes: matches.get_flag("yes"), format, privilege })
}

/// What was insisted on, else what the user comes by.
fn privilege(matches: &ArgMatches) -> Result<Privilege> {
    if matches.get_flag("root") {
        need::require_root()?;
    }
    match matches.get_flag("rootless") {
        true => Ok(Privilege::Rootless),
        false => Ok(Privilege::of_the_user()),
    }
}

fn verify(matches: &ArgMatches) -> Result<Task> {
    let (labs, wanted) = (chosen(matches), wanted(matches)?);
    if wanted.is_any() && labs.len() != 1 {
        return Err(Error::usage(
            Text::new(
                "--pid and --dir mean the work of one lab",
                "--pid와 --dir은 실습 하나의 결과를 가리킵니다",
            ),
            Text::new("name that lab", "실습 이름을 함께 적으십시오"),
        ));
    }
    let whose =
        match (matches.get_flag("by-hand") || wanted.is_any(), matches.get_flag("reference")) {
            (_, true) => Whose::Reference,
            (true, false) => Whose::ByHand,
            (false, false) => Whose::Either,
        };
    Ok(Task::Verify { labs, whose, wanted })
}

fn wanted(matches: &ArgMatches) -> Result<Wanted> {
    let dir = matches.get_one::<String>("dir").map(String::as_str);
    Wanted::new(matches.get_one("pid").copied(), dir)
}

fn the_one(matches: &ArgMatches) -> Result<&'static dyn Lab> {
    let lab = chosen(matches).first().copied();
    lab.ok_or_else(|| Error::Broken("a lab's name was lost".to_owned()))
}

fn chosen(matches: &ArgMatches) -> Vec<&'static dyn Lab> {
    let names: Vec<&String> = matches.get_many("labs").into_iter().flatten().collect();
    let all = labs::ALL.iter().copied();
    all.filter(|lab| names.is_empty() || names.iter().any(|name| *name == lab.id())).collect()
}

/// clap's error as one line in the reader's language; help and version are no errors.
fn explain(error: &clap::Error) -> Result<Invocation> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(all)) => all.first().cloned().unwrap_or_default(),
        _ => String::new(),
    };
    let wrong =
        [ContextKind::InvalidSubcommand, ContextKind::InvalidValue, ContextKind::InvalidArg]
            .map(text)
            .into_iter()
            .find(|word| !word.is_empty())
            .unwrap_or_default();
    let near =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue, ContextKind::SuggestedArg]
            .map(text)
            .into_iter()
            .find(|word| !word.is_empty());
    let reason = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let (task, privilege) = (Task::Print(error.to_string()), Privilege::of_the_user());
            return Ok(Invocation { task, yes: false, format: Format::Human, privilege });
        }
        ErrorKind::InvalidSubcommand => {
            text!("there is no lab `{wrong}`", "`{wrong}`(이)라는 실습은 없습니다")
        }
        ErrorKind::InvalidValue => {
            text!("`{wrong}` is not possible here", "`{wrong}`은(는) 쓸 수 없는 값입니다")
        }
        ErrorKind::MissingRequiredArgument => {
            text!("{wrong} is missing", "{wrong}이(가) 빠졌습니다")
        }
        _ => text!("`{wrong}` is not expected here", "`{wrong}`은(는) 여기에 올 수 없습니다"),
    };
    let mend = match near {
        Some(near) => text!("did you mean `{near}`?", "혹시 `{near}`입니까?"),
        None => {
            Text::new("`lab --help` shows what there is", "`lab --help`에 전체 목록이 있습니다")
        }
    };
    Err(Error::usage(reason, mend))
}

//! The command line, in the reader's language.

mod complaint;
mod given;
mod grammar;
mod help;
pub mod manual;

use clap::ArgMatches;
use clap::error::ErrorKind;
use clap_complete::Shell;

use crate::commands::verify::Whose;
use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::lab::goal::Wanted;
use crate::labs;
use crate::probe::need::{self, Privilege};
use crate::stage::Format;
use crate::text::{Language, Text};

use given::Given;
pub use grammar::command;

/// What is to be done.
pub enum Task {
    /// Show the course.
    Course,
    /// Run a lab.
    Run(&'static Lab),
    /// Judge labs; all of them where none is named.
    Verify {
        /// Which.
        labs: Vec<&'static Lab>,
        /// Whose work.
        whose: Whose,
        /// Which of several.
        wanted: Wanted,
    },
    /// Give the next hint.
    Hint {
        /// For which lab.
        lab: &'static Lab,
        /// For which of several.
        wanted: Wanted,
    },
    /// Print a lab's handout.
    Guide(&'static Lab),
    /// Undo what a killed run left.
    Reset(Vec<&'static Lab>),
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
        Err(error) => {
            let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                    Ok(Invocation::of(Task::Print(help::laid_out(&error.to_string()))))
                }
                _ => Err(complaint::of(&error, &words)),
            };
        }
    };
    if let Some(("help", sub)) = matches.subcommand() {
        let command = sub.get_one::<String>("command").cloned();
        let asked = [Some("lab".to_owned()), command, Some("--help".to_owned())];
        return parse(&asked.into_iter().flatten().collect::<Vec<String>>());
    }
    let given = Given::new(&matches);
    given.must_mean_something()?;
    let task = task(&matches)?;
    let named = given.value("format").unwrap_or_else(|| "human".to_owned());
    let format = Format::named(&named).unwrap_or(Format::Human);
    match &task {
        // Everybody would get all points.
        Task::Verify { whose: Whose::Reference, .. } if format.is_graded() => {
            return Err(complaint::exclude("--reference", &format!("--format {named}")));
        }
        Task::Verify { .. } => {}
        _ if format.is_of_verdicts_alone() => return Err(complaint::no_verdicts()),
        _ => {}
    }
    // Who asks for the list wants no more than that.
    let yes = given.flag("yes") || matches.subcommand_name() == Some("list");
    Ok(Invocation { task, yes, format, privilege: privilege(&given)? })
}

impl Invocation {
    /// What takes no options.
    fn of(task: Task) -> Invocation {
        let privilege = Privilege::of_the_user();
        Invocation { task, yes: false, format: Format::Human, privilege }
    }
}

fn task(matches: &ArgMatches) -> Result<Task> {
    Ok(match matches.subcommand() {
        None | Some(("list", _)) => Task::Course,
        Some(("verify", sub)) => verify(sub)?,
        Some(("hint", sub)) => Task::Hint { lab: the_one(sub)?, wanted: wanted(sub)? },
        Some(("guide", sub)) => Task::Guide(the_one(sub)?),
        Some(("reset", sub)) => Task::Reset(chosen(sub)),
        Some(("doctor", _)) => Task::Doctor,
        Some(("manual", _)) => Task::Manual,
        Some(("completions", sub)) => {
            Task::Completions(sub.get_one("shell").copied().unwrap_or(Shell::Bash))
        }
        Some((name, _)) => labs::all()
            .find(|lab| lab.id == name)
            .map(Task::Run)
            .ok_or_else(|| Error::Broken(format!("no such command: {name}")))?,
    })
}

/// What was insisted on, else what the user comes by.
fn privilege(given: &Given<'_>) -> Result<Privilege> {
    match (given.flag("root"), given.flag("rootless")) {
        (true, true) => Err(complaint::exclude("--root", "--rootless")),
        (true, false) => need::require_root().map(|()| Privilege::of_the_user()),
        (false, true) => Ok(Privilege::Rootless),
        (false, false) => Ok(Privilege::of_the_user()),
    }
}

fn verify(matches: &ArgMatches) -> Result<Task> {
    let (labs, wanted) = (chosen(matches), wanted(matches)?);
    if wanted.is_any() && labs.len() != 1 {
        return Err(Error::usage(
            Text::new(
                "--pid, --dir and --netns mean the work of one lab",
                "--pid, --dir, --netns는 실습 하나의 결과를 가리킵니다",
            ),
            Text::new("name that lab", "실습 이름을 함께 적으십시오"),
        ));
    }
    let whose =
        match (matches.get_flag("reference"), matches.get_flag("by-hand") || is_named(matches)) {
            (true, _) => Whose::Reference,
            (false, true) => Whose::ByHand,
            (false, false) => Whose::Begun,
        };
    Ok(Task::Verify { labs, whose, wanted })
}

fn wanted(matches: &ArgMatches) -> Result<Wanted> {
    let dir = matches.get_one::<String>("dir").map(String::as_str);
    let netns = matches.get_many::<String>("netns").into_iter().flatten();
    let netns: Vec<&str> = netns.map(String::as_str).collect();
    Wanted::new(matches.get_one("pid").copied(), dir, &netns)
}

/// Whether labs are named.
fn is_named(matches: &ArgMatches) -> bool {
    matches.get_many::<String>("labs").is_some()
}

fn the_one(matches: &ArgMatches) -> Result<&'static Lab> {
    let lab = chosen(matches).first().copied();
    lab.ok_or_else(|| Error::Broken("a lab's name was lost".to_owned()))
}

fn chosen(matches: &ArgMatches) -> Vec<&'static Lab> {
    let names: Vec<&String> = matches.get_many("labs").into_iter().flatten().collect();
    let all = labs::all();
    all.filter(|lab| names.is_empty() || names.iter().any(|name| *name == lab.id)).collect()
}

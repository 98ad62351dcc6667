//! The command line, in the reader's language.

mod complaint;
mod given;
mod grammar;
mod help;
pub mod manual;

use std::path::PathBuf;

use clap::ArgMatches;
use clap::error::ErrorKind;
use clap_complete::Shell;

use crate::commands::guide::Asked;
use crate::commands::verify::Whose;
use crate::error::{Error, Result};
use crate::lab::goal::Wanted;
use crate::lab::{Lab, Step, play};
use crate::labs;
use crate::probe::need::{self, Privilege};
use crate::stage::Format;
use crate::text;
use crate::text::{Language, Text, visible};

use given::Given;
pub use grammar::command;

/// What is to be done.
pub enum Task {
    /// Show the course.
    Course,
    /// Run a lab.
    Run {
        /// Which.
        lab: &'static Lab,
        /// The number of the first step that is shown.
        from: usize,
        /// Whether the reader is asked to predict.
        asks: bool,
        /// The file in which what is shown is kept as well.
        save: Option<PathBuf>,
    },
    /// List a lab's steps.
    Steps(&'static Lab),
    /// Judge labs; all of them where none is named.
    Verify {
        /// Which.
        labs: Vec<&'static Lab>,
        /// Whose work.
        whose: Whose,
        /// Which of several.
        wanted: Wanted,
        /// Whether to say what was read.
        explain: bool,
    },
    /// Judge a lab again and again.
    Watch {
        /// Which.
        lab: &'static Lab,
        /// Which of several.
        wanted: Wanted,
    },
    /// Write progress to standard output.
    Export,
    /// Take in progress from a file.
    Import(String),
    /// Give the next hint.
    Hint {
        /// For which lab.
        lab: &'static Lab,
        /// For which of several.
        wanted: Wanted,
    },
    /// Show a lab's handout.
    Guide(&'static Lab, Asked),
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
    let privilege = privilege(&given)?;
    let task = task(&matches, privilege)?;
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
    Ok(Invocation { task, yes, format, privilege })
}

impl Invocation {
    /// What takes no options.
    fn of(task: Task) -> Invocation {
        let privilege = Privilege::of_the_user();
        Invocation { task, yes: false, format: Format::Human, privilege }
    }
}

fn task(matches: &ArgMatches, privilege: Privilege) -> Result<Task> {
    Ok(match matches.subcommand() {
        None | Some(("list", _)) => Task::Course,
        Some(("verify", sub)) => verify(sub)?,
        Some(("hint", sub)) => Task::Hint { lab: the_one(sub)?, wanted: wanted(sub)? },
        Some(("progress", sub)) => match sub.subcommand() {
            Some(("import", file)) => {
                Task::Import(file.get_one::<String>("file").cloned().unwrap_or_default())
            }
            _ => Task::Export,
        },
        Some(("guide", sub)) => Task::Guide(the_one(sub)?, asked(sub)),
        Some(("reset", sub)) => Task::Reset(chosen(sub)),
        Some(("doctor", _)) => Task::Doctor,
        Some(("manual", _)) => Task::Manual,
        Some(("completions", sub)) => {
            Task::Completions(sub.get_one("shell").copied().unwrap_or(Shell::Bash))
        }
        Some((name, sub)) => {
            let lab = labs::all().find(|lab| lab.id == name);
            let lab = lab.ok_or_else(|| Error::Broken(format!("no such command: {name}")))?;
            match sub.get_flag("steps") {
                true => Task::Steps(lab),
                false => Task::Run {
                    lab,
                    from: from(lab, sub, privilege)?,
                    asks: !sub.get_flag("no-questions"),
                    save: sub.get_one::<PathBuf>("save").cloned(),
                },
            }
        }
    })
}

/// The step that is asked for, by its number or its name.
fn from(lab: &'static Lab, matches: &ArgMatches, privilege: Privilege) -> Result<usize> {
    let Some(asked) = matches.get_one::<String>("from") else { return Ok(play::FIRST) };
    let number = |(at, step): (usize, &Step)| {
        let number = at + play::FIRST;
        (step.id == asked || *asked == number.to_string()).then_some(number)
    };
    lab.steps(privilege).enumerate().find_map(number).ok_or_else(|| {
        let (name, asked) = (lab.id, visible(asked));
        Error::usage(
            text!("{name} has no step {asked}", "{name} 실습에는 {asked} 단계가 없습니다"),
            text!(
                "`lab {name} --steps` lists them",
                "`lab {name} --steps`로 목록을 볼 수 있습니다"
            ),
        )
    })
}

fn asked(matches: &ArgMatches) -> Asked {
    Asked {
        all: matches.get_flag("all"),
        part: matches.get_one::<usize>("part").copied(),
        answers: matches.get_flag("answers"),
    }
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
    if matches.get_flag("watch") {
        let [lab] = labs.as_slice() else {
            return Err(Error::usage(
                Text::new("--watch looks at one lab", "--watch는 실습 하나만 지켜봅니다"),
                Text::new("name that lab", "실습 이름을 함께 적으십시오"),
            ));
        };
        return Ok(Task::Watch { lab, wanted });
    }
    let whose =
        match (matches.get_flag("reference"), matches.get_flag("by-hand") || is_named(matches)) {
            (true, _) => Whose::Reference,
            (false, true) => Whose::ByHand,
            (false, false) => Whose::Begun,
        };
    let explain = matches.get_flag("explain");
    Ok(Task::Verify { labs, whose, wanted, explain })
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

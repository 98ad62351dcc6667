//! The command line, in the reader's language. The subcommands come from [`labs::ALL`].

use clap::builder::{PossibleValuesParser, StyledStr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};
use clap_complete::Shell;

use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::labs;
use crate::stage::Format;
use crate::text;
use crate::text::{Language, Text};

/// What is to be done.
pub enum Task {
    /// Show the course.
    Course,
    /// Run a lab.
    Run(&'static dyn Lab),
    /// Run labs unattended and judge them; all of them where none is named.
    Verify(Vec<&'static dyn Lab>),
    /// Undo what a killed run left.
    Reset(Vec<&'static dyn Lab>),
    /// Say what this machine can do.
    Doctor,
    /// Print a shell's completion script.
    Completions(Shell),
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
}

fn options() -> [Arg; 3] {
    [
        Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).global(true).help(
            Text::new("Do not pause between steps", "단계 사이에서 멈추지 않습니다").to_string(),
        ),
        Arg::new("lang")
            .long("lang")
            .value_name("LANG")
            .value_parser(PossibleValuesParser::new(["en", "ko"]))
            .hide_possible_values(true)
            .global(true)
            .help(
                Text::new(
                    "Speak en or ko; else LAB_LANG, else the locale",
                    "en 또는 ko로 말합니다. 없으면 LAB_LANG, 그다음 로캘을 따릅니다",
                )
                .to_string(),
            ),
        Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .value_parser(PossibleValuesParser::new(["human", "plain", "json"]))
            .hide_possible_values(true)
            .default_value("human")
            .hide_default_value(true)
            .global(true)
            .help(
                Text::new(
                    "Show it as human (default), plain or json",
                    "human(기본), plain, json 가운데 하나로 보여 줍니다",
                )
                .to_string(),
            ),
    ]
}

fn lab_names(help: Text) -> Arg {
    Arg::new("labs")
        .value_name("LAB")
        .num_args(0..)
        .value_parser(PossibleValuesParser::new(labs::ALL.iter().map(|lab| lab.id())))
        .hide_possible_values(true)
        .help(help.to_string())
}

/// The whole command line, as clap sees it.
pub fn command() -> Command {
    let sub = |name: &'static str, about: Text| Command::new(name).about(about.to_string());
    Command::new("lab")
        .version(env!("CARGO_PKG_VERSION"))
        .about(
            Text::new(
                "See a container's parts being built on the real kernel, step by step",
                "컨테이너의 부품을 실제 커널 위에 한 단계씩 만들어 봅니다",
            )
            .to_string(),
        )
        .disable_help_subcommand(true)
        .help_template(help_template())
        .subcommand_help_heading(Text::new("Commands", "명령").to_string())
        .next_help_heading(Text::new("Options", "옵션").to_string())
        .args(options())
        .subcommands(labs::ALL.iter().map(|lab| sub(lab.id(), lab.title())))
        .subcommand(
            sub(
                "verify",
                Text::new(
                    "Run the labs unattended and judge every claim",
                    "실습을 멈추지 않고 실행하며 모든 주장을 판정합니다",
                ),
            )
            .arg(lab_names(Text::new("Which labs; all of them if none", "실습 이름. 없으면 전부"))),
        )
        .subcommand(
            sub(
                "reset",
                Text::new(
                    "Undo what a killed run left; touch nothing else",
                    "강제 종료된 실행이 남긴 것만 되돌립니다",
                ),
            )
            .arg(lab_names(Text::new("Which labs; all of them if none", "실습 이름. 없으면 전부"))),
        )
        .subcommand(sub(
            "doctor",
            Text::new(
                "Say what this machine can and cannot do",
                "이 머신에서 되는 것과 안 되는 것을 알려 줍니다",
            ),
        ))
        .subcommand(
            sub(
                "completions",
                Text::new("Print a completion script", "자동 완성 스크립트를 출력합니다"),
            )
            .arg(
                Arg::new("shell")
                    .value_name("SHELL")
                    .required(true)
                    .value_parser(clap::value_parser!(Shell))
                    .help("bash, zsh, fish, elvish, powershell"),
            ),
        )
}

fn help_template() -> StyledStr {
    let usage = Text::new("Usage", "사용법");
    StyledStr::from(format!("{{about}}\n\n{usage}: {{usage}}\n\n{{all-args}}"))
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
        _ => Format::Human,
    };
    let task = match matches.subcommand() {
        None => Task::Course,
        Some(("verify", sub)) => Task::Verify(chosen(sub)),
        Some(("reset", sub)) => Task::Reset(chosen(sub)),
        Some(("doctor", _)) => Task::Doctor,
        Some(("completions", sub)) => {
            Task::Completions(sub.get_one("shell").copied().unwrap_or(Shell::Bash))
        }
        Some((name, _)) => labs::ALL
            .iter()
            .find(|lab| lab.id() == name)
            .map(|lab| Task::Run(*lab))
            .ok_or_else(|| Error::Broken(format!("no such command: {name}")))?,
    };
    Ok(Invocation { task, yes: matches.get_flag("yes"), format })
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
            let task = Task::Print(error.to_string());
            return Ok(Invocation { task, yes: false, format: Format::Human });
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

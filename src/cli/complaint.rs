//! What is wrong with a command line, in one line of the reader's language.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::grammar::command;
use crate::error::Error;
use crate::labs;
use crate::stage::Format;
use crate::text;
use crate::text::Text;

/// clap's error; `words` is what was typed.
pub fn of(error: &clap::Error, words: &[&str]) -> Error {
    let all = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(all)) => all.clone(),
        _ => Vec::new(),
    };
    let wrong =
        [ContextKind::InvalidSubcommand, ContextKind::InvalidValue, ContextKind::InvalidArg];
    let wrong = wrong.into_iter().flat_map(all).find(|word| !word.is_empty()).unwrap_or_default();
    let near =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue, ContextKind::SuggestedArg];
    let near = near.into_iter().flat_map(all).find(|near| is_slip(&wrong, near));
    let known = command();
    let named = words.iter().find(|word| known.find_subcommand(word).is_some()).copied();
    let reason = match error.kind() {
        ErrorKind::ArgumentConflict => {
            let other = all(ContextKind::PriorArg).into_iter().next().unwrap_or_default();
            return exclude(&option(&wrong), &option(&other));
        }
        ErrorKind::InvalidSubcommand => {
            text!("there is no lab `{wrong}`", "`{wrong}`: 없는 실습입니다")
        }
        ErrorKind::InvalidValue
            if Format::named(&wrong).is_some_and(Format::is_of_verdicts_alone) =>
        {
            return no_verdicts();
        }
        ErrorKind::InvalidValue => {
            text!("`{wrong}` is not possible here", "`{wrong}`: 사용할 수 없는 값입니다")
        }
        ErrorKind::MissingRequiredArgument => {
            text!("{wrong} is missing", "{wrong} 인수가 빠졌습니다")
        }
        ErrorKind::MissingSubcommand => {
            let command = named.and_then(|name| known.find_subcommand(name));
            let verbs = command.into_iter().flat_map(|command| command.get_subcommands());
            let verbs = verbs.map(|verb| verb.get_name()).collect::<Vec<_>>().join(", ");
            text!("one of these is missing: {verbs}", "다음 중 하나가 빠졌습니다: {verbs}")
        }
        ErrorKind::UnknownArgument if near.is_none() => return not_taken(named, &wrong),
        _ => text!("`{wrong}` is not expected here", "`{wrong}`: 여기에는 쓸 수 없는 인수입니다"),
    };
    let possible = match error.kind() {
        ErrorKind::InvalidSubcommand => labs::all().map(|lab| lab.id.to_owned()).collect(),
        _ => all(ContextKind::ValidValue),
    };
    Error::usage(reason, mend(near, &possible, named))
}

/// Two options that cannot both be meant.
pub fn exclude(one: &str, other: &str) -> Error {
    Error::usage(
        text!("{one} and {other} exclude each other", "{one}, {other}: 함께 쓸 수 없는 옵션입니다"),
        Text::new("leave one of them out", "둘 중 하나만 쓰십시오"),
    )
}

/// A grader's format holds verdicts, and nothing else.
pub fn no_verdicts() -> Error {
    Error::usage(
        Text::new(
            "only `lab verify` speaks JUnit and other formats of graders",
            "JUnit 등 채점용 형식은 `lab verify`에서만 쓸 수 있습니다",
        ),
        Text::new("use --format json", "--format json을 쓰십시오"),
    )
}

/// An argument that means nothing to `command`.
pub fn not_taken(command: Option<&str>, argument: &str) -> Error {
    let lab = command.map_or_else(|| "lab".to_owned(), |command| format!("lab {command}"));
    Error::usage(
        text!(
            "`{lab}` takes no `{argument}`",
            "`{lab}` 명령에 쓸 수 없는 인수입니다: `{argument}`"
        ),
        text!("`{lab} --help` shows what it takes", "쓸 수 있는 인수는 `{lab} --help`에 있습니다"),
    )
}

/// The nearest that is possible, else all of it, else where to look.
fn mend(near: Option<String>, possible: &[String], command: Option<&str>) -> Text {
    let help = command.map_or_else(|| "lab --help".to_owned(), |name| format!("lab {name} --help"));
    let all = possible.join(", ");
    match near {
        Some(near) => text!("did you mean `{near}`?", "혹시 `{near}`입니까?"),
        None if all.is_empty() => {
            text!("`{help}` shows what there is", "`{help}`에 전체 목록이 있습니다")
        }
        None => text!(
            "say one of {all}; `{help}` says more",
            "쓸 수 있는 것: {all}. 자세한 것은 `{help}`에 있습니다"
        ),
    }
}

/// `--pid <PID>` as it is typed: `--pid`.
fn option(shown: &str) -> String {
    shown.split(' ').next().unwrap_or_default().to_owned()
}

/// Whether somebody who typed `wrong` can have meant `near`: a letter or two are wrong, in a long word. clap
/// would take `docker` for `doctor`.
fn is_slip(wrong: &str, near: &str) -> bool {
    strsim::osa_distance(wrong, near) <= (near.len() / 5).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_not_another_word() {
        assert!(is_slip("chrot", "chroot") && is_slip("overaly", "overlay"));
        assert!(is_slip("cpu-sahre", "cpu-shares") && is_slip("--fromat", "--format"));
        assert!(!is_slip("docker", "doctor") && !is_slip("podman", "manual"));
    }
}

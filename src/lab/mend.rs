//! Commands that mend, put together from a student's own names.

use std::ffi::OsStr;
use std::path::Path;

use nix::unistd::Pid;

use crate::probe::namespace;
use crate::visit::kind::Kind;

/// `value` as one word of a shell, quoted where it must be. None for what a terminal would obey, or no terminal
/// could be made to type: a command with that in it is none that anybody should copy.
pub fn word(value: impl AsRef<OsStr>) -> Option<String> {
    let text = value.as_ref().to_str()?;
    // What is shown otherwise than it is holds letters that mislead.
    let is_plain = !text.is_empty() && crate::text::visible(text) == text;
    is_plain.then(|| shlex::try_quote(text).ok().map(|quoted| quoted.into_owned())).flatten()
}

/// A command: `words`, each [quoted](word).
pub fn command<S: AsRef<OsStr>>(words: &[S]) -> Option<String> {
    let words: Option<Vec<String>> = words.iter().map(word).collect();
    Some(words?.join(" "))
}

/// Commands that are typed one after the other; all of them or none.
pub fn after_each_other(commands: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    joined(commands, "; ")
}

/// Commands of which each is typed when the one before has done its part; all of them or none.
pub fn steps(commands: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    joined(commands, " && ")
}

fn joined(commands: impl IntoIterator<Item = Option<String>>, between: &str) -> Option<String> {
    let commands: Option<Vec<String>> = commands.into_iter().collect();
    commands.filter(|commands| !commands.is_empty()).map(|commands| commands.join(between))
}

/// `echo TEXT` into a file, with the operator that says how; `text` is ours.
pub fn echo(text: &str, into: &str, file: &Path) -> Option<String> {
    Some(format!("echo {text} {into} {}", word(file)?))
}

/// What stands before a command that is to work in a namespace of `pid` (man 1 nsenter; `kind` is its option):
/// in its user namespace too, where that is another than ours.
pub fn entering(pid: Pid, kind: &str) -> Vec<String> {
    let is_apart = namespace::is_apart(pid, Kind::User).unwrap_or(false);
    let user: &[&str] = if is_apart { &["--user", "--preserve-credentials"] } else { &[] };
    let target = pid.to_string();
    [&["nsenter", "--target", &target], user, &[kind]]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        assert_eq!(command(&["cp", "a b", "$HOME"]).unwrap(), "cp 'a b' '$HOME'");
        assert_eq!(command(&["it's"]).unwrap(), "\"it's\"");
        assert_eq!(command(&["rm", "/tmp/\u{1b}[2J"]), None);
        assert_eq!(command(&["rm", "a\nb"]), None);
        assert_eq!(after_each_other([command(&["a"]), None]), None);
    }
}

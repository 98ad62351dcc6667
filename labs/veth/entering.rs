//! How a command gets into a student's namespace, typed in the shell of whoever asks.

use std::path::Path;

use nix::unistd::Pid;

use super::cable::{holder, through};
use super::checks::OURS;
use crate::lab::goal::NAMES;
use crate::lab::mend;

/// What stands before a command that is to work in a namespace, typed in the shell of whoever asks.
struct Way {
    words: Vec<String>,
    /// The name by which `ip` itself goes there.
    name: Option<String>,
}

/// How to get into the namespace that `file` holds.
fn way(file: &Path) -> Option<Way> {
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let name = |file: &Path| Some(file.strip_prefix(NAMES).ok()?.to_str()?.to_owned());
    if file == Path::new(OURS) {
        return Some(Way { words: Vec::new(), name: None });
    }
    if let Some(pid) = holder(file) {
        let pid = Pid::from_raw(pid.parse().ok()?);
        return Some(Way { words: mend::entering(pid, "--net"), name: None });
    }
    if let Some((pid, inside)) = through(file) {
        let mut words = mend::entering(pid, "--mount");
        let name = name(&inside);
        if name.is_none() {
            words.extend(["nsenter".to_owned(), format!("--net={}", inside.to_str()?)]);
        }
        return Some(Way { words, name });
    }
    match name(file) {
        Some(name) => Some(Way { words: Vec::new(), name: Some(name) }),
        None => Some(Way {
            words: words(&["nsenter", &format!("--net={}", file.to_str()?)]),
            name: None,
        }),
    }
}

/// `ip` with `words`, in the namespace that `file` holds.
pub fn ip(file: &Path, words: &[&str]) -> Option<String> {
    let Way { words: mut all, name } = way(file)?;
    all.push("ip".to_owned());
    all.extend(name.into_iter().flat_map(|name| ["-n".to_owned(), name]));
    all.extend(words.iter().map(|word| (*word).to_owned()));
    mend::command(&all)
}

/// Another program in there.
pub fn run(file: &Path, words: &[&str]) -> Option<String> {
    let Way { words: mut all, name } = way(file)?;
    if let Some(name) = name {
        all.extend(["ip", "netns", "exec"].map(str::to_owned));
        all.push(name);
    }
    all.extend(words.iter().map(|word| (*word).to_owned()));
    mend::command(&all)
}

/// What `ip link` takes for the namespace that `file` holds: a name, a process, or a file. A shell takes `$$` for its own
/// number.
pub fn target(file: &Path) -> Option<String> {
    if file == Path::new(OURS) {
        return Some("$$".to_owned());
    }
    let inside = through(file).map(|(_, inside)| inside);
    let path = inside.as_deref().unwrap_or(file);
    mend::word(holder(path).map_or_else(|| path.strip_prefix(NAMES).unwrap_or(path), Path::new))
}

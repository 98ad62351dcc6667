//! Several that look like a lab's work: which is meant, the user has to say.

use colored::Colorize;
use serde::Serialize;

use crate::lab::goal::Candidate;
use crate::stage::layout;
use crate::text;
use crate::text::{Text, visible};

/// Of more than these, the likeliest are shown.
const SHOWN: usize = 12;

/// One of several.
#[derive(Debug, Serialize)]
pub struct Named {
    /// A process of it.
    pid: Option<i32>,
    /// A directory of it.
    dir: Option<String>,
    what: Text,
    origin: Text,
    /// What to type behind `lab verify LAB` to mean this one and no other; none where it has no such words.
    words: Option<String>,
}

impl Named {
    /// How `one` is told from the others.
    pub fn of(one: &Candidate) -> Named {
        let pid = one.subject.pid.or_else(|| one.pids.first().copied());
        Named {
            pid: pid.map(nix::unistd::Pid::as_raw),
            dir: one.dirs.first().map(|dir| visible(&dir.to_string_lossy())),
            what: one.what.clone(),
            origin: one.origin.name(),
            words: one.words.clone(),
        }
    }

    /// What it is, and what to type for `command` to mean it.
    pub fn lines(&self, command: &str, lab: &str) -> Vec<String> {
        let typed = self.typed(command, lab).map(|typed| format!("    {typed}"));
        [format!("  {}", self.row())].into_iter().chain(typed).collect()
    }

    fn row(&self) -> Text {
        let Named { what, origin, .. } = self;
        text!("{what} (from {origin})", "{what} (출처: {origin})")
    }

    fn typed(&self, command: &str, lab: &str) -> Option<String> {
        // Who came by sudo needs it again.
        let sudo = if std::env::var_os("SUDO_UID").is_some() { "sudo " } else { "" };
        self.words.as_ref().map(|words| format!("{sudo}lab {command} {lab} {words}"))
    }
}

/// Each with the words that select it for `command`, as they are to be typed.
pub fn lines(command: &str, lab: &str, all: &[Named]) -> Vec<String> {
    let mut lines = Vec::new();
    for one in all.iter().take(SHOWN) {
        lines.extend(layout::wrap(&one.row().to_string(), layout::columns(), "  ", "    "));
        // Never wrapped: it is there to be copied.
        lines.extend(one.typed(command, lab).map(|typed| format!("    {}", typed.bold())));
    }
    if let Some(more) = all.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("  {}", text!("and {more} more", "그 밖에 {more}개")));
    }
    lines
}

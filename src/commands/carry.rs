//! `lab progress export`, `lab progress import FILE`: progress that moves to another machine.

use std::fs::OpenOptions;
use std::io::{Read, stdin};
use std::path::Path;

use crate::commands::progress::{self, Book, MOST_BYTES, Progress};
use crate::error::{Context, Error, Result};
use crate::kernel::files;
use crate::stage::output;
use crate::text;
use crate::text::{Text, shortened, visible};

/// Writes the book to standard output.
///
/// # Errors
/// [`progress::read`]'s; the output's.
pub fn export() -> Result<()> {
    let book = progress::read()?;
    let json = serde_json::to_string_pretty(&book)?;
    output::lines([json])
}

/// Takes in what [`export`] has written elsewhere: from `file`, or from standard input where that is `-`. Of two that know
/// the same, the later counts.
///
/// # Errors
/// open(2)'s, read(2)'s; [`Error::Usage`] for a file that is no book; [`progress::change`]'s.
pub fn import(file: &str) -> Result<()> {
    let shown = visible(file);
    let mut bytes = Vec::new();
    match file {
        "-" => stdin().take(MOST_BYTES + 1).read_to_end(&mut bytes),
        _ => {
            let opened = files::open_regular(Path::new(file), OpenOptions::new().read(true))?;
            opened.take(MOST_BYTES + 1).read_to_end(&mut bytes)
        }
    }
    .context("read", &shown)?;
    let book = Some(bytes).filter(|bytes| bytes.len() as u64 <= MOST_BYTES);
    let book: Option<Book> = book.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let book = book.ok_or_else(|| {
        Error::usage(
            text!("{shown} holds no progress", "{shown}: 진도 파일이 아닙니다"),
            Text::new(
                "write one with `lab progress export`",
                "`lab progress export`로 만든 파일을 지정하십시오",
            ),
        )
    })?;
    let names = book.keys().cloned().collect::<Vec<_>>().join(", ");
    let names = shortened(&visible(&names));
    progress::change(|own| {
        for (lab, theirs) in book {
            own.entry(lab).or_default().take_in(theirs);
        }
    })?;
    let said = text!("taken in: {names}", "가져온 진도: {names}");
    output::lines([said.to_string()])
}

impl Progress {
    /// Takes in what `other` knows beyond this.
    fn take_in(&mut self, other: Progress) {
        for (check, at) in other.proven {
            let known = self.proven.entry(check).or_insert(at);
            *known = at.max(*known);
        }
        for (check, given) in other.hints {
            let known = self.hints.entry(check).or_default();
            *known = given.max(*known);
        }
        self.watched = self.watched.into_iter().chain(other.watched).max_by_key(|it| it.at);
    }
}

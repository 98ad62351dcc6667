//! Standard output, where a reader that went away is an error like any other and never a panic; and complaints, on standard
//! error.

use std::io::{self, ErrorKind, IsTerminal, Write};

use dialoguer::console::Term;

use crate::error::{Context, Error, Result};
use crate::stage::layout;
use crate::text::visible;

/// Whether a person looks at standard output.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Writes `text` and makes it seen at once.
///
/// # Errors
/// [`Error::OutputClosed`] when nobody reads any more; write(2)'s, such as ENOSPC.
pub fn write(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Error::OutputClosed),
        other => other.context("write", "stdout"),
    }
}

/// Writes lines.
///
/// # Errors
/// As for [`write()`].
pub fn lines<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> Result<()> {
    let mut text = String::new();
    for line in lines {
        text.push_str(line.as_ref());
        text.push('\n');
    }
    write(&text)
}

/// One line on standard error: what happened, and what mends it. A terminal would wrap it anywhere.
pub fn complain(error: &Error) {
    // Nothing is left to tell it to when standard error is closed as well.
    let line = visible(&error.line());
    let _ = match layout::columns_of(&Term::stderr()) {
        Some(columns) => {
            writeln!(io::stderr(), "{}", layout::wrap(&line, columns, "lab: ", "     ").join("\n"))
        }
        None => writeln!(io::stderr(), "lab: {line}"),
    };
}

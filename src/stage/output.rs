//! Standard output, where a reader that went away is an error like any other and never a panic.

use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::error::{Context, Error, Result};

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

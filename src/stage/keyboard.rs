//! One key at a time from the terminal, without Enter.

use std::io::{IsTerminal, stdin};
use std::os::fd::AsFd;

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::read;

use crate::error::{Context, Error, Result};
use crate::interrupt;
use crate::lab::event::Next;

/// The terminal that is our standard input.
#[derive(Debug)]
pub struct Keyboard {
    _private: (),
}

/// Gives the terminal its settings back.
struct Restore(Termios);

impl Drop for Restore {
    fn drop(&mut self) {
        // The terminal may be gone (SIGHUP); then nothing is left to restore.
        let _ = tcsetattr(stdin(), SetArg::TCSADRAIN, &self.0);
    }
}

impl Keyboard {
    /// The keyboard, if standard input is a terminal.
    pub fn find() -> Option<Keyboard> {
        stdin().is_terminal().then_some(Keyboard { _private: () })
    }

    /// Waits for a key that means something: Enter or space, `s` (where `shell`), `r`, `q`.
    /// Ctrl-C is a signal and arrives as one; a closed terminal (Ctrl-D) means `q`.
    ///
    /// # Errors
    /// [`Error::Interrupted`]; tcsetattr(3)'s, read(2)'s.
    pub fn next(&self, shell: bool) -> Result<Next> {
        let terminal = stdin();
        let settings = tcgetattr(&terminal).context("tcgetattr", "stdin")?;
        let _restore = Restore(settings.clone());
        let mut raw = settings;
        // ISIG stays: Ctrl-C is to arrive as SIGINT.
        raw.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        tcsetattr(&terminal, SetArg::TCSADRAIN, &raw).context("tcsetattr", "stdin")?;
        loop {
            if !interrupt::wait(Some(terminal.as_fd()), None)? {
                continue;
            }
            let mut key = [0];
            if read(&terminal, &mut key).context("read", "stdin")? == 0 {
                return Err(Error::Quit);
            }
            match &key {
                b"\n" | b"\r" | b" " => return Ok(Next::Continue),
                b"s" | b"S" if shell => return Ok(Next::Shell),
                b"r" | b"R" => return Ok(Next::CheckAgain),
                b"q" | b"Q" | b"\x04" => return Ok(Next::Quit),
                _ => {}
            }
        }
    }
}

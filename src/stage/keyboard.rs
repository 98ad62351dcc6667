//! One key at a time from the terminal, without Enter.

use std::io::{IsTerminal, stdin};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::read;

use crate::error::{Context, Error, Result};
use crate::interrupt;
use crate::lab::event::{Next, Pause};

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

/// A key, by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// It says what is next.
    Next(Next),
    /// It asks which keys there are.
    Help,
    /// It means nothing here.
    Unknown,
}

/// How long after a key that means nothing what follows it belongs to it: the rest of a word, or of the bytes that an
/// arrow sends.
const REST: Duration = Duration::from_millis(120);

/// The terminal while it gives us key by key.
pub struct Listening {
    _restore: Restore,
}

impl Keyboard {
    /// The keyboard, if standard input is a terminal.
    pub fn find() -> Option<Keyboard> {
        stdin().is_terminal().then_some(Keyboard { _private: () })
    }

    /// Begins to listen. What was typed before is thrown away: it was no answer to what is shown from here on.
    ///
    /// # Errors
    /// tcsetattr(3)'s.
    pub fn listen(&self) -> Result<Listening> {
        let terminal = stdin();
        let settings = tcgetattr(&terminal).context("tcgetattr", "stdin")?;
        let mut raw = settings.clone();
        // ISIG stays: Ctrl-C is to arrive as SIGINT.
        raw.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        let restore = Restore(settings);
        tcsetattr(&terminal, SetArg::TCSAFLUSH, &raw).context("tcsetattr", "stdin")?;
        Ok(Listening { _restore: restore })
    }
}

impl Listening {
    /// Waits for a key: Enter, `s` (where there is a place for a shell), `b` (where there is a step to go back to), `r`,
    /// `q`, `?`. Ctrl-C is a signal and arrives as one; a closed terminal (Ctrl-D) means `q`.
    ///
    /// # Errors
    /// [`Error::Interrupted`], [`Error::Quit`]; read(2)'s.
    pub fn key(&self, pause: Pause) -> Result<Key> {
        let key = loop {
            if let Some(key) = read_one(None)? {
                break key;
            }
        };
        let next = match key {
            b'\n' | b'\r' => Next::Continue,
            b'S' if pause.other_shell => Next::OtherShell,
            b's' | b'S' if pause.shell => Next::Shell,
            b'b' | b'B' if pause.back => Next::Back,
            b'r' | b'R' => Next::CheckAgain,
            b'q' | b'Q' | b'\x04' => Next::Quit,
            b'?' => return Ok(Key::Help),
            _ => {
                while read_one(Some(REST))?.is_some() {}
                return Ok(Key::Unknown);
            }
        };
        Ok(Key::Next(next))
    }
}

impl Listening {
    /// Waits for one of `answers` answers, by its number: which, from 0. Enter passes it over.
    ///
    /// # Errors
    /// As for [`Listening::key`]; `q` is [`Error::Quit`].
    pub fn choice(&self, answers: usize) -> Result<Option<usize>> {
        loop {
            let Some(key) = read_one(None)? else { continue };
            let chosen = usize::from(key.wrapping_sub(b'1'));
            match key {
                b'\n' | b'\r' => return Ok(None),
                b'q' | b'Q' | b'\x04' => return Err(Error::Quit),
                _ if chosen < answers => return Ok(Some(chosen)),
                _ => while read_one(Some(REST))?.is_some() {},
            }
        }
    }
}

/// The next byte, if one comes in time.
fn read_one(patience: Option<Duration>) -> Result<Option<u8>> {
    let terminal = stdin();
    if !interrupt::wait(Some(terminal.as_fd()), patience)? {
        return Ok(None);
    }
    let mut key = [0];
    match read(&terminal, &mut key).context("read", "stdin")? {
        0 => Err(Error::Quit),
        _ => Ok(key.first().copied()),
    }
}

//! Where a run is shown: each file here reads the one stream of [`Event`]s its own way.

pub mod human;
pub mod json;
pub mod keyboard;
pub mod layout;
pub mod output;
pub mod recorder;
pub mod table;

use crate::error::Result;
use crate::event::Event;

/// What the reader wants after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next step.
    Continue,
    /// A shell inside what was just built.
    Shell,
    /// The checks of this step again.
    CheckAgain,
    /// Stop here and clean up.
    Quit,
}

/// Where a run waits for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The step that was just done, counted from 1.
    pub number: usize,
    /// Whether it is the last.
    pub last: bool,
    /// Whether there is a place for a shell.
    pub shell: bool,
}

/// An output.
pub trait Stage {
    /// Shows an event.
    ///
    /// # Errors
    /// [`crate::error::Error::OutputClosed`] when nobody reads any more; write(2)'s.
    fn show(&mut self, event: &Event) -> Result<()>;

    /// Waits for the reader. Without a terminal it is [`Next::Continue`] at once.
    ///
    /// # Errors
    /// [`crate::error::Error::Interrupted`]; as for [`Stage::show`].
    fn pause(&mut self, pause: Pause) -> Result<Next>;
}

/// How to show a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a person: colour and moving bars, on a terminal.
    Human,
    /// For a person without them: a log, a screen reader.
    Plain,
    /// For a program: one event a line.
    Json,
    /// For a grader: JUnit XML, of verdicts alone.
    Junit,
}

/// The stage for `format`; it pauses when `keyboard` is there.
pub fn make(format: Format, keyboard: Option<keyboard::Keyboard>) -> Box<dyn Stage> {
    match format {
        Format::Human => Box::new(human::Human::new(keyboard, output::is_terminal())),
        Format::Plain => Box::new(human::Human::new(keyboard, false)),
        Format::Json | Format::Junit => Box::new(json::Json::new(keyboard)),
    }
}

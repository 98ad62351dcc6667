//! The one stream that everything a lab says goes through. A lab never prints; each stage in
//! [`crate::stage`] reads these.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::lab::around::Try;
use crate::lab::check::Bar;
use crate::lab::debrief::Debrief;
use crate::lab::finding::Finding;
use crate::lab::question::Question;
use crate::text::Text;

/// One thing that happened in a run, in order.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run begins.
    LabStarted {
        /// The lab's identifier, as on the command line.
        lab: &'static str,
        /// What it is about.
        title: Text,
        /// How many steps will follow.
        steps: usize,
        /// The pid of this process: what it does can be looked at under `/proc/PID`.
        pid: i32,
    },
    /// Something left by an earlier run that was killed was undone before this one began.
    Mended {
        /// What was undone, one line each.
        undone: Vec<Text>,
    },
    /// A step begins: what is about to happen, and why.
    StepStarted {
        /// Counted from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// A name that stays the same over languages.
        id: &'static str,
        /// The step in one line.
        title: Text,
        /// What and why.
        why: Text,
        /// Where it is met.
        met: Text,
    },
    /// What will the kernel show? Only where there is a terminal.
    Asked {
        /// The question's identifier.
        question: &'static str,
        /// What is asked.
        ask: Text,
        /// The answers to choose among.
        answers: Vec<Text>,
    },
    /// The kernel has answered what was asked, and predicted.
    Answered {
        /// The question's identifier.
        question: &'static str,
        /// The answer that was predicted.
        predicted: Text,
        /// The right one.
        right: Text,
        /// Whether they are the same.
        holds: bool,
    },
    /// The shell command that does the same.
    Shell {
        /// As a student would type it; may be several lines.
        command: String,
        /// Whether it does what the step does in a shell that has typed those before it. What names a
        /// process of this run is only to be read.
        typed: bool,
    },
    /// What the kernel shows.
    Observed {
        /// What is looked at.
        caption: Text,
        /// The figures, or the lines.
        view: View,
    },
    /// A measurement under way, or (`done`) finished.
    Measured {
        /// What is measured.
        caption: Text,
        /// One for each of those that compete.
        bars: Vec<Bar>,
        /// Whether these are the final figures.
        done: bool,
    },
    /// A claim was held against the kernel.
    Checked(Box<Finding>),
    /// Something did not work, and the run goes on.
    Complained {
        /// What happened, and what to do about it.
        line: String,
    },
    /// A shell was opened inside what was just built.
    ShellOpened {
        /// Where one is in there, and whose files these are.
        place: Text,
        /// What is worth trying.
        tries: &'static [Try],
    },
    /// The reader has left it.
    ShellLeft {
        /// The checks of this step that passed before and do not any more.
        broken: Vec<&'static str>,
    },
    /// The run waits for a key; only where there is a terminal.
    Paused {
        /// The step that was just done, counted from 1.
        number: usize,
        /// Whether it is the last: Enter then ends the run.
        last: bool,
        /// Whether there is a step to go back to.
        back: bool,
        /// Whether there is a place for a shell.
        shell: bool,
    },
    /// All was proven: where this is met again. The last thing before the end.
    Debriefed(&'static Debrief),
    /// The run is over and everything it made is gone.
    LabFinished {
        /// The lab's identifier.
        lab: &'static str,
        /// Checks that passed, by their last verdict.
        passed: usize,
        /// Checks that failed.
        failed: usize,
        /// Which these are.
        failed_checks: Vec<&'static str>,
        /// Checks that could not be told.
        unknown: usize,
        /// How many answers of the kernel were predicted.
        predicted: usize,
        /// Of how many.
        asked: usize,
        /// How many things were undone.
        undone: usize,
    },
}

impl Event {
    /// An error that does not end the run.
    pub fn complaint(error: &Error) -> Event {
        Event::Complained { line: error.line() }
    }
}

/// What an observation looks like.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// More than one figure: a head and rows.
    Table {
        /// A title for each column.
        head: Vec<Text>,
        /// The cells.
        rows: Vec<Vec<Text>>,
    },
    /// What a program printed, or a drawing, line by line.
    Lines(Vec<Text>),
}

impl View {
    /// A table to which [`View::row`] adds.
    pub fn table<const N: usize>(head: [Text; N]) -> View {
        View::Table { head: head.into(), rows: Vec::new() }
    }

    /// The same table with one row more.
    #[must_use]
    pub fn row<const N: usize>(mut self, cells: [Text; N]) -> View {
        if let View::Table { rows, .. } = &mut self {
            rows.push(cells.into());
        }
        self
    }

    /// The lines of a text that needs no translation.
    pub fn lines(text: &str) -> View {
        View::Lines(text.lines().map(Text::plain).collect())
    }
}

/// What the reader wants after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next step.
    Continue,
    /// A shell inside what was just built.
    Shell,
    /// A shell on its other side.
    OtherShell,
    /// The checks of this step again.
    CheckAgain,
    /// The step before this one again.
    Back,
    /// Stop here and clean up.
    Quit,
}

/// Where a run waits for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The step that was just done, counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Whether there is a place for a shell.
    pub shell: bool,
    /// Whether there is another.
    pub other_shell: bool,
    /// Whether there is a step to go back to.
    pub back: bool,
}

impl Pause {
    /// Whether it is after the last step.
    pub fn is_last(&self) -> bool {
        self.number == self.of
    }
}

/// A question, and the step before which it is asked.
#[derive(Clone, Copy)]
pub struct Card {
    /// The number of the step, from 1.
    pub number: usize,
    /// How many steps there are.
    pub of: usize,
    /// The step in one line.
    pub title: &'static Text,
    /// The question.
    pub question: &'static Question,
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

    /// Asks what the kernel will show: the answer that is chosen, from 0. None where it is passed over, and where nobody
    /// is asked.
    ///
    /// # Errors
    /// As for [`Stage::pause`].
    fn ask(&mut self, card: Card) -> Result<Option<usize>>;
}

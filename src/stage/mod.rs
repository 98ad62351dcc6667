//! Where a run is shown: each file here reads the one stream of [`Event`](crate::lab::event::Event)s its own way.

pub mod human;
pub mod json;
pub mod keyboard;
pub mod layout;
pub mod output;
pub mod pager;
mod prompt;
pub mod recorder;
pub mod table;

use crate::lab::event::Stage;

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

/// The stage for `format`; it pauses when `keyboard` is there, and then asks questions, where `asks`.
pub fn make(format: Format, keyboard: Option<keyboard::Keyboard>, asks: bool) -> Box<dyn Stage> {
    match format {
        Format::Human => Box::new(human::Human::new(keyboard, output::is_terminal(), asks)),
        Format::Plain => Box::new(human::Human::new(keyboard, false, asks)),
        Format::Json | Format::Junit => Box::new(json::Json::new(keyboard, asks)),
    }
}

//! Where a run is shown: each file here reads the one stream of [`Event`](crate::lab::event::Event)s its own way.

pub mod human;
pub mod json;
pub mod keyboard;
pub mod layout;
pub mod output;
pub mod pager;
mod prompt;
pub mod recorder;
pub mod saved;
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
    /// For Classroom 50: its `result.json`.
    Classroom50,
    /// For Gradescope: its `results.json`.
    Gradescope,
}

impl Format {
    /// The names of those in which anything can be shown.
    pub const OF_ANYTHING: [&str; 3] = ["human", "plain", "json"];
    /// The names of those in which verdicts can be shown.
    pub const OF_VERDICTS: [&str; 6] =
        ["human", "plain", "json", "junit", "classroom50", "gradescope"];

    /// The one with this name, as on the command line.
    pub fn named(name: &str) -> Option<Format> {
        Some(match name {
            "human" => Format::Human,
            "plain" => Format::Plain,
            "json" => Format::Json,
            "junit" => Format::Junit,
            "classroom50" => Format::Classroom50,
            "gradescope" => Format::Gradescope,
            _ => return None,
        })
    }

    /// Whether it holds verdicts, and nothing else.
    pub fn is_of_verdicts_alone(self) -> bool {
        matches!(self, Format::Junit) || self.is_graded()
    }

    /// Whether it holds points.
    pub fn is_graded(self) -> bool {
        matches!(self, Format::Classroom50 | Format::Gradescope)
    }
}

/// The stage for `format`; it pauses when `keyboard` is there, and then asks questions, where `asks`.
pub fn make(format: Format, keyboard: Option<keyboard::Keyboard>, asks: bool) -> Box<dyn Stage> {
    match format {
        Format::Human => Box::new(human::Human::new(keyboard, output::is_terminal(), asks)),
        Format::Plain => Box::new(human::Human::new(keyboard, false, asks)),
        Format::Json | Format::Junit | Format::Classroom50 | Format::Gradescope => {
            Box::new(json::Json::new(keyboard, asks))
        }
    }
}

//! What a shell in a step is good for: where one is in there, and what is worth trying.

use serde::Serialize;

use crate::text::Text;

/// For the shell of some steps.
pub struct Around {
    /// The steps, by their names.
    pub steps: &'static [&'static str],
    /// Where one is, and whose files these are.
    pub place: Text,
    /// The same in a word, for the prompt.
    pub name: &'static str,
    /// What is worth trying there.
    pub tries: &'static [Try],
}

/// A command to try.
#[derive(Clone, Debug, Serialize)]
pub struct Try {
    /// As it is typed.
    pub command: &'static str,
    /// What it shows.
    pub what: Text,
    /// Whether it must fail.
    pub fails: bool,
}

impl Try {
    /// One that shows something.
    pub const fn new(command: &'static str, en: &'static str, ko: &'static str) -> Try {
        Try { command, what: Text::new(en, ko), fails: false }
    }

    /// One that must fail, and shows something by that.
    pub const fn failing(command: &'static str, en: &'static str, ko: &'static str) -> Try {
        Try { command, what: Text::new(en, ko), fails: true }
    }
}

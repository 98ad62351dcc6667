//! For a program: one event a line, as JSON.

use crate::error::{Error, Result};
use crate::lab::event::{Event, Next, Pause, Stage};
use crate::stage::keyboard::Keyboard;
use crate::stage::output;

/// The stream as it is.
#[derive(Debug)]
pub struct Json {
    keyboard: Option<Keyboard>,
}

impl Json {
    /// Pauses, and says so in the stream, when `keyboard` is there: a program that gives us a
    /// terminal can walk through a lab key by key.
    pub fn new(keyboard: Option<Keyboard>) -> Json {
        Json { keyboard }
    }
}

impl Stage for Json {
    fn show(&mut self, event: &Event) -> Result<()> {
        let line = serde_json::to_string(event).map_err(|e| Error::Broken(e.to_string()))?;
        output::lines([line])
    }

    fn pause(&mut self, Pause { number, last, shell }: Pause) -> Result<Next> {
        if self.keyboard.is_none() {
            return Ok(Next::Continue);
        }
        self.show(&Event::Paused { number, last })?;
        self.keyboard.as_ref().map_or(Ok(Next::Continue), |keyboard| keyboard.next(shell))
    }
}

//! For a program: one event a line, as JSON.

use crate::error::{Error, Result};
use crate::lab::event::{Event, Next, Pause, Stage};
use crate::stage::keyboard::{Key, Keyboard};
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

    fn pause(&mut self, pause: Pause) -> Result<Next> {
        let Some(keyboard) = &self.keyboard else { return Ok(Next::Continue) };
        let listening = keyboard.listen()?;
        let (number, last, back) = (pause.number, pause.is_last(), pause.back);
        let event = Event::Paused { number, last, back };
        output::lines([serde_json::to_string(&event).map_err(|e| Error::Broken(e.to_string()))?])?;
        loop {
            if let Key::Next(next) = listening.key(pause)? {
                return Ok(next);
            }
        }
    }
}

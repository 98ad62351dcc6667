//! For a program: one event a line, as JSON.

use crate::error::Result;
use crate::lab::event::{Card, Event, Next, Pause, Stage};
use crate::stage::keyboard::{Key, Keyboard};
use crate::stage::output;

/// The stream as it is.
#[derive(Debug)]
pub struct Json {
    keyboard: Option<Keyboard>,
    asks: bool,
}

impl Json {
    /// Pauses, and says so in the stream, when `keyboard` is there: a program that gives us a
    /// terminal can walk through a lab key by key. Questions are asked there, where `asks`.
    pub fn new(keyboard: Option<Keyboard>, asks: bool) -> Json {
        Json { keyboard, asks }
    }
}

impl Stage for Json {
    fn show(&mut self, event: &Event) -> Result<()> {
        line(event)
    }

    fn ask(&mut self, card: Card) -> Result<Option<usize>> {
        let Some(keyboard) = self.keyboard.as_ref().filter(|_| self.asks) else { return Ok(None) };
        let listening = keyboard.listen()?;
        let question = card.question;
        line(&Event::Asked {
            question: question.id,
            ask: question.ask.clone(),
            answers: question.answers.to_vec(),
        })?;
        listening.choice(question.answers.len())
    }

    fn pause(&mut self, pause: Pause) -> Result<Next> {
        let Some(keyboard) = &self.keyboard else { return Ok(Next::Continue) };
        let listening = keyboard.listen()?;
        let Pause { number, back, shell, .. } = pause;
        line(&Event::Paused { number, last: pause.is_last(), back, shell })?;
        loop {
            if let Key::Next(next) = listening.key(pause)? {
                return Ok(next);
            }
        }
    }
}

fn line(event: &Event) -> Result<()> {
    let line = serde_json::to_string(event)?;
    output::lines([line])
}

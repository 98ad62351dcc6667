//! For `lab verify`: nothing is shown, the findings are kept.

use crate::error::Result;
use crate::lab::event::{Card, Event, Next, Pause, Stage};
use crate::lab::finding::Finding;

/// The findings of a run, in the order in which they were made.
#[derive(Debug, Default)]
pub struct Recorder {
    /// One for each time a check was held.
    pub findings: Vec<Finding>,
}

impl Stage for Recorder {
    fn show(&mut self, event: &Event) -> Result<()> {
        if let Event::Checked(finding) = event {
            self.findings.push((**finding).clone());
        }
        Ok(())
    }

    fn pause(&mut self, _pause: Pause) -> Result<Next> {
        Ok(Next::Continue)
    }

    fn ask(&mut self, _card: Card) -> Result<Option<usize>> {
        Ok(None)
    }
}

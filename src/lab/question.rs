//! What a reader predicts before the kernel answers.

use crate::lab::check::Check;
use crate::text::Text;

/// A question before a step, which the kernel answers in that step.
pub struct Question {
    /// Unique within its lab, and the same in every language.
    pub id: &'static str,
    /// The step before which it is asked.
    pub step: &'static str,
    /// What is asked.
    pub ask: Text,
    /// Two to four answers; the wrong ones are what people believe.
    pub answers: &'static [Text],
    /// Which of them is right, from 0.
    pub right: usize,
    /// The check, proven in that step, by which the kernel shows it.
    pub shown_by: &'static Check,
}

impl Question {
    /// The answer that is right.
    pub fn answer(&self) -> Text {
        self.answers.get(self.right).cloned().unwrap_or_else(|| Text::plain(""))
    }
}

/// What was predicted for one question.
pub struct Prediction {
    question: &'static Question,
    /// The answer that was chosen, from 0; none where it was passed over.
    chosen: Option<usize>,
    /// Whether the kernel has answered.
    is_shown: bool,
}

/// All that was asked in a run.
#[derive(Default)]
pub struct Predictions(Vec<Prediction>);

impl Predictions {
    /// Whether `question` was asked already.
    pub fn has(&self, question: &Question) -> bool {
        self.0.iter().any(|known| known.question.id == question.id)
    }

    /// Keeps what was chosen.
    pub fn keep(&mut self, question: &'static Question, chosen: Option<usize>) {
        self.0.push(Prediction { question, chosen, is_shown: false });
    }

    /// `check` holds: the question that it answers, with what was predicted, the first time.
    pub fn shown_by(&mut self, check: &Check) -> Option<(&'static Question, usize)> {
        let waits = |it: &&mut Prediction| !it.is_shown && it.question.shown_by.id == check.id;
        let known = self.0.iter_mut().find(waits)?;
        known.is_shown = true;
        Some((known.question, known.chosen?))
    }

    /// How many were predicted right, of how many that were predicted and that the kernel has answered.
    pub fn score(&self) -> (usize, usize) {
        let told = self.0.iter().filter(|it| it.is_shown && it.chosen.is_some());
        let right = told.clone().filter(|it| it.chosen == Some(it.question.right));
        (right.count(), told.count())
    }
}

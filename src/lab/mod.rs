//! What a lab is, and how one is run and judged.

pub mod around;
pub mod check;
pub mod choose;
pub mod debrief;
pub mod event;
pub mod finding;
pub mod goal;
pub mod judge;
pub mod mend;
pub mod play;
pub mod question;
pub mod rootless;
pub mod scene;
mod wire;
mod witness;

use crate::error::Result;
use crate::lab::around::Around;
use crate::lab::check::Check;
use crate::lab::debrief::Debrief;
use crate::lab::goal::{Candidate, Goal, Mistake, Wanted};
use crate::lab::question::Question;
use crate::lab::scene::Scene;
use crate::probe::need::{Need, Privilege};
use crate::probe::survey::Survey;
use crate::text::Text;

/// One lab of the course: a folder under `labs/`, a subcommand. All that the course must know of it is data; how it is
/// done is one story.
pub struct Lab {
    /// The subcommand, and the name of the folder.
    pub id: &'static str,
    /// What it is about, in one line.
    pub title: Text,
    /// What the machine must offer.
    pub needs: &'static [Need],
    /// The steps, in the order in which they are taken.
    pub steps: &'static [Step],
    /// Does it, step by step. A check that fails is no error: it is shown, counted, and the lab goes on.
    ///
    /// Errors: when the kernel refuses a change, a signal arrives or the reader quits.
    pub perform: fn(&mut Scene<'_>) -> Result<()>,
    /// Everything it claims, in the order in which it proves it.
    pub checks: &'static [&'static Check],
    /// What the reader is asked to predict.
    pub questions: &'static [Question],
    /// What its shells are good for.
    pub around: &'static [Around],
    /// The same built by a student.
    pub by_hand: ByHand,
    /// What to read, and the exercise by hand, as Markdown.
    pub handout: Text,
    /// The answers to the questions at its end.
    pub answers: Text,
    /// What is said once all is proven.
    pub debrief: &'static Debrief,
}

impl Lab {
    /// Whether its first step is to become root in a user namespace.
    pub fn becomes_root(&self, privilege: Privilege) -> bool {
        privilege == Privilege::Rootless && self.needs.contains(&Need::Capabilities)
    }

    /// All steps of a run.
    pub fn steps(&self, privilege: Privilege) -> impl Iterator<Item = &Step> {
        let first = self.becomes_root(privilege).then_some(&rootless::STEP);
        first.into_iter().chain(self.steps)
    }

    /// The number of the first step that can be taken again: out of a user namespace there is no way back.
    pub fn first_to_go_back_to(&self, privilege: Privilege) -> usize {
        if self.becomes_root(privilege) { 2 } else { 1 }
    }

    /// Everything that a run claims.
    pub fn checks(&self, privilege: Privilege) -> impl Iterator<Item = &'static Check> {
        let first = if self.becomes_root(privilege) { rootless::CHECKS } else { &[] };
        first.iter().chain(self.checks).copied()
    }
}

/// A step of a lab.
pub struct Step {
    /// Unique within its lab, and the same in every language.
    pub id: &'static str,
    /// What happens, in one line.
    pub title: Text,
    /// Where the reader meets it, in one line: an option of docker, a field of Kubernetes.
    pub met: Text,
}

/// Work by hand: how it is found, and what it must meet.
pub struct ByHand {
    /// What on this machine looks like this lab, whoever made it. It goes by what the kernel shows, never by a
    /// path or a name that the course uses; what is wanted is among it even where it looks like nothing
    /// yet.
    ///
    /// Errors: open(2)'s, for what any machine has; what a process hides, or takes with it, is left out.
    pub find: fn(&Survey, &Wanted) -> Result<Vec<Candidate>>,
    /// What finished work must meet, in the order in which it is built.
    pub goals: &'static [Goal],
    /// What people get wrong, as far as it is known by what the kernel shows.
    pub mistakes: &'static [Mistake],
    /// Why nothing may have been found, where this lab can tell: whoever asks stands in it, for one.
    pub not_found: fn() -> Option<Text>,
}

//! `lab reset`: undo what a killed run left, from its journal, and touch nothing else.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::kernel::cleanup::{self, Replayed};
use crate::kernel::journal::Journal;
use crate::kernel::state;
use crate::lab::Lab;
use crate::stage::{Format, output};
use crate::text;
use crate::text::Text;

/// What came of one lab.
#[derive(Debug, Serialize)]
struct Outcome {
    lab: &'static str,
    undone: Vec<Text>,
    /// What stays, because it is somebody else's.
    kept: Vec<Text>,
    /// Why it was left alone, if it was.
    left_alone: Option<String>,
}

/// Resets each of `labs`. A lab that is running is left alone, and said so.
///
/// # Errors
/// The first thing that could not be undone; its journal stays for another try.
pub fn run(labs: &[&'static Lab], format: Format) -> Result<()> {
    let outcomes = labs.iter().map(|lab| reset(lab)).collect::<Result<Vec<_>>>()?;
    state::remove_if_empty()?;
    match format {
        Format::Json => {
            let json = serde_json::to_string(&outcomes)?;
            output::lines([json])
        }
        _ => output::lines(outcomes.iter().flat_map(lines)),
    }
}

fn reset(lab: &'static Lab) -> Result<Outcome> {
    let outcome =
        |Replayed { undone, kept }, left_alone| Outcome { lab: lab.id, undone, kept, left_alone };
    match Journal::open_existing(lab.id) {
        Ok(None) => Ok(outcome(Replayed::default(), None)),
        Ok(Some((journal, remains))) => {
            let replayed = cleanup::mend(&remains)?;
            journal.remove()?;
            Ok(outcome(replayed, None))
        }
        Err(error @ Error::Running { .. }) => {
            Ok(outcome(Replayed::default(), Some(error.to_string())))
        }
        Err(error) => Err(error),
    }
}

fn lines(outcome: &Outcome) -> Vec<String> {
    let Outcome { lab, undone, kept, left_alone } = outcome;
    if let Some(reason) = left_alone {
        let left = Text::new("left alone", "그대로 둠");
        return vec![format!("{lab}: {left}: {reason}")];
    }
    if undone.is_empty() && kept.is_empty() {
        return vec![text!("{lab}: nothing was left", "{lab}: 남은 것이 없습니다").to_string()];
    }
    undone.iter().chain(kept).map(|what| format!("{lab}: {what}")).collect()
}

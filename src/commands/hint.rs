//! `lab hint LAB`: for the first goal that is not met yet, one hint more at each call.

use crate::commands::progress;
use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::lab::check::Verdict;
use crate::lab::goal::{Goal, Wanted};
use crate::lab::judge::{self, Choice};
use crate::stage::{layout, output};
use crate::text;

/// Gives the next hint for `lab`.
///
/// # Errors
/// [`crate::error::Error::Usage`] when several look like it; the output's.
pub fn give(lab: &'static Lab, wanted: &Wanted) -> Result<()> {
    let Some(goal) = first_unmet(lab, wanted)? else {
        let name = lab.id;
        let line = text!(
            "{name}: all is proven, there is nothing left to hint at",
            "{name}: 모든 검사를 통과해 더 드릴 힌트가 없습니다"
        );
        return output::lines([line.to_string()]);
    };
    let given = progress::one_more_hint(lab.id, goal.check.id, goal.hints.len())?;
    let columns = layout::columns();
    let (id, of) = (goal.check.id, goal.hints.len());
    let claim = &goal.check.claim;
    let head = text!("{id}: {claim}", "{id}: {claim}");
    let mut lines = layout::wrap(&head.to_string(), columns, "", "  ");
    for (at, hint) in goal.hints.iter().take(given).enumerate() {
        let first = format!("  {}/{of}  ", at + 1);
        let rest = " ".repeat(first.len());
        lines.extend(layout::wrap(&hint.to_string(), columns, &first, &rest));
    }
    output::lines(lines)
}

/// The first goal that is not met by what is there; where none fails, the first about which nothing can
/// be told yet. With nothing there it is the first of all.
fn first_unmet(lab: &'static Lab, wanted: &Wanted) -> Result<Option<&'static Goal>> {
    let choice = judge::look(&[lab], wanted)?.pop();
    let choice = choice.unwrap_or_else(|| Err(Error::Broken("no choice".to_owned())));
    let candidate = match choice? {
        Choice::Nothing => return Ok(lab.by_hand.goals.first()),
        Choice::One(candidate) => candidate,
        Choice::Several(candidates) => return Err(judge::several(lab, candidates.len())),
    };
    let findings = judge::judge(lab, &candidate, &mut |_, _, _| Ok(()))?;
    let with = |verdict| findings.iter().find(|finding| finding.verdict == verdict);
    let unmet = with(Verdict::Fail).or_else(|| with(Verdict::Skip));
    Ok(unmet
        .and_then(|finding| lab.by_hand.goals.iter().find(|goal| goal.check.id == finding.check)))
}

//! `lab hint LAB`: for the first goal that is not met yet, one hint more at each call.

use crate::commands::candidates::{self, Named};
use crate::commands::progress;
use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::lab::choose;
use crate::lab::finding::{Finding, Verdict};
use crate::lab::goal::{Goal, Wanted};
use crate::lab::judge::{self, Judged};
use crate::stage::{layout, output};
use crate::text;
use crate::text::Text;

/// Gives the next hint for `lab`.
///
/// # Errors
/// [`crate::error::Error::Usage`] when several look like it; the output's.
pub fn give(lab: &'static Lab, wanted: &Wanted) -> Result<()> {
    let Some((goal, finding)) = first_unmet(lab, wanted)? else {
        let name = lab.id;
        let line = text!(
            "{name}: all is proven, there is nothing left to hint at",
            "{name}: 모든 검사를 통과해 더 드릴 힌트가 없습니다"
        );
        return output::lines([line.to_string()]);
    };
    let mut hints = goal.hints.to_vec();
    // The last is the command that mends what was seen, where one is known.
    if let (Some(last), Some(mend)) = (hints.last_mut(), finding.and_then(|it| it.mend)) {
        *last = Text::plain(mend);
    }
    let given = progress::one_more_hint(lab.id, goal.check.id, hints.len())?;
    let columns = layout::columns();
    let (id, of) = (goal.check.id, hints.len());
    let claim = &goal.check.claim;
    let head = text!("{id}: {claim}", "{id}: {claim}");
    let mut lines = layout::wrap(&head.to_string(), columns, "", "  ");
    for (at, hint) in hints.iter().take(given).enumerate() {
        let first = format!("  {}/{of}  ", at + 1);
        // Never wrapped: it is there to be copied.
        if at + 1 == of {
            lines.push(format!("{first}{hint}"));
            continue;
        }
        let rest = " ".repeat(first.len());
        lines.extend(layout::wrap(&hint.to_string(), columns, &first, &rest));
    }
    output::lines(lines)
}

/// The first goal that is not met by what is there, with what was seen of it; where none fails, the first that is not done
/// yet, then the first about which nothing can be told. With nothing there it is the first of all.
fn first_unmet(
    lab: &'static Lab,
    wanted: &Wanted,
) -> Result<Option<(&'static Goal, Option<Finding>)>> {
    let choice = choose::look(&[lab], wanted)?.pop();
    let choice = choice.unwrap_or_else(|| Err(Error::Broken("no choice".to_owned())));
    let findings = match judge::chosen(lab, choice?)? {
        Judged::Nothing => return Ok(lab.by_hand.goals.first().map(|goal| (goal, None))),
        Judged::Work(_, findings) => findings,
        Judged::Several(all) => {
            let named: Vec<Named> = all.iter().map(Named::of).collect();
            output::lines(candidates::lines("hint", lab.id, &named))?;
            return Err(choose::several(lab, all.len()));
        }
    };
    let unmet = [Verdict::Fail, Verdict::Open, Verdict::Unknown]
        .iter()
        .find_map(|verdict| findings.iter().find(|finding| finding.verdict == *verdict));
    let goal = |finding: &Finding| lab.by_hand.goals.iter().find(|it| it.check.id == finding.check);
    Ok(unmet.and_then(|finding| Some((goal(finding)?, Some(finding.clone())))))
}

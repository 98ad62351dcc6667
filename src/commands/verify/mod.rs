//! `lab verify`: what a student has built by hand is held against the labs' own checks. No lab is run, unless that is asked
//! for: `--reference`.

mod classroom50;
mod details;
mod graded;
mod gradescope;
mod human;
mod junit;
pub mod watch;

use std::time::Instant;

use serde::Serialize;

use crate::commands::candidates::Named;
use crate::commands::progress;
use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::lab::choose::{self, Choice};
use crate::lab::debrief::Debrief;
use crate::lab::finding::{Finding, Verdict};
use crate::lab::goal::{Candidate, Wanted};
use crate::lab::judge;
use crate::lab::play::{self, Score};
use crate::probe::need::Privilege;
use crate::stage::recorder::Recorder;
use crate::stage::{Format, output};
use crate::text;
use crate::text::Text;
use crate::visit::user::is_machines_root;

/// Whose work is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Work by hand, as far as there is any.
    Begun,
    /// Work by hand; that there is none is a failure.
    ByHand,
    /// The lab's own run.
    Reference,
}

/// Who built what was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Builder {
    Hand,
    Lab,
    /// Nothing was judged.
    Nobody,
}

/// What came of one lab.
#[derive(Debug, Serialize)]
struct Judged {
    lab: &'static str,
    by: Builder,
    /// What was judged, where somebody had built it by hand.
    what: Option<Text>,
    /// One for each check or goal, by its last verdict.
    findings: Vec<Finding>,
    /// Why there is no verdict, or none for all: it could not run, nothing was found, or too much.
    stopped: Option<String>,
    /// Where several were found: how each can be named.
    candidates: Vec<Named>,
    /// Where it is met again, once all of it is proven by hand.
    debrief: Option<&'static Debrief>,
    /// Whether it is a failure that nothing was found.
    #[serde(skip)]
    is_asked_for: bool,
    /// How many goals its work by hand has.
    #[serde(skip)]
    goals: u32,
}

impl Judged {
    fn new(lab: &'static Lab, by: Builder) -> Judged {
        let (findings, candidates) = (Vec::new(), Vec::new());
        let (what, stopped, debrief, is_asked_for) = (None, None, None, true);
        let goals = u32::try_from(lab.by_hand.goals.len()).unwrap_or(u32::MAX);
        Judged {
            lab: lab.id,
            by,
            what,
            findings,
            stopped,
            candidates,
            debrief,
            is_asked_for,
            goals,
        }
    }
}

/// Judges each of `labs`. The exit status is 0 when something was proven and nothing is left: by hand every goal of what
/// is judged, in a lab's own run every check that could be told. Else 1; where nothing failed, that of the first lab
/// that could not run or be looked at here, or of which it has to be said which of several is meant. For graders that
/// count points it is 0 when the document was written: they read from that how it went.
///
/// # Errors
/// [`Error::Usage`] when what was asked for is none of it; [`Error::Interrupted`]; the output's.
pub fn run(
    labs: &[&'static Lab],
    whose: Whose,
    wanted: &Wanted,
    privilege: Privilege,
    (format, explain): (Format, bool),
) -> Result<u8> {
    match format {
        Format::Classroom50 => {
            let submission = classroom50::Submission::from_environment()?;
            output::write(&submission.document(&graded(labs, wanted)?)?).map(|()| 0)
        }
        Format::Gradescope => {
            let begun = Instant::now();
            let judged = graded(labs, wanted);
            let took = begun.elapsed();
            let document = match &judged {
                Ok(all) => gradescope::document(all, took),
                Err(error) => gradescope::failed(error, took),
            };
            output::write(&document?)?;
            judged.map(|_| 0)
        }
        _ => show_all(labs, whose, wanted, privilege, (format, explain)),
    }
}

/// What is graded: work by hand, in which all that keeps it from being judged is the work's.
fn graded(labs: &[&'static Lab], wanted: &Wanted) -> Result<Vec<Judged>> {
    let judged = by_hand(labs, Whose::ByHand, wanted, |error| {
        matches!(error, Error::Untold(_) | Error::Usage { .. })
    })?;
    Ok(judged.into_iter().map(|(judged, _)| judged).collect())
}

fn show_all(
    labs: &[&'static Lab],
    whose: Whose,
    wanted: &Wanted,
    privilege: Privilege,
    (format, explain): (Format, bool),
) -> Result<u8> {
    let mut score = Score::default();
    let mut is_whole = true;
    let mut first_error = None;
    let mut all = Vec::new();
    let mut by_hand = match whose {
        Whose::Reference => Vec::new(),
        Whose::Begun | Whose::ByHand => {
            by_hand(labs, whose, wanted, |error| matches!(error, Error::Untold(_)))?
        }
    }
    .into_iter();
    for lab in labs {
        let (judged, error) = by_hand.next().map_or_else(|| by_lab(lab, privilege), Ok)?;
        judged.findings.iter().for_each(|finding| score.count(finding.verdict));
        is_whole &= error.is_none() && judged.is_whole();
        first_error = first_error.or(error);
        judged.keep()?;
        show(&judged, format, explain)?;
        all.push(judged);
    }
    match format {
        Format::Json | Format::Classroom50 | Format::Gradescope => {}
        Format::Junit => output::write(&junit::report(&all)?)?,
        Format::Human | Format::Plain => output::lines([total(&score).to_string()])?,
    }
    match first_error {
        Some(error) if score.failed + score.open == 0 => {
            // On a screen it stands beside its lab already.
            if !(matches!(format, Format::Human | Format::Plain) && output::is_terminal()) {
                output::complain(&error);
            }
            Ok(error.exit_status())
        }
        _ if is_whole && score.passed > 0 => Ok(0),
        _ => Ok(crate::error::CHECK_FAILED),
    }
}

impl Judged {
    /// Writes down what was proven by hand.
    fn keep(&self) -> Result<()> {
        if self.by == Builder::Hand { progress::keep(self.lab, &self.findings) } else { Ok(()) }
    }

    /// Whether nothing is left of it that could be done here.
    fn is_whole(&self) -> bool {
        let excused = |finding: &Finding| match finding.verdict {
            Verdict::Pass => true,
            // What a lab did itself it did, whether or not this machine can tell.
            Verdict::Unknown => self.by == Builder::Lab,
            Verdict::Fail | Verdict::Open => false,
        };
        self.findings.iter().all(excused) && (self.by != Builder::Nobody || !self.is_asked_for)
    }
}

fn show(judged: &Judged, format: Format, explain: bool) -> Result<()> {
    match format {
        Format::Json => {
            let json = serde_json::to_string(judged)?;
            output::lines([json])
        }
        // One document: written when all is known.
        Format::Junit | Format::Classroom50 | Format::Gradescope => Ok(()),
        Format::Human | Format::Plain => output::lines(human::lines(judged, explain)),
    }
}

fn total(score: &Score) -> Text {
    let Score { passed, failed, open, unknown, .. } = score;
    text!(
        "{passed} proven, {failed} failed, {open} to do, {unknown} cannot be told",
        "통과 {passed}, 실패 {failed}, 남은 것 {open}, 확인 불가 {unknown}"
    )
}

/// What came of one lab, and why there is no verdict, which does not keep others from being judged.
type Outcome = (Judged, Option<Error>);

/// Judges what was built by hand for each of `labs`. An error that `is_of_the_work` keeps that lab alone from being judged,
/// any other all.
fn by_hand(
    labs: &[&'static Lab],
    whose: Whose,
    wanted: &Wanted,
    is_of_the_work: fn(&Error) -> bool,
) -> Result<Vec<Outcome>> {
    let choices = choose::look(labs, wanted)?;
    let judge = |(lab, choice): (&&'static Lab, Result<Choice>)| match choice {
        Ok(choice) => Ok(match judge::chosen(lab, choice)? {
            judge::Judged::Work(candidate, findings) => of_hand(lab, candidate.what, findings),
            judge::Judged::Several(candidates) => too_many(lab, &candidates),
            judge::Judged::Nothing => (nothing(lab, whose == Whose::ByHand), None),
        }),
        Err(error) if is_of_the_work(&error) => {
            let mut judged = Judged::new(lab, Builder::Nobody);
            judged.stopped = Some(error.line());
            Ok((judged, Some(error)))
        }
        Err(error) => Err(error),
    };
    labs.iter().zip(choices).map(judge).collect()
}

fn of_hand(lab: &'static Lab, what: Text, findings: Vec<Finding>) -> Outcome {
    let mut judged = Judged { findings, what: Some(what), ..Judged::new(lab, Builder::Hand) };
    judged.debrief = judged.is_whole().then_some(lab.debrief);
    (judged, None)
}

/// That nothing was found, and how to begin, or why.
fn nothing(lab: &'static Lab, is_asked_for: bool) -> Judged {
    let name = lab.id;
    let line = match (lab.by_hand.not_found)() {
        Some(reason) => text!(
            "{reason}; `lab guide {name}` says how to begin",
            "{reason}. 시작하는 방법은 `lab guide {name}`에 있습니다"
        ),
        None if !is_asked_for => text!(
            "not begun; `lab guide {name}` says how",
            "시작하지 않았습니다. `lab guide {name}`에 방법이 있습니다"
        ),
        None if !is_machines_root() => text!(
            "nothing of yours was found: leave it open and verify in another terminal, or name its folder with --dir; \
             what root has built, only `sudo lab verify {name}` sees; `lab guide {name}` says how to begin",
            "직접 만든 결과를 찾지 못했습니다. 열어 둔 채 다른 터미널에서 검증하거나 --dir로 디렉터리를 지정하십시오. \
             root로 만든 것은 `sudo lab verify {name}`로 검증합니다. 시작하는 방법은 `lab guide {name}`에 있습니다"
        ),
        None => text!(
            "nothing built by hand was found: leave it open and verify in another terminal, or name its folder with \
             --dir; `lab guide {name}` says how to begin",
            "직접 만든 결과를 찾지 못했습니다. 열어 둔 채 다른 터미널에서 검증하거나 --dir로 디렉터리를 지정하십시오. \
             시작하는 방법은 `lab guide {name}`에 있습니다"
        ),
    };
    let stopped = Some(line.to_string());
    Judged { stopped, is_asked_for, ..Judged::new(lab, Builder::Nobody) }
}

fn by_lab(lab: &'static Lab, privilege: Privilege) -> Result<Outcome> {
    let mut recorder = Recorder::default();
    let error = match play::play(lab, privilege, &mut recorder, play::FIRST) {
        Ok(_) => None,
        Err(error @ Error::Interrupted(_)) => return Err(error),
        Err(error) => Some(error),
    };
    let mut judged = Judged::new(lab, Builder::Lab);
    let last = |id| recorder.findings.iter().rfind(|finding: &&Finding| finding.check == id);
    let checks = lab.checks(privilege);
    judged.findings = checks.filter_map(|check| last(check.id)).cloned().collect();
    judged.stopped = error.as_ref().map(Error::line);
    Ok((judged, error))
}

fn too_many(lab: &'static Lab, all: &[Candidate]) -> Outcome {
    let mut judged = Judged::new(lab, Builder::Nobody);
    judged.candidates = all.iter().map(Named::of).collect();
    let error = choose::several(lab, all.len());
    judged.stopped = Some(error.line());
    (judged, Some(error))
}

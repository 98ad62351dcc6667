//! `lab verify`: what a student has built by hand is held against the labs' own checks; where nothing
//! is found, the lab itself runs unattended and is judged.

mod human;
mod junit;

use serde::Serialize;

use crate::commands::progress;
use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::lab::check::Finding;
use crate::lab::goal::{Candidate, Wanted};
use crate::lab::judge::{self, Choice};
use crate::lab::play::{self, Score};
use crate::probe::need::Privilege;
use crate::stage::recorder::Recorder;
use crate::stage::{Format, output};
use crate::text;
use crate::text::Text;

/// Whose work is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Work by hand where there is any, else the lab's own run.
    Either,
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
    /// Where several were found: what `--pid` or `--dir` can name.
    candidates: Vec<Named>,
}

/// One of several that look like a lab's work.
#[derive(Debug, Serialize)]
struct Named {
    /// For `--pid`.
    pid: Option<i32>,
    /// For `--dir`.
    dir: Option<String>,
    what: Text,
    origin: Text,
}

impl Judged {
    fn new(lab: &'static Lab, by: Builder) -> Judged {
        let (findings, candidates) = (Vec::new(), Vec::new());
        Judged { lab: lab.id, by, what: None, findings, stopped: None, candidates }
    }
}

/// Judges each of `labs`; the exit status: 1 when a check failed, or when work by hand was asked for and
/// there is none, else that of the first lab that could not run here, or of which it has to be said which of
/// several is meant. All work by hand is judged first, because who has become root in a user namespace for a lab's
/// own run sees nobody else's any more.
///
/// # Errors
/// [`Error::Usage`] when what was asked for is none of it; [`Error::Interrupted`]; the output's.
pub fn run(
    labs: &[&'static Lab],
    whose: Whose,
    wanted: &Wanted,
    privilege: Privilege,
    format: Format,
) -> Result<u8> {
    let mut score = Score::default();
    let mut first_error = None;
    let mut all = Vec::new();
    let by_hand = match whose {
        Whose::Reference => labs.iter().map(|_| None).collect(),
        _ => by_hand(labs, whose, wanted)?,
    };
    for (lab, judged) in labs.iter().zip(by_hand) {
        let (judged, error) = judged.map_or_else(|| by_lab(lab, privilege), Ok)?;
        judged.findings.iter().for_each(|finding| score.count(finding.verdict));
        if judged.by == Builder::Nobody && error.is_none() {
            score.failed += 1;
        }
        first_error = first_error.or(error);
        show(&judged, format)?;
        all.push(judged);
    }
    match format {
        Format::Json => {}
        Format::Junit => output::write(&junit::report(&all)?)?,
        Format::Human | Format::Plain => output::lines([total(&score).to_string()])?,
    }
    match first_error {
        Some(error) if score.failed == 0 => {
            // On a screen it stands beside its lab already.
            if !(matches!(format, Format::Human | Format::Plain) && output::is_terminal()) {
                output::complain(&error);
            }
            Ok(error.exit_status())
        }
        _ if score.failed == 0 => Ok(0),
        _ => Ok(crate::error::CHECK_FAILED),
    }
}

fn show(judged: &Judged, format: Format) -> Result<()> {
    match format {
        Format::Json => {
            let json = serde_json::to_string(judged).map_err(|e| Error::Broken(e.to_string()))?;
            output::lines([json])
        }
        // One document: written when all is known.
        Format::Junit => Ok(()),
        Format::Human | Format::Plain => output::lines(human::lines(judged)),
    }
}

fn total(score: &Score) -> Text {
    let Score { passed, failed, skipped } = score;
    text!(
        "{passed} proven, {failed} failed, {skipped} cannot be told",
        "통과 {passed}, 실패 {failed}, 확인 불가 {skipped}"
    )
}

/// What came of one lab, and why there is no verdict, which does not keep others from being judged.
type Outcome = (Judged, Option<Error>);

/// Judges what was built by hand for each of `labs`; none where the lab itself is to be run.
fn by_hand(labs: &[&'static Lab], whose: Whose, wanted: &Wanted) -> Result<Vec<Option<Outcome>>> {
    let choices = judge::look(labs, wanted)?;
    let judge = |(lab, choice): (&&'static Lab, Result<Choice>)| match choice {
        Ok(Choice::One(candidate)) => {
            let mut judged = Judged::new(lab, Builder::Hand);
            judged.findings = judge::judge(lab, &candidate, &mut |_, _, _| Ok(()))?;
            judged.what = Some(candidate.what);
            progress::keep(lab.id, &judged.findings)?;
            Ok(Some((judged, None)))
        }
        Ok(Choice::Several(candidates)) => Ok(Some(too_many(lab, &candidates))),
        Ok(Choice::Nothing) if whose == Whose::Either => Ok(None),
        Ok(Choice::Nothing) => Ok(Some((nothing(lab), None))),
        Err(error @ Error::Untold(_)) => {
            let mut judged = Judged::new(lab, Builder::Nobody);
            judged.stopped = Some(error.line());
            Ok(Some((judged, Some(error))))
        }
        Err(error) => Err(error),
    };
    labs.iter().zip(choices).map(judge).collect()
}

fn nothing(lab: &'static Lab) -> Judged {
    let (mut judged, name) = (Judged::new(lab, Builder::Nobody), lab.id);
    let line = text!(
        "nothing built by hand was found; `lab guide {name}` says how to begin",
        "직접 만든 결과를 찾지 못했습니다. `lab guide {name}`에 시작하는 방법이 있습니다"
    );
    judged.stopped = Some(line.to_string());
    judged
}

fn by_lab(lab: &'static Lab, privilege: Privilege) -> Result<Outcome> {
    let mut recorder = Recorder::default();
    let error = match play::play(lab, privilege, &mut recorder) {
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
    let named = |one: &Candidate| Named {
        pid: one.subject.pid.or_else(|| one.pids.first().copied()).map(nix::unistd::Pid::as_raw),
        dir: one.dirs.first().map(|dir| crate::text::visible(&dir.to_string_lossy())),
        what: one.what.clone(),
        origin: one.origin.name(),
    };
    judged.candidates = all.iter().map(named).collect();
    let error = judge::several(lab, all.len());
    judged.stopped = Some(error.line());
    (judged, Some(error))
}

//! Work by hand: what on this machine looks like a lab's, which of it is meant, and what is still
//! missing. It is held against the same checks as a lab's own run.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use crate::error::{Error, Result};
use crate::lab::{Check, Finding, Lab, Seen, Subject, Verdict, Watch};
use crate::probe::process;
use crate::probe::survey::{Origin, Resident, Survey};
use crate::text;
use crate::text::Text;

/// A claim that finished work by hand must meet.
pub struct Goal {
    /// The claim.
    pub check: &'static Check,
    /// The goals without which nothing can be said about this one.
    pub after: &'static [&'static Check],
    /// What helps to get there, from a nudge up to the command.
    pub hints: &'static [Text],
}

/// Which of several the user means: nothing, or a process, or a directory.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `--pid`: a process that lives in it.
    pub pid: Option<Pid>,
    /// `--dir`: a directory that belongs to it, as an absolute path.
    pub dir: Option<PathBuf>,
}

impl Wanted {
    /// Reads the two options.
    ///
    /// # Errors
    /// [`Error::Usage`] for a process or a directory that is not there.
    pub fn new(pid: Option<i32>, dir: Option<&str>) -> Result<Wanted> {
        let look = || Text::new("look it up again", "다시 확인하십시오");
        let process = |pid: i32| {
            let process = Pid::from_raw(pid);
            let dead = |_| {
                Error::usage(
                    text!("no process {pid}", "PID {pid}: 그런 프로세스가 없습니다"),
                    look(),
                )
            };
            process::must_run(process).map_err(dead).map(|()| process)
        };
        let folder = |dir: &str| {
            let wrong =
                |_| Error::usage(text!("no directory {dir}", "{dir} 디렉터리가 없습니다"), look());
            let path = fs::canonicalize(dir).map_err(wrong)?;
            fs::read_dir(&path).map_err(wrong).map(|_| path)
        };
        Ok(Wanted { pid: pid.map(process).transpose()?, dir: dir.map(folder).transpose()? })
    }

    /// Whether anything was asked for at all.
    pub fn is_any(&self) -> bool {
        self.pid.is_some() || self.dir.is_some()
    }
}

/// Something on this machine that looks like a lab's work.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What to look at.
    pub subject: Subject,
    /// What it is, in a line, for a person who has to choose.
    pub what: Text,
    /// Where it came from.
    pub origin: Origin,
    /// All processes that it consists of.
    pub pids: BTreeSet<Pid>,
    /// The directories that it consists of.
    pub dirs: Vec<PathBuf>,
}

impl Candidate {
    /// What was found by the process `resident`.
    pub fn of(resident: &Resident, subject: Subject, what: Text) -> Candidate {
        let pids = [resident.pid].into();
        Candidate { origin: resident.origin, pids, ..Candidate::named(subject, what) }
    }

    /// What was asked for by name.
    pub fn named(subject: Subject, what: Text) -> Candidate {
        let dirs = subject.dir.iter().cloned().collect();
        Candidate {
            subject,
            what: what.visible(),
            origin: Origin::Kin,
            pids: BTreeSet::new(),
            dirs,
        }
    }

    /// One more process belongs to it; the likeliest origin counts.
    pub fn take_in(&mut self, resident: &Resident) {
        self.pids.insert(resident.pid);
        self.origin = self.origin.min(resident.origin);
    }

    /// Whether `dir` is one of its directories, by whatever path.
    pub fn is_at(&self, dir: &Path) -> bool {
        let number = |path: &Path| fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
        let asked = number(dir);
        asked.is_some() && self.dirs.iter().any(|own| number(own) == asked)
    }

    fn is(&self, wanted: &Wanted) -> bool {
        let pid = wanted.pid.is_none_or(|pid| self.pids.contains(&pid));
        pid && wanted.dir.as_deref().is_none_or(|dir| self.is_at(dir))
    }
}

/// What came of looking for work by hand.
#[derive(Clone, Debug)]
pub enum Choice {
    /// Nothing looks like it.
    Nothing,
    /// This is meant.
    One(Box<Candidate>),
    /// One of these is, and the user has to say which.
    Several(Vec<Candidate>),
}

/// Looks for work of `lab` by hand. What was asked for is taken wherever it came from; otherwise the
/// one of the likeliest origin is, and services are left out.
///
/// # Errors
/// [`Lab::find`]'s; [`Error::Usage`] when what was asked for looks nothing like it.
pub fn choose(lab: &dyn Lab, survey: &Survey, wanted: &Wanted) -> Result<Choice> {
    let mut found = lab.find(survey, wanted)?;
    match wanted.is_any() {
        true => found.retain(|one| one.is(wanted)),
        false => found.retain(|one| one.origin < Origin::Service),
    }
    let best = found.iter().map(|one| one.origin).min();
    let mut likeliest = found.iter().filter(|one| Some(one.origin) == best);
    Ok(match (likeliest.next(), likeliest.next()) {
        (Some(one), None) => Choice::One(Box::new(one.clone())),
        (Some(_), Some(_)) => {
            found.sort_by_key(|one| one.origin);
            Choice::Several(found)
        }
        (None, _) if wanted.is_any() => {
            let name = lab.id();
            return Err(Error::usage(
                text!("that looks nothing like {name}", "{name} 실습으로 보이지 않습니다"),
                text!(
                    "`lab guide {name}` says what to build",
                    "`lab guide {name}`에 만드는 방법이 있습니다"
                ),
            ));
        }
        (None, _) => Choice::Nothing,
    })
}

/// That it has to be said which of several is meant.
pub fn several(lab: &dyn Lab, count: usize) -> Error {
    let name = lab.id();
    Error::usage(
        text!("{count} look like {name}", "{name} 실습으로 보이는 후보가 {count}개입니다"),
        text!(
            "say which with `--pid PID` or `--dir DIR`, after `lab verify {name}`",
            "`lab verify {name}` 뒤에 `--pid PID`나 `--dir DIR`을 붙여 지정하십시오"
        ),
    )
}

/// Holds `subject` against every goal of `lab`. A goal that rests on another which is not met cannot
/// be told, and says which that is.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn judge(lab: &dyn Lab, subject: &Subject, watch: Watch<'_>) -> Result<Vec<Finding>> {
    let mut findings: Vec<Finding> = Vec::new();
    for goal in lab.goals() {
        let met = |check: &Check| {
            findings.iter().any(|one| one.check == check.id && one.verdict == Verdict::Pass)
        };
        let finding = match goal.after.iter().find(|check| !met(check)) {
            Some(first) => goal.check.finding(waits_for(first)),
            None => goal.check.hold(subject, watch)?,
        };
        findings.push(finding);
    }
    Ok(findings)
}

fn waits_for(first: &Check) -> Seen {
    let id = first.id;
    Seen::unknown(
        text!("{id} first", "먼저 {id}"),
        text!("{id} comes first", "{id}부터 통과해야 합니다"),
        "lab",
    )
}

//! One run of one lab. A lab's `perform` reads as prose over a [`Scene`]: step, shell, act, observe,
//! prove.

use std::path::PathBuf;

use crate::cleanup::{Cleanup, Replayed};
use crate::error::{Error, Result};
use crate::event::{Event, View};
use crate::interrupt;
use crate::kernel::place::Place;
use crate::kernel::{mount, shell};
use crate::lab::{Check, Finding, Lab, Subject, Verdict};
use crate::probe::need::{self, Need, Privilege};
use crate::rootless;
use crate::stage::{Next, Pause, Stage};
use crate::state;
use crate::text::Text;

/// The state of a run that a lab's steps share.
pub struct Scene<'a> {
    lab: &'a dyn Lab,
    privilege: Privilege,
    stage: &'a mut dyn Stage,
    cleanup: Cleanup,
    step: usize,
    /// What this step has proven, so that `r` can prove it again.
    proven: Vec<(&'static Check, Subject)>,
    /// The last verdict of each check.
    verdicts: Vec<(&'static str, Verdict)>,
    place: Option<Place>,
}

/// How a run ended, check by check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Checks that passed, by their last verdict.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Checks that could not be told.
    pub skipped: usize,
}

impl Score {
    /// Counts one verdict more.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Pass => self.passed += 1,
            Verdict::Fail => self.failed += 1,
            Verdict::Skip => self.skipped += 1,
        }
    }
}

/// Whether `lab` becomes root in a user namespace before anything else.
fn becomes_root(lab: &dyn Lab, privilege: Privilege) -> bool {
    privilege == Privilege::Rootless && lab.needs().contains(&Need::Capabilities)
}

/// Everything that a run of `lab` claims.
pub fn checks(lab: &dyn Lab, privilege: Privilege) -> impl Iterator<Item = &'static Check> {
    let first = if becomes_root(lab, privilege) { rootless::CHECKS } else { &[] };
    first.iter().chain(lab.checks()).copied()
}

/// Runs `lab` from its first step to its clean-up, before `stage`.
///
/// # Errors
/// [`Error::Unable`] when the machine lacks something or the lab is running already, before
/// anything is touched; else what stopped it. Everything is undone in any case.
pub fn play(lab: &dyn Lab, privilege: Privilege, stage: &mut dyn Stage) -> Result<Score> {
    interrupt::or_signal(need::require(lab.needs(), privilege))?;
    let (cleanup, mended) = Cleanup::begin(lab.id(), becomes_root(lab, privilege))?;
    let mut scene = Scene {
        lab,
        privilege,
        stage,
        cleanup,
        step: 0,
        proven: Vec::new(),
        verdicts: Vec::new(),
        place: None,
    };
    let played = scene.begin(mended).and_then(|()| lab.perform(&mut scene));
    let played = played.and_then(|()| scene.pause());
    let played = interrupt::or_signal(played);
    let Scene { stage, cleanup, verdicts, .. } = scene;
    // Undone before anything more is said: the stage may be gone.
    let undone = cleanup.finish();
    // What could not be undone is said last, because it is what is left to do.
    if let (Err(error), Err(_)) = (&played, &undone) {
        stage.show(&Event::complaint(error))?;
    }
    let undone = undone?;
    show_kept(stage, undone.kept)?;
    played?;
    let mut score = Score::default();
    verdicts.iter().for_each(|(_, verdict)| score.count(*verdict));
    let Score { passed, failed, skipped } = score;
    let failures = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Fail);
    let failed_checks = failures.map(|(id, _)| *id).collect();
    let (lab, undone) = (lab.id(), undone.undone.len());
    stage.show(&Event::LabFinished { lab, passed, failed, failed_checks, skipped, undone })?;
    Ok(score)
}

/// What was not undone because it is somebody else's.
fn show_kept(stage: &mut dyn Stage, kept: Vec<Text>) -> Result<()> {
    kept.iter().try_for_each(|what| stage.show(&Event::Complained { line: what.to_string() }))
}

impl<'a> Scene<'a> {
    fn begin(&mut self, mended: Replayed) -> Result<()> {
        if !mended.undone.is_empty() {
            self.stage.show(&Event::Mended { undone: mended.undone })?;
        }
        show_kept(self.stage, mended.kept)?;
        self.stage.show(&Event::LabStarted {
            lab: self.lab.id(),
            title: self.lab.title(),
            steps: self.steps(),
            pid: std::process::id().cast_signed(),
        })?;
        if becomes_root(self.lab, self.privilege) { rootless::become_root(self) } else { Ok(()) }
    }

    fn steps(&self) -> usize {
        self.lab.steps() + usize::from(becomes_root(self.lab, self.privilege))
    }

    /// How the lab comes by what only root may do.
    pub fn privilege(&self) -> Privilege {
        self.privilege
    }

    /// Begins the next step, once the reader has finished with the last: `title` in a line, `why`
    /// in at most six.
    ///
    /// # Errors
    /// [`Error::Quit`], [`Error::Interrupted`], or the stage's.
    pub fn step(&mut self, id: &'static str, title: Text, why: Text) -> Result<()> {
        if self.step > 0 {
            self.pause()?;
        }
        interrupt::check()?;
        self.step += 1;
        self.proven.clear();
        let (number, of) = (self.step, self.steps());
        self.stage.show(&Event::StepStarted { number, of, id, title, why })
    }

    /// Shows the shell command that does the same, in a shell that has typed those before it.
    ///
    /// # Errors
    /// The stage's.
    pub fn shell(&mut self, command: impl Into<Text>) -> Result<()> {
        self.stage.show(&Event::Shell { command: command.into().to_string(), typed: true })
    }

    /// Shows a command that is only to be read, because it names a process of this run.
    ///
    /// # Errors
    /// The stage's.
    pub fn shell_to_read(&mut self, command: impl Into<Text>) -> Result<()> {
        self.stage.show(&Event::Shell { command: command.into().to_string(), typed: false })
    }

    /// Changes the machine. The only way to the [`Cleanup`] that everything which leaves something
    /// behind asks for.
    ///
    /// # Errors
    /// [`Error::Interrupted`], or what `action` failed with.
    pub fn act<T>(&mut self, action: impl FnOnce(&mut Cleanup) -> Result<T>) -> Result<T> {
        interrupt::check()?;
        action(&mut self.cleanup)
    }

    /// Shows what the kernel shows.
    ///
    /// # Errors
    /// The stage's.
    pub fn observe(&mut self, caption: Text, view: View) -> Result<()> {
        self.stage.show(&Event::Observed { caption, view })
    }

    /// Holds claims against the kernel and shows what came of it. A claim that fails is counted,
    /// and the lab goes on.
    ///
    /// # Errors
    /// [`Error::Interrupted`], or the stage's.
    pub fn prove(&mut self, checks: &[&'static Check], subject: &Subject) -> Result<()> {
        for check in checks {
            self.proven.push((check, subject.clone()));
            self.check(check, subject)?;
        }
        Ok(())
    }

    fn check(&mut self, check: &'static Check, subject: &Subject) -> Result<()> {
        let stage = &mut self.stage;
        let finding: Finding = check.hold(subject, &mut |caption, bars, done| {
            stage.show(&Event::Measured { caption, bars, done })
        })?;
        // What was looked at may have been ended by the same Ctrl-C, and would then fail.
        interrupt::check()?;
        let verdict = finding.verdict;
        match self.verdicts.iter_mut().find(|(id, _)| *id == check.id) {
            Some((_, last)) => *last = verdict,
            None => self.verdicts.push((check.id, verdict)),
        }
        self.stage.show(&Event::Checked(finding))
    }

    /// From here on, `s` opens a shell there.
    pub fn inside(&mut self, place: Place) {
        self.place = Some(place);
    }

    /// From here on, there is no place for a shell any more.
    pub fn nowhere(&mut self) {
        self.place = None;
    }

    /// Where [`Scene::workspace`] is, or will be.
    ///
    /// # Errors
    /// When there is no place for state.
    pub fn workspace_path(&self) -> Result<PathBuf> {
        Ok(state::make()?.join(self.lab.id()))
    }

    /// A folder for this run, in memory and seen by this process and its children alone: in a mount
    /// namespace of its own, where the kernel takes all of it down when the lab dies.
    ///
    /// # Errors
    /// [`Error::Unable`] when the folder is there already; mkdir(2)'s, mount(2)'s.
    pub fn workspace(&mut self) -> Result<PathBuf> {
        let path = self.workspace_path()?;
        self.cleanup.make_dir(&path)?;
        self.cleanup.enter_private_mounts()?;
        mount::tmpfs(&mut self.cleanup, &path, "mode=0755,size=64m")?;
        Ok(path)
    }

    fn pause(&mut self) -> Result<()> {
        loop {
            interrupt::check()?;
            let last = self.step == self.steps();
            let pause = Pause { number: self.step, last, shell: self.place.is_some() };
            match self.stage.pause(pause)? {
                Next::Continue => return Ok(()),
                Next::Quit => return Err(Error::Quit),
                Next::Shell => self.open_shell()?,
                Next::CheckAgain => {
                    for (check, subject) in self.proven.clone() {
                        self.check(check, &subject)?;
                    }
                }
            }
        }
    }

    fn open_shell(&mut self) -> Result<()> {
        let Some(place) = self.place.clone() else {
            return Ok(());
        };
        match interrupt::or_signal(shell::open(&mut self.cleanup, &place)) {
            Err(error @ (Error::Interrupted(_) | Error::Quit)) => Err(error),
            // A place without bash, or one that is gone: said, and the lab goes on.
            Err(error) => self.stage.show(&Event::complaint(&error)),
            Ok(()) => Ok(()),
        }
    }
}

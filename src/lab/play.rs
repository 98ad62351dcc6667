//! Running a lab, from its first step to its clean-up.

use crate::error::{Error, Result};
use crate::interrupt;
use crate::kernel::cleanup::{Cleanup, Replayed};
use crate::lab::event::{Event, Stage};
use crate::lab::finding::Verdict;
use crate::lab::scene::{Scene, Told};
use crate::lab::{Lab, rootless};
use crate::probe::need::{self, Privilege};
use crate::text::Text;

/// How a run ended, check by check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Checks that passed, by their last verdict.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
    /// What was not done yet.
    pub open: usize,
    /// Checks that could not be told.
    pub unknown: usize,
    /// How many answers of the kernel were predicted.
    pub predicted: usize,
    /// Of how many.
    pub asked: usize,
}

impl Score {
    /// Counts one verdict more.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Pass => self.passed += 1,
            Verdict::Fail => self.failed += 1,
            Verdict::Open => self.open += 1,
            Verdict::Unknown => self.unknown += 1,
        }
    }
}

/// The number of a lab's first step.
pub const FIRST: usize = 1;

/// Runs `lab` from its first step to its clean-up, before `stage`; shown from the step of the number `from` on.
///
/// # Errors
/// [`Error::Unable`] when the machine lacks something or the lab is running already, before anything is touched; else
/// what stopped it. Everything is undone in any case.
pub fn play(
    lab: &'static Lab,
    privilege: Privilege,
    stage: &mut dyn Stage,
    from: usize,
) -> Result<Score> {
    interrupt::or_signal(need::require(lab.needs, privilege))?;
    let mut take = Take { from, told: Told::default(), is_first: true };
    loop {
        let (ended, told) = once(lab, privilege, stage, take)?;
        match ended {
            End::All(undone) => return finish(lab, stage, &told, undone),
            End::Back(from) => take = Take { from, told, is_first: false },
        }
    }
}

/// One way through the lab: from its first step on, shown from another.
struct Take {
    from: usize,
    /// What was told before.
    told: Told,
    is_first: bool,
}

/// How a way through it ended.
enum End {
    /// To its last step; so many things were undone.
    All(usize),
    /// Back to the step of that number.
    Back(usize),
}

/// Once through it, or as far as the reader wants, and all of it undone.
fn once(
    lab: &'static Lab,
    privilege: Privilege,
    stage: &mut dyn Stage,
    take: Take,
) -> Result<(End, Told)> {
    let is_root_already = !take.is_first && lab.becomes_root(privilege);
    let (cleanup, mended) = Cleanup::begin(lab.id, lab.becomes_root(privilege))?;
    let mut scene = Scene::new(lab, privilege, stage, cleanup, (take.from, take.told));
    let begun = match take.is_first {
        true => begin(&mut scene, mended),
        false => Ok(()),
    };
    let begun = begun.and_then(|()| match (lab.becomes_root(privilege), is_root_already) {
        (true, false) => rootless::become_root(&mut scene),
        (true, true) => scene.pass(Cleanup::stay_root),
        (false, _) => Ok(()),
    });
    let played = begun.and_then(|()| (lab.perform)(&mut scene));
    let played = played.and_then(|()| scene.pause());
    let played = interrupt::or_signal(played);
    let number = scene.number();
    let (stage, cleanup, told) = scene.end();
    // Undone before anything more is said: the stage may be gone.
    let undone = cleanup.finish();
    // What could not be undone is said last, because it is what is left to do.
    if let (Err(error), Err(_)) = (&played, &undone) {
        stage.show(&Event::complaint(error))?;
    }
    let undone = undone?;
    show_kept(stage, undone.kept)?;
    match played {
        Ok(()) => Ok((End::All(undone.undone.len()), told)),
        Err(Error::Back) => Ok((End::Back(number.saturating_sub(1)), told)),
        Err(error) => Err(error),
    }
}

fn finish(lab: &'static Lab, stage: &mut dyn Stage, told: &Told, undone: usize) -> Result<Score> {
    let mut score = Score::default();
    told.verdicts.iter().for_each(|(_, verdict)| score.count(*verdict));
    (score.predicted, score.asked) = told.predictions.score();
    let Score { passed, failed, unknown, predicted, asked, .. } = score;
    if failed + unknown == 0 {
        stage.show(&Event::Debriefed(lab.debrief))?;
    }
    let failures = told.verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Fail);
    let failed_checks = failures.map(|(id, _)| *id).collect();
    let lab = lab.id;
    stage.show(&Event::LabFinished {
        lab,
        passed,
        failed,
        failed_checks,
        unknown,
        predicted,
        asked,
        undone,
    })?;
    Ok(score)
}

fn begin(scene: &mut Scene<'_>, mended: Replayed) -> Result<()> {
    let (lab, privilege) = (scene.lab(), scene.privilege());
    let stage = scene.stage();
    if !mended.undone.is_empty() {
        stage.show(&Event::Mended { undone: mended.undone })?;
    }
    show_kept(stage, mended.kept)?;
    stage.show(&Event::LabStarted {
        lab: lab.id,
        title: lab.title.clone(),
        steps: lab.steps(privilege).count(),
        pid: std::process::id().cast_signed(),
    })
}

/// What was not undone because it is somebody else's.
fn show_kept(stage: &mut dyn Stage, kept: Vec<Text>) -> Result<()> {
    kept.iter().try_for_each(|what| stage.show(&Event::Complained { line: what.to_string() }))
}

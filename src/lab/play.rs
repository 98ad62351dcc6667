//! Running a lab, from its first step to its clean-up.

use crate::error::Result;
use crate::interrupt;
use crate::kernel::cleanup::{Cleanup, Replayed};
use crate::lab::event::{Event, Stage};
use crate::lab::finding::Verdict;
use crate::lab::scene::Scene;
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

/// Runs `lab` from its first step to its clean-up, before `stage`.
///
/// # Errors
/// [`Error::Unable`](crate::error::Error::Unable) when the machine lacks something or the lab is running already,
/// before anything is touched; else what stopped it. Everything is undone in any case.
pub fn play(lab: &'static Lab, privilege: Privilege, stage: &mut dyn Stage) -> Result<Score> {
    interrupt::or_signal(need::require(lab.needs, privilege))?;
    let (cleanup, mended) = Cleanup::begin(lab.id, lab.becomes_root(privilege))?;
    let mut scene = Scene::new(lab, privilege, stage, cleanup);
    let played = begin(&mut scene, mended).and_then(|()| (lab.perform)(&mut scene));
    let played = played.and_then(|()| scene.pause());
    let played = interrupt::or_signal(played);
    let (stage, cleanup, verdicts) = scene.end();
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
    let Score { passed, failed, unknown, .. } = score;
    let failures = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Fail);
    let failed_checks = failures.map(|(id, _)| *id).collect();
    let (lab, undone) = (lab.id, undone.undone.len());
    stage.show(&Event::LabFinished { lab, passed, failed, failed_checks, unknown, undone })?;
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
    })?;
    if lab.becomes_root(privilege) { rootless::become_root(scene) } else { Ok(()) }
}

/// What was not undone because it is somebody else's.
fn show_kept(stage: &mut dyn Stage, kept: Vec<Text>) -> Result<()> {
    kept.iter().try_for_each(|what| stage.show(&Event::Complained { line: what.to_string() }))
}

//! One run of one lab. A lab's `perform` reads as prose over a [`Scene`]: step, shell, act, observe,
//! prove.

use std::fmt::Display;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::interrupt;
use crate::kernel::cleanup::Cleanup;
use crate::kernel::{mount, shell, state};
use crate::lab::Lab;
use crate::lab::around::Around;
use crate::lab::check::{Check, Subject};
use crate::lab::event::{Card, Event, Next, Pause, Stage, View};
use crate::lab::finding::{Finding, Verdict};
use crate::lab::question::Predictions;
use crate::probe::need::Privilege;
use crate::text;
use crate::text::Text;
use crate::visit::place::Place;

/// The state of a run that a lab's steps share.
pub struct Scene<'a> {
    lab: &'static Lab,
    privilege: Privilege,
    stage: &'a mut dyn Stage,
    cleanup: Cleanup,
    step: usize,
    /// The first step that is shown: those before it are done without a word.
    from: usize,
    /// What this step has proven, so that `r` can prove it again.
    proven: Vec<(&'static Check, Subject)>,
    told: Told,
    place: Option<Place>,
    /// The other side of what was built.
    other_place: Option<Place>,
}

/// `commands`, with what the last of them must be answered with beside it: a reader must never wonder whether the lab is
/// broken.
pub fn must_fail(commands: impl Display, answer: &str) -> Text {
    text!("{commands}  # must fail: {answer}", "{commands}  # 실패 예상: {answer}")
}

/// What is kept of a run when it goes back a step.
#[derive(Default)]
pub struct Told {
    /// The last verdict of each check that was shown.
    pub verdicts: Vec<(&'static str, Verdict)>,
    /// What was predicted.
    pub predictions: Predictions,
}

impl<'a> Scene<'a> {
    /// A run that has not begun, to be shown from the step of the number `from` on; `told` is what was kept when it
    /// went back there.
    pub fn new(
        lab: &'static Lab,
        privilege: Privilege,
        stage: &'a mut dyn Stage,
        cleanup: Cleanup,
        (from, told): (usize, Told),
    ) -> Scene<'a> {
        let (step, proven, place, other_place) = (0, Vec::new(), None, None);
        Scene { lab, privilege, stage, cleanup, step, from, proven, told, place, other_place }
    }

    /// The number of the step that was begun last, from 1.
    pub fn number(&self) -> usize {
        self.step
    }

    /// Whether this step is only done, on the way to the one that is to be shown.
    fn is_on_the_way(&self) -> bool {
        self.step < self.from
    }

    fn show(&mut self, event: &Event) -> Result<()> {
        if self.is_on_the_way() { Ok(()) } else { self.stage.show(event) }
    }

    /// What a run leaves when it is over: who was shown it, what is to be undone, and what was told.
    pub fn end(self) -> (&'a mut dyn Stage, Cleanup, Told) {
        (self.stage, self.cleanup, self.told)
    }

    /// The lab.
    pub fn lab(&self) -> &'static Lab {
        self.lab
    }

    /// Who is shown the run.
    pub fn stage(&mut self) -> &mut dyn Stage {
        self.stage
    }

    /// How the lab comes by what only root may do.
    pub fn privilege(&self) -> Privilege {
        self.privilege
    }

    /// Begins the next step, once the reader has finished with the last: the lab's own of the name `id`, and `why` in
    /// at most six lines.
    ///
    /// # Errors
    /// [`Error::Quit`], [`Error::Interrupted`], or the stage's; [`Error::Broken`] for a step that the lab does not
    /// name.
    pub fn step(&mut self, id: &'static str, why: Text) -> Result<()> {
        if self.step > 0 {
            self.pause()?;
        }
        interrupt::check()?;
        self.step += 1;
        self.proven.clear();
        let (lab, privilege) = (self.lab, self.privilege);
        let step = lab.steps(privilege).find(|step| step.id == id);
        let step = step.ok_or_else(|| Error::Broken(format!("lab {}: {id}?", lab.id)))?;
        let (number, of) = (self.step, lab.steps(privilege).count());
        self.ask(id, &step.title)?;
        let (title, met) = (step.title.clone(), step.met.clone());
        self.show(&Event::StepStarted { number, of, id, title, why, met })
    }

    /// Asks what the kernel will show in the step `id`, once in a run.
    fn ask(&mut self, id: &str, title: &'static Text) -> Result<()> {
        let question = self.lab.questions.iter().find(|question| question.step == id);
        let unasked = question.filter(|question| !self.told.predictions.has(question));
        let Some(question) = unasked.filter(|_| !self.is_on_the_way()) else { return Ok(()) };
        let (number, of) = (self.step, self.lab.steps(self.privilege).count());
        let chosen = self.stage.ask(Card { number, of, title, question })?;
        self.told.predictions.keep(question, chosen);
        Ok(())
    }

    /// Shows the shell command that does the same, in a shell that has typed those before it.
    ///
    /// # Errors
    /// The stage's.
    pub fn shell(&mut self, command: impl Into<Text>) -> Result<()> {
        self.show(&Event::Shell { command: command.into().to_string(), typed: true })
    }

    /// Shows a command that is only to be read, because it names a process of this run.
    ///
    /// # Errors
    /// The stage's.
    pub fn shell_to_read(&mut self, command: impl Into<Text>) -> Result<()> {
        self.show(&Event::Shell { command: command.into().to_string(), typed: false })
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

    /// Passes over a step that cannot be taken twice.
    ///
    /// # Errors
    /// [`Error::Interrupted`], or what `action` failed with.
    pub fn pass(&mut self, action: impl FnOnce(&mut Cleanup)) -> Result<()> {
        interrupt::check()?;
        self.step += 1;
        action(&mut self.cleanup);
        Ok(())
    }

    /// Shows what the kernel shows.
    ///
    /// # Errors
    /// The stage's.
    pub fn observe(&mut self, caption: Text, view: View) -> Result<()> {
        self.show(&Event::Observed { caption, view })
    }

    /// Holds claims against the kernel and shows what came of it. A claim that fails is counted,
    /// and the lab goes on.
    ///
    /// # Errors
    /// [`Error::Interrupted`], or the stage's.
    pub fn prove(&mut self, checks: &[&'static Check], subject: &Subject) -> Result<()> {
        if self.is_on_the_way() {
            return Ok(());
        }
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
        match self.told.verdicts.iter_mut().find(|(id, _)| *id == check.id) {
            Some((_, last)) => *last = verdict,
            None => self.told.verdicts.push((check.id, verdict)),
        }
        self.stage.show(&Event::Checked(Box::new(finding)))?;
        if verdict != Verdict::Pass {
            return Ok(());
        }
        let Some((question, chosen)) = self.told.predictions.shown_by(check) else { return Ok(()) };
        self.stage.show(&Event::Answered {
            question: question.id,
            predicted: question.answers.get(chosen).cloned().unwrap_or_else(|| question.answer()),
            right: question.answer(),
            holds: chosen == question.right,
        })
    }

    /// From here on, `s` opens a shell there.
    pub fn inside(&mut self, place: Place) {
        self.place = Some(place);
    }

    /// From here on, `S` opens a shell there.
    pub fn on_the_other_side(&mut self, place: Place) {
        self.other_place = Some(place);
    }

    /// From here on, there is no place for a shell any more.
    pub fn nowhere(&mut self) {
        (self.place, self.other_place) = (None, None);
    }

    /// Where [`Scene::workspace`] is, or will be.
    ///
    /// # Errors
    /// When there is no place for state.
    pub fn workspace_path(&self) -> Result<PathBuf> {
        Ok(state::make()?.join(self.lab.id))
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

    /// Waits for the reader.
    ///
    /// # Errors
    /// [`Error::Quit`], [`Error::Back`], [`Error::Interrupted`], or the stage's.
    pub fn pause(&mut self) -> Result<()> {
        if self.is_on_the_way() {
            return Ok(());
        }
        let of = self.lab.steps(self.privilege).count();
        let back = self.step > self.lab.first_to_go_back_to(self.privilege);
        loop {
            interrupt::check()?;
            let (number, shell) = (self.step, self.place.is_some());
            let other_shell = self.other_place.is_some();
            match self.stage.pause(Pause { number, of, shell, other_shell, back })? {
                Next::Continue => return Ok(()),
                Next::Quit => return Err(Error::Quit),
                Next::Back => return Err(Error::Back),
                Next::Shell => self.open_shell(self.place.clone())?,
                Next::OtherShell => self.open_shell(self.other_place.clone())?,
                Next::CheckAgain => {
                    for (check, subject) in self.proven.clone() {
                        self.check(check, &subject)?;
                    }
                }
            }
        }
    }

    fn open_shell(&mut self, place: Option<Place>) -> Result<()> {
        let Some(place) = place else { return Ok(()) };
        let step = self.lab.steps(self.privilege).nth(self.step - 1).map_or("", |step| step.id);
        let around = self.lab.around.iter().find(|around| around.steps.contains(&step));
        if let Some(Around { place, tries, .. }) = around {
            self.stage.show(&Event::ShellOpened { place: place.clone(), tries })?;
        }
        let name = around.map_or(self.lab.id, |around| around.name);
        let prompt = format!("[lab {} {}: {name}]# ", self.lab.id, self.step);
        match interrupt::or_signal(shell::open(&mut self.cleanup, &place, &prompt)) {
            Err(error @ (Error::Interrupted(_) | Error::Quit)) => Err(error),
            // A place without bash, or one that is gone: said, and the lab goes on.
            Err(error) => self.stage.show(&Event::complaint(&error)),
            Ok(()) => {
                let broken = self.broken()?;
                self.stage.show(&Event::ShellLeft { broken })
            }
        }
    }

    /// The checks of this step that passed and do not any more.
    fn broken(&self) -> Result<Vec<&'static str>> {
        let passed = |check: &Check| self.told.verdicts.contains(&(check.id, Verdict::Pass));
        let mut broken = Vec::new();
        for (check, subject) in self.proven.iter().filter(|(check, _)| passed(check)) {
            let now = check.hold(subject, &mut |_, _, _| Ok(()))?;
            broken.extend((now.verdict == Verdict::Fail).then_some(check.id));
        }
        Ok(broken)
    }
}

//! Undoing. Every change that outlives its process is written down as an [`Undo`] before it is made.
//!
//! An `Undo` is data, so a normal end, a panic's unwinding, a signal and `lab reset` after SIGKILL
//! all replay the same. Replaying is idempotent, and each kind first makes sure that what it finds
//! is what was made: a process by its start time, a mount by its source, a folder, a control group and
//! the name of a namespace by an [`Identity`](crate::probe::file::Identity), which is written down once
//! they are there.

mod undo;

use std::fs::File;
use std::path::Path;

pub use undo::{Entry, Outcome, Undo};

use crate::error::{Context, Error, Result};
use crate::kernel::journal::{Journal, Remains};
use crate::kernel::{files, kill, mount};
use crate::probe::file;
use crate::text::Text;
use crate::visit::user;

/// What came of undoing, in lines.
#[derive(Debug, Default)]
pub struct Replayed {
    /// What was undone.
    pub undone: Vec<Text>,
    /// What stays, because it is somebody else's.
    pub kept: Vec<Text>,
}

impl Replayed {
    fn all<'a>(&mut self, entries: impl IntoIterator<Item = &'a Entry>) -> Result<()> {
        let mut so_far = Ok(());
        for entry in entries {
            match entry.replay() {
                Ok(Outcome::Undone) => self.undone.push(entry.undo.describe()),
                Ok(Outcome::Kept) => self.kept.extend(entry.undo.describe_kept()),
                Ok(Outcome::Gone) => {}
                Err(error) => so_far = so_far.and(Err(error)),
            }
        }
        so_far
    }
}

/// Replays `entries`, last made first, and processes before all else: they hold the rest open.
/// `strays` ends what is not in the journal. Goes on after an error, so that one stubborn thing
/// does not keep the others.
///
/// # Errors
/// The first error met.
fn replay<'a>(
    entries: impl DoubleEndedIterator<Item = &'a Entry>,
    strays: impl FnOnce() -> Result<()>,
) -> Result<Replayed> {
    let (processes, rest): (Vec<_>, Vec<_>) =
        entries.rev().partition(|entry| entry.undo.is_process());
    let mut replayed = Replayed::default();
    let ended = replayed.all(processes);
    let ended = ended.and(strays());
    ended.and(replayed.all(rest)).map(|()| replayed)
}

/// Undoes what a killed run left.
///
/// # Errors
/// The first thing that could not be undone.
pub fn mend(remains: &Remains) -> Result<Replayed> {
    let can_be_there = |undo: &Undo| {
        (!remains.rebooted || undo.outlives_boot())
            && (!remains.rootless || !undo.is_in_a_namespace())
    };
    replay(remains.entries.iter().filter(|entry| can_be_there(&entry.undo)), || Ok(()))
}

/// How many files undoing opens at once, and one more.
const RESERVE: usize = 3;

/// Open files that are given back before undoing: a limit on them may be what has stopped the run.
fn reserve() -> Result<Vec<File>> {
    (0..RESERVE).map(|_| File::open("/").context("open", "/")).collect()
}

/// The changes of one run, and how to undo them. Dropping it undoes them.
#[derive(Debug)]
pub struct Cleanup {
    journal: Option<Journal>,
    entries: Vec<Entry>,
    home: Option<mount::Home>,
    reserve: Vec<File>,
    /// Whether this process has a mount namespace of its own.
    private: bool,
    /// Whether it has become root in a user namespace of its own.
    rootless: bool,
    token: String,
}

impl Cleanup {
    /// Begins a run of `lab`: takes its journal, mends what a killed run left (the lines say what).
    /// `rootless`: it will be root in namespaces of its own alone.
    ///
    /// # Errors
    /// When the same lab is running, when the journal cannot be written, or when what an earlier
    /// run left cannot be undone.
    pub fn begin(lab: &str, rootless: bool) -> Result<(Cleanup, Replayed)> {
        // Before there is a journal: what is refused here must leave none.
        kill::adopt_orphans()?;
        let reserve = reserve()?;
        let (mut journal, remains) = Journal::open(lab)?;
        let mended = mend(&remains)?;
        let begun = journal.begin(rootless);
        let cleanup = Cleanup {
            token: journal.token.clone(),
            journal: Some(journal),
            entries: Vec::new(),
            home: None,
            reserve,
            private: false,
            rootless: false,
        };
        begun.map(|()| (cleanup, mended))
    }

    /// Names this run: the source of its mounts, `LAB_RUN` in the environment of its shells.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Writes `undo` down. For what is undone even if the change goes wrong half-way.
    ///
    /// # Errors
    /// When the journal cannot be written; the change must then not be made.
    pub fn record(&mut self, undo: Undo) -> Result<()> {
        // One is enough for all shells of a run, however many there are.
        let is_known = |entry: &Entry| entry.undo == undo;
        if matches!(undo, Undo::KillRun { .. }) && self.entries.iter().any(is_known) {
            return Ok(());
        }
        if let Some(journal) = &mut self.journal {
            journal.record(&undo)?;
        }
        self.entries.push(Entry { undo, made: None });
        Ok(())
    }

    /// Writes `undo` down, then makes the change. A change that the kernel refused left nothing,
    /// so its `undo` is taken back: what stood in the way is somebody else's.
    ///
    /// # Errors
    /// The journal's or the change's.
    pub fn make<T>(&mut self, undo: Undo, change: impl FnOnce() -> Result<T>) -> Result<T> {
        self.record(undo)?;
        let made = change();
        if made.is_err() {
            self.entries.pop();
            if let Some(journal) = &mut self.journal {
                journal.refuse_last()?;
            }
        }
        made
    }

    /// Writes down what the last change has made: what is at `path` now.
    ///
    /// # Errors
    /// When the journal cannot be written; statx(2)'s.
    pub fn identify(&mut self, path: &Path) -> Result<()> {
        let gone = || Error::Broken(format!("{} is gone as soon as it is made", path.display()));
        let made = file::look(path)?.ok_or_else(gone)?.identity;
        if let Some(last) = self.entries.last_mut() {
            last.made = Some(made);
        }
        self.journal.as_mut().map_or(Ok(()), |journal| journal.identify(&made))
    }

    /// Makes a folder that must not be there yet, and that is removed at the run's end, once empty.
    ///
    /// # Errors
    /// [`Error::Unable`] when it is there already; mkdir(2)'s.
    pub fn make_dir(&mut self, path: &Path) -> Result<()> {
        self.make_folder(Undo::RemoveDir { path: path.to_owned() }, path)
    }

    /// Makes a folder of any kind, a control group for one, that must not be there yet and that `undo`
    /// removes.
    ///
    /// # Errors
    /// [`Error::Unable`] when it is there already; mkdir(2)'s.
    pub fn make_folder(&mut self, undo: Undo, path: &Path) -> Result<()> {
        files::must_be_free(path)?;
        self.make(undo, || files::make_newborn_dir(path))?;
        self.identify(path)?;
        files::open_to_all(path)
    }

    /// From here on this process has a mount namespace of its own; the way back, where there is one, is
    /// kept.
    ///
    /// # Errors
    /// When unshare(2) is refused.
    pub fn enter_private_mounts(&mut self) -> Result<()> {
        if !self.private {
            self.home = mount::Home::leave()?;
            self.private = true;
        }
        Ok(())
    }

    /// From here on this process is root in a user namespace of its own, with a mount namespace that
    /// belongs to it; there is no way back.
    ///
    /// # Errors
    /// [`user::become_root`]'s.
    pub fn become_root(&mut self) -> Result<()> {
        user::become_root()?;
        (self.private, self.rootless) = (true, true);
        Ok(())
    }

    /// This process is so already, by an earlier run of its own.
    pub fn stay_root(&mut self) {
        (self.private, self.rootless) = (true, true);
    }

    /// Whether this process has become root in a user namespace of its own.
    pub fn is_rootless(&self) -> bool {
        self.rootless
    }

    /// Undoes everything.
    ///
    /// # Errors
    /// The first thing that could not be undone. The journal then stays, for `lab reset`.
    pub fn finish(mut self) -> Result<Replayed> {
        self.undo_all()
    }

    fn undo_all(&mut self) -> Result<Replayed> {
        let entries = std::mem::take(&mut self.entries);
        if self.journal.is_none() {
            return Ok(Replayed::default());
        }
        self.reserve.clear();
        // Not in the journal: programs that live but for a moment, and what they have started.
        let replayed = replay(entries.iter(), kill::descendants);
        let home = self.home.take().map_or(Ok(()), mount::Home::come_back);
        let journal = self.journal.take();
        let replayed = replayed?;
        home?;
        if let Some(journal) = journal {
            journal.remove()?;
        }
        Ok(replayed)
    }
}

impl Drop for Cleanup {
    /// On the way out of an error or a panic. What fails here stays in the journal.
    fn drop(&mut self) {
        let _ = self.undo_all();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::kernel::state;

    #[test]
    fn a_panic_undoes_what_was_made() {
        let made = state::make().unwrap().join("panic-test");
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let (mut cleanup, _) = Cleanup::begin("panic-test", false).unwrap();
            cleanup.make_dir(&made).unwrap();
            assert!(made.is_dir());
            panic!("in the middle");
        }));
        assert!(outcome.is_err());
        assert!(!made.exists());
        assert!(!made.with_file_name("panic-test.journal").exists());
        state::remove_if_empty().unwrap();
    }

    #[test]
    fn a_change_that_was_refused_is_not_undone() {
        let (mut cleanup, _) = Cleanup::begin("refusal-test", false).unwrap();
        let somebodys = state::make().unwrap().join("somebodys");
        std::fs::create_dir(&somebodys).unwrap();
        assert!(cleanup.make_dir(&somebodys).is_err());
        cleanup.finish().unwrap();
        assert!(somebodys.is_dir());
        std::fs::remove_dir(&somebodys).unwrap();
        state::remove_if_empty().unwrap();
    }
}

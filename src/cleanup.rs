//! Undoing. Every change that outlives its process is written down as an [`Undo`] before it is made.
//!
//! An `Undo` is data, so a normal end, a panic's unwinding, a signal and `lab reset` after SIGKILL
//! all replay the same. Replaying is idempotent, and each kind first makes sure that what it finds
//! is what was made: a process by its start time, a mount by its source.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::journal::{Journal, Remains};
use crate::kernel::{cgroup, files, kill, mount, netns, user};
use crate::probe::process::Identity;
use crate::text;
use crate::text::Text;

/// One thing to undo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// Kill this process, if it still is the one that was started.
    Kill(Identity),
    /// Kill whatever a shell that we opened has left: all that carries `LAB_RUN=token`.
    KillRun {
        /// The run's token.
        token: String,
    },
    /// Unmount what is mounted on `target`, if its source in `/proc/self/mountinfo` is `source`.
    Unmount {
        /// The mount point.
        target: PathBuf,
        /// The mount's source.
        source: String,
    },
    /// Remove an empty folder.
    RemoveDir {
        /// The folder.
        path: PathBuf,
    },
    /// Take a network namespace's name away: detach the nsfs mount, remove the empty file.
    DeleteNetns {
        /// The file, `/run/netns/NAME`.
        path: PathBuf,
    },
    /// Make `/run/netns` what it was, unless somebody else has namespaces in it by now.
    CloseNetnsFolder {
        /// Whether we made the folder.
        made: bool,
    },
    /// Remove a control group, after moving out what others have put in.
    RemoveCgroup {
        /// Its directory.
        path: PathBuf,
    },
    /// Disable a controller again that was enabled for the children of a group.
    DisableController {
        /// The group's directory.
        group: PathBuf,
        /// The controller's name in `cgroup.subtree_control`.
        controller: String,
    },
}

impl Undo {
    /// Undoes it, if it is still there; `true` when something was changed.
    ///
    /// # Errors
    /// When it is there and the kernel refuses.
    pub fn replay(&self) -> Result<bool> {
        match self {
            Undo::Kill(identity) => kill::process(*identity),
            Undo::KillRun { token } => kill::run(token),
            Undo::Unmount { target, source } => mount::unmount(target, source),
            Undo::RemoveDir { path } => files::remove_empty_dir(path),
            Undo::DeleteNetns { path } => netns::delete(path),
            Undo::CloseNetnsFolder { made } => netns::close_folder(*made),
            Undo::RemoveCgroup { path } => cgroup::remove(path),
            Undo::DisableController { group, controller } => cgroup::disable(group, controller),
        }
    }

    fn is_process(&self) -> bool {
        matches!(self, Undo::Kill(_) | Undo::KillRun { .. })
    }

    /// Whether it can still be there after the machine was booted again: only files can.
    fn outlives_boot(&self) -> bool {
        matches!(
            self,
            Undo::RemoveDir { .. } | Undo::DeleteNetns { .. } | Undo::CloseNetnsFolder { .. }
        )
    }

    /// Whether it dies with the namespaces of a run that was root in those alone.
    fn is_in_a_namespace(&self) -> bool {
        matches!(
            self,
            Undo::Unmount { .. } | Undo::DeleteNetns { .. } | Undo::CloseNetnsFolder { .. }
        )
    }

    /// What was undone, in a line.
    pub fn describe(&self) -> Text {
        match self {
            Undo::Kill(Identity { pid, .. }) => text!("process {pid} ended", "프로세스 {pid} 종료"),
            Undo::KillRun { .. } => {
                Text::new("processes of a lab shell ended", "실습 셸이 남긴 프로세스 종료")
            }
            Undo::Unmount { target: path, .. } => {
                let path = path.display();
                text!("{path} unmounted", "{path}의 마운트 해제")
            }
            Undo::RemoveDir { path } | Undo::DeleteNetns { path } | Undo::RemoveCgroup { path } => {
                let path = path.display();
                text!("{path} removed", "{path} 삭제")
            }
            Undo::CloseNetnsFolder { .. } => {
                let folder = netns::FOLDER;
                text!("{folder} as it was", "{folder} 원상 복구")
            }
            Undo::DisableController { group, controller } => {
                let group = group.display();
                text!("{controller} disabled in {group}", "{group}에서 {controller} 비활성화")
            }
        }
    }
}

/// Replays `undos`, last made first, and processes before all else: they hold the rest open.
/// `strays` ends what is not in the journal. Goes on after an error, so that one stubborn thing
/// does not keep the others.
///
/// # Errors
/// The first error met.
fn replay(undos: &[Undo], strays: impl FnOnce() -> Result<()>) -> Result<Vec<Text>> {
    let (processes, rest): (Vec<_>, Vec<_>) = undos.iter().rev().partition(|u| u.is_process());
    let mut undone = Vec::new();
    let mut outcome = Ok(());
    let mut replay_all = |undos: Vec<&Undo>| {
        let mut so_far = Ok(());
        for undo in undos {
            match undo.replay() {
                Ok(true) => undone.push(undo.describe()),
                Ok(false) => {}
                Err(error) => so_far = so_far.and(Err(error)),
            }
        }
        so_far
    };
    for step in [replay_all(processes), strays(), replay_all(rest)] {
        outcome = outcome.and(step);
    }
    outcome.map(|()| undone)
}

/// Undoes what a killed run left; lines that say what was done.
///
/// # Errors
/// The first thing that could not be undone.
pub fn mend(remains: &Remains) -> Result<Vec<Text>> {
    let undos: Vec<Undo> = remains
        .undos
        .iter()
        .filter(|undo| !remains.rebooted || undo.outlives_boot())
        .filter(|undo| !remains.rootless || !undo.is_in_a_namespace())
        .cloned()
        .collect();
    replay(&undos, || Ok(()))
}

/// The changes of one run, and how to undo them. Dropping it undoes them.
#[derive(Debug)]
pub struct Cleanup {
    journal: Option<Journal>,
    undos: Vec<Undo>,
    home: Option<mount::Home>,
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
    pub fn begin(lab: &str, rootless: bool) -> Result<(Cleanup, Vec<Text>)> {
        let (mut journal, remains) = Journal::open(lab)?;
        kill::adopt_orphans()?;
        let mended = mend(&remains)?;
        let begun = journal.begin(rootless);
        let cleanup = Cleanup {
            token: journal.token.clone(),
            journal: Some(journal),
            undos: Vec::new(),
            home: None,
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
        if let Some(journal) = &mut self.journal {
            journal.record(&undo)?;
        }
        self.undos.push(undo);
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
            self.undos.pop();
            if let Some(journal) = &mut self.journal {
                journal.refuse_last()?;
            }
        }
        made
    }

    /// Makes a folder that must not be there yet, and that is removed at the run's end, once empty.
    ///
    /// # Errors
    /// [`Error::Unable`](crate::error::Error::Unable) when it is there already; mkdir(2)'s.
    pub fn make_dir(&mut self, path: &Path) -> Result<()> {
        files::must_be_free(path)?;
        self.make(Undo::RemoveDir { path: path.to_owned() }, || files::make_dir(path))
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

    /// Whether this process has become root in a user namespace of its own.
    pub fn is_rootless(&self) -> bool {
        self.rootless
    }

    /// Undoes everything; how many things there were to undo.
    ///
    /// # Errors
    /// The first thing that could not be undone. The journal then stays, for `lab reset`.
    pub fn finish(mut self) -> Result<usize> {
        self.undo_all()
    }

    fn undo_all(&mut self) -> Result<usize> {
        let undos = std::mem::take(&mut self.undos);
        if self.journal.is_none() {
            return Ok(0);
        }
        // Not in the journal: programs that live but for a moment, and what they have started.
        let replayed = replay(&undos, kill::descendants);
        let home = self.home.take().map_or(Ok(()), mount::Home::come_back);
        let journal = self.journal.take();
        let undone = replayed?.len();
        home?;
        if let Some(journal) = journal {
            journal.remove()?;
        }
        Ok(undone)
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
    use crate::state;

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

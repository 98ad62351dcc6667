//! One thing to undo, as data, and how it is told from what somebody else has made since.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::kernel::{cgroup, files, kill, mount, netns};
use crate::probe::file;
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
    /// Unmount what is mounted on `target`, if its source in `/proc/self/mountinfo` is `source`, which
    /// holds the run's token: no other mount has it.
    Unmount {
        /// The mount point.
        target: PathBuf,
        /// The mount's source.
        source: String,
    },
    /// Remove an empty folder, if it still is the one that was made.
    RemoveDir {
        /// The folder.
        path: PathBuf,
    },
    /// Take a network namespace's name away: detach the nsfs mount, remove the empty file, if both still
    /// are those that were made.
    DeleteNetns {
        /// The file, `/run/netns/NAME`.
        path: PathBuf,
        /// The namespace, `net:[4026532256]`.
        namespace: String,
    },
    /// Make `/run/netns` what it was, unless somebody else has namespaces in it by now, or has mounted it
    /// anew.
    CloseNetnsFolder {
        /// Whether we made the folder.
        made: bool,
    },
    /// Remove a control group, if it still is the one that was made, after moving out what others have
    /// put in.
    RemoveCgroup {
        /// Its directory.
        path: PathBuf,
    },
    /// Disable a controller again that was enabled for the children of a group, if it still is that group.
    /// A switch that somebody has turned off and on again meanwhile is not told from ours.
    DisableController {
        /// The group's directory.
        group: PathBuf,
        /// Which group that was.
        identity: file::Identity,
        /// The controller's name in `cgroup.subtree_control`.
        controller: String,
    },
}

/// What came of undoing something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was gone already.
    Gone,
    /// It is undone.
    Undone,
    /// What is there is not what was made, or holds something of somebody's: it stays.
    Kept,
}

impl From<bool> for Outcome {
    fn from(changed: bool) -> Outcome {
        if changed { Outcome::Undone } else { Outcome::Gone }
    }
}

/// An [`Undo`] and, once the change was made, the identity of what it made.
///
/// A run may be killed between the two. What it made then is known by the mode that it was born with
/// ([`files::is_ours`]), or is in a mount namespace that has died with the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What to undo.
    pub undo: Undo,
    /// What was made, where that has an identity of its own.
    pub made: Option<file::Identity>,
}

impl Entry {
    /// Undoes it, if it is still there.
    ///
    /// # Errors
    /// When it is there and the kernel refuses.
    pub fn replay(&self) -> Result<Outcome> {
        let made = self.made.as_ref();
        match &self.undo {
            Undo::Kill(identity) => kill::process(*identity).map(Outcome::from),
            Undo::KillRun { token } => kill::run(token).map(Outcome::from),
            Undo::Unmount { target, source } => mount::unmount(target, source).map(Outcome::from),
            Undo::RemoveDir { path } => files::remove_made_dir(path, made),
            Undo::DeleteNetns { path, namespace } => netns::delete(path, namespace, made),
            Undo::CloseNetnsFolder { made: by_us } => netns::close_folder(*by_us, made),
            Undo::RemoveCgroup { path } => cgroup::remove(path, made),
            Undo::DisableController { group, identity, controller } => {
                cgroup::disable(group, identity, controller)
            }
        }
    }
}

impl Undo {
    /// Whether it ends processes.
    pub fn is_process(&self) -> bool {
        matches!(self, Undo::Kill(_) | Undo::KillRun { .. })
    }

    /// Whether it can still be there after the machine was booted again: only files can.
    pub fn outlives_boot(&self) -> bool {
        matches!(
            self,
            Undo::RemoveDir { .. } | Undo::DeleteNetns { .. } | Undo::CloseNetnsFolder { .. }
        )
    }

    /// Whether it dies with the namespaces of a run that was root in those alone.
    pub fn is_in_a_namespace(&self) -> bool {
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
            Undo::RemoveDir { path }
            | Undo::DeleteNetns { path, .. }
            | Undo::RemoveCgroup { path } => {
                let path = path.display();
                text!("{path} removed", "{path} 삭제")
            }
            Undo::CloseNetnsFolder { .. } => {
                let folder = netns::FOLDER;
                text!("{folder} as it was", "{folder} 원상 복구")
            }
            Undo::DisableController { group, controller, .. } => {
                let group = group.display();
                text!("{controller} disabled in {group}", "{group}에서 {controller} 비활성화")
            }
        }
    }

    /// What was left because it is somebody else's, in a line; none where nobody has to know.
    pub fn describe_kept(&self) -> Option<Text> {
        let path = match self {
            Undo::RemoveDir { path }
            | Undo::DeleteNetns { path, .. }
            | Undo::RemoveCgroup { path } => path.display(),
            _ => return None,
        };
        Some(text!(
            "{path} stays: it is not what lab made, or holds something that is not lab's",
            "그대로 둔 것: {path}. lab이 만든 것이 아니거나, lab의 것이 아닌 것이 들어 있습니다"
        ))
    }
}

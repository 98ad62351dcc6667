//! Control groups: made beside the machine's own, never inside or over them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::unistd::Pid;

use crate::error::{Context, Error, Result, SysError};
use crate::kernel::cleanup::{Cleanup, Outcome, Undo};
use crate::kernel::files;
use crate::probe::cgroup::processes;
use crate::probe::file::{self, Identity};
use crate::text::Text;

/// After its last process died a group is busy for some 0.7 ms more.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_micros(200);

/// Makes a control group that must not be there yet.
///
/// # Errors
/// [`Error::Unable`] when there is one of that name; mkdir(2)'s.
pub fn make(cleanup: &mut Cleanup, path: &Path) -> Result<()> {
    cleanup.make_folder(Undo::RemoveCgroup { path: path.to_owned() }, path)
}

/// Moves a process into the group.
///
/// # Errors
/// write(2)'s: ENOSPC in a cpuset without cpus, EBUSY in a v2 group whose children have controllers.
pub fn enter(group: &Path, pid: Pid) -> Result<()> {
    set(group, "cgroup.procs", pid)
}

/// Writes to one of the group's files.
///
/// # Errors
/// write(2)'s: EINVAL for a value that the controller refuses.
pub fn set(group: &Path, file: &str, value: impl std::fmt::Display) -> Result<()> {
    files::write(&group.join(file), &value.to_string())
}

/// Enables `controller` for the children of the v2 group `group` (cgroup-v2.rst, "Enabling and
/// Disabling"), unless it is enabled already.
///
/// # Errors
/// write(2)'s: ENOENT where the controller belongs to a v1 hierarchy.
pub fn enable(cleanup: &mut Cleanup, group: &Path, controller: &str) -> Result<()> {
    if enabled(group)?.split_whitespace().any(|name| name == controller) {
        return Ok(());
    }
    let gone = || Error::Sys(SysError::new("statx", group.display(), Errno::ENOENT));
    let undo = Undo::DisableController {
        group: group.to_owned(),
        identity: file::look(group)?.ok_or_else(gone)?.identity,
        controller: controller.to_owned(),
    };
    cleanup.make(undo, || set(group, "cgroup.subtree_control", format!("+{controller}")))
}

fn enabled(group: &Path) -> Result<String> {
    let path = group.join("cgroup.subtree_control");
    fs::read_to_string(&path).context("read", path.display())
}

/// Disables a controller again for the children of `group`, if it still is `identity` and nobody has set
/// a weight or a limit there.
///
/// # Errors
/// write(2)'s: EBUSY when a child group has enabled it for its own children by now.
pub fn disable(group: &Path, identity: &Identity, controller: &str) -> Result<Outcome> {
    let is_that_group = file::look(group)?.is_some_and(|found| identity.is(&found.identity));
    if !is_that_group || !enabled(group)?.split_whitespace().any(|name| name == controller) {
        return Ok(Outcome::Gone);
    }
    if somebody_shares_in(group) {
        return Ok(Outcome::Kept);
    }
    set(group, "cgroup.subtree_control", format!("-{controller}")).map(|()| Outcome::Undone)
}

/// Whether somebody has set a weight or a limit in a group of `group` meanwhile: without the controller
/// they would lose it.
fn somebody_shares_in(group: &Path) -> bool {
    let says = |group: &Path, file: &str| fs::read_to_string(group.join(file)).ok();
    let is_set = |group: &Path| {
        says(group, "cpu.weight").is_some_and(|weight| weight.trim() != "100")
            || says(group, "cpu.max").is_some_and(|max| !max.starts_with("max"))
    };
    children(group).any(|group| is_set(&group))
}

/// The groups in `group`.
fn children(group: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(group).into_iter().flatten().filter_map(std::io::Result::ok);
    let is_group = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    entries.filter(is_group).map(|entry| entry.path())
}

/// Removes a group that was made, if it still is that one and has no groups of others in it. Processes of
/// others that were put into it go back to its parent, as they would have to before an rmdir by hand.
///
/// # Errors
/// rmdir(2)'s: EBUSY while a process in it does not end.
pub fn remove(path: &Path, made: Option<&Identity>) -> Result<Outcome> {
    let end = Instant::now() + PATIENCE;
    loop {
        match file::look(path)? {
            None => return Ok(Outcome::Gone),
            Some(found) if !files::is_ours(&found, made) => return Ok(Outcome::Kept),
            Some(_) => {}
        }
        match fs::remove_dir(path).context("rmdir", path.display()) {
            Ok(()) => return Ok(Outcome::Undone),
            Err(error) if error.errno() == Some(Errno::ENOENT) => return Ok(Outcome::Gone),
            // Ours in it were removed before.
            Err(_) if children(path).next().is_some() => return Ok(Outcome::Kept),
            Err(error) if error.errno() != Some(Errno::EBUSY) || Instant::now() > end => {
                return Err(error);
            }
            Err(_) => move_out(path)?,
        }
        std::thread::sleep(PAUSE);
    }
}

/// Moves what is in `group` to the nearest group above that takes it: under v2 one that gives its
/// children controllers takes no processes of its own, except the root (cgroup-v2.rst, "No Internal
/// Process Constraint").
fn move_out(group: &Path) -> Result<()> {
    for pid in processes(group)? {
        let orphan = Text::new("a group without a parent", "상위 그룹이 없는 그룹입니다");
        let mut moved = Err(Error::broken(&orphan));
        for above in group.ancestors().skip(1) {
            moved = enter(above, pid);
            match &moved {
                Err(error) if error.errno() == Some(Errno::EBUSY) => {}
                // Dead by now, which is what the group waits for.
                Err(error) if error.errno() == Some(Errno::ESRCH) => {
                    moved = Ok(());
                    break;
                }
                _ => break,
            }
        }
        moved?;
    }
    Ok(())
}

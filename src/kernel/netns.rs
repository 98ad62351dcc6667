//! Network namespaces with a name: a file under `/run/netns` on which the namespace is mounted, so
//! that `ip netns` shows it (man 8 ip-netns).

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc::O_NOFOLLOW;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{AccessFlags, access};

use crate::cleanup::{Cleanup, Undo};
use crate::error::{Context, Result};
use crate::kernel::mount::{source, tmpfs};
use crate::kernel::{files, process::Process};
use crate::probe::mountinfo;
use crate::probe::user::is_initial;

/// Where `ip netns` looks.
pub const FOLDER: &str = "/run/netns";

/// The file that stands for the namespace called `name`.
pub fn file(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

/// Gives the network namespace of `process` a name, which must be free; the file that holds it.
///
/// # Errors
/// [`crate::error::Error::Unable`] when the name is taken; open(2)'s, mount(2)'s.
pub fn name(cleanup: &mut Cleanup, name: &str, process: &Process) -> Result<PathBuf> {
    let path = file(name);
    open_folder(cleanup)?;
    files::must_be_free(&path)?;
    cleanup.make(Undo::DeleteNetns { path: path.clone() }, || files::make_file(&path, ""))?;
    let source = format!("/proc/{}/ns/net", process.pid);
    mount(Some(source.as_str()), &path, None::<&str>, MsFlags::MS_BIND, None::<&str>)
        .context("mount", format!("--bind {source} {}", path.display()))?;
    Ok(path)
}

/// Makes the folder what `ip netns add` would make it: a shared mount of its own. If we did not,
/// the next `ip netns add` would, over our files, and they could not be removed any more. Root in a user
/// namespace, to whom the machine's `/run` does not belong, gets another over it first.
fn open_folder(cleanup: &mut Cleanup) -> Result<()> {
    let folder = Path::new(FOLDER);
    if !is_initial() {
        cover_run(cleanup)?;
    }
    if mountinfo::on(folder)?.is_some() {
        return Ok(());
    }
    let made = !folder.exists();
    cleanup.record(Undo::CloseNetnsFolder { made })?;
    if made {
        files::make_dir(folder)?;
    }
    mount(Some(folder), folder, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)
        .context("mount", format!("--bind {FOLDER} {FOLDER}"))?;
    let shared = MsFlags::MS_SHARED | MsFlags::MS_REC;
    mount(None::<&str>, folder, None::<&str>, shared, None::<&str>)
        .context("mount", format!("--make-rshared {FOLDER}"))
}

/// Mounts a `/run` of our own over one that is the machine's.
fn cover_run(cleanup: &mut Cleanup) -> Result<()> {
    let (folder, run) = (Path::new(FOLDER), Path::new("/run"));
    let parent = if folder.exists() { folder } else { run };
    let writable = access(parent, AccessFlags::W_OK).is_ok();
    // To root who has become root once more it belongs, but the machine's it is.
    let theirs = !writable || cleanup.is_rootless();
    let covered = mountinfo::on(run)?.is_some_and(|mount| mount.source == source(cleanup));
    if theirs && !covered {
        cleanup.enter_private_mounts()?;
        tmpfs(cleanup, run, "mode=0755,size=1m")?;
    }
    Ok(())
}

/// Makes the folder what it was, unless somebody has namespaces in it by now; `true` when something
/// was changed. `made`: whether we made the folder itself.
///
/// # Errors
/// umount2(2)'s, rmdir(2)'s.
pub fn close_folder(made: bool) -> Result<bool> {
    let folder = Path::new(FOLDER);
    match fs::read_dir(folder).map(Iterator::count).context("open", FOLDER) {
        Ok(0) => {}
        Ok(_) => return Ok(false),
        Err(error) if error.errno() == Some(Errno::ENOENT) => return Ok(false),
        Err(error) => return Err(error),
    }
    if mountinfo::on(folder)?.is_some() {
        umount2(folder, MntFlags::UMOUNT_NOFOLLOW).context("umount2", FOLDER)?;
    }
    if made { files::remove_empty_dir(folder) } else { Ok(true) }
}

/// Takes a name away, if it is there; `true` when it was. Only an nsfs mount is detached, and only
/// an empty file is removed.
///
/// # Errors
/// umount2(2)'s, unlink(2)'s.
pub fn delete(path: &Path) -> Result<bool> {
    while mountinfo::on(path)?.is_some_and(|mount| mount.kind == "nsfs") {
        // MNT_DETACH, as `ip netns del` does: a shell in there must not make it EBUSY.
        let flags = MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW;
        umount2(path, flags).context("umount2", path.display())?;
    }
    let open = OpenOptions::new().read(true).custom_flags(O_NOFOLLOW).open(path);
    match open.and_then(|file| file.metadata()).context("open", path.display()) {
        Ok(meta) if meta.is_file() && meta.len() == 0 => {
            fs::remove_file(path).context("unlink", path.display()).map(|()| true)
        }
        Ok(_) => Ok(false),
        Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

//! Network namespaces with a name: a file under `/run/netns` on which the namespace is mounted, so
//! that `ip netns` shows it (man 8 ip-netns).

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use nix::libc;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{AccessFlags, access};

use crate::error::{Context, Result};
use crate::kernel::cleanup::{Cleanup, Outcome, Undo};
use crate::kernel::files;
use crate::kernel::mount::{source, tmpfs};
use crate::kernel::process::Process;
use crate::probe::file::{self, Found, Identity};
use crate::probe::{mountinfo, namespace};
use crate::visit::kind::Kind;
use crate::visit::user::{self, is_initial};

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
    let namespace = namespace::of(process.pid, Kind::Net)?;
    let undo = Undo::DeleteNetns { path: path.clone(), namespace };
    cleanup.make(undo, || files::make_newborn_file(&path))?;
    // Before the namespace is mounted on it, the file can be seen.
    cleanup.identify(&path)?;
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
        files::make_newborn_dir(folder)?;
    }
    mount(Some(folder), folder, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)
        .context("mount", format!("--bind {FOLDER} {FOLDER}"))?;
    cleanup.identify(folder)?;
    if made {
        files::open_to_all(folder)?;
    }
    let shared = MsFlags::MS_SHARED | MsFlags::MS_REC;
    mount(None::<&str>, folder, None::<&str>, shared, None::<&str>)
        .context("mount", format!("--make-rshared {FOLDER}"))
}

/// Mounts a `/run` of our own over one that is the machine's.
fn cover_run(cleanup: &mut Cleanup) -> Result<()> {
    let (folder, run) = (Path::new(FOLDER), Path::new("/run"));
    let parent = if folder.exists() { folder } else { run };
    let writable = access(parent, AccessFlags::W_OK).is_ok();
    let mounts = File::open("/proc/self/ns/mnt").context("open", "/proc/self/ns/mnt")?;
    // To root who has become root once more it belongs, but the machine's it is; and nobody mounts anything in a mount
    // namespace that another user namespace owns, as after `unshare -Ur` (man 7 mount_namespaces).
    let theirs = !writable || cleanup.is_rootless() || !user::may_come_back_to(&mounts)?;
    let covered = mountinfo::on(run)?.is_some_and(|mount| mount.source == source(cleanup));
    if theirs && !covered {
        cleanup.enter_private_mounts()?;
        tmpfs(cleanup, run, "mode=0755,size=1m")?;
    }
    Ok(())
}

/// Makes the folder what it was, unless somebody has namespaces in it by now, or has mounted it anew
/// since. `by_us`: whether we made the folder itself. `made`: the folder, on our mount.
///
/// # Errors
/// umount2(2)'s, rmdir(2)'s.
pub fn close_folder(by_us: bool, made: Option<&Identity>) -> Result<Outcome> {
    let folder = Path::new(FOLDER);
    let Some(found) = file::look(folder)? else { return Ok(Outcome::Gone) };
    let in_use = fs::read_dir(folder).context("open", FOLDER)?.next().is_some();
    if in_use || !files::is_ours(&found, made) {
        return Ok(Outcome::Kept);
    }
    let is_mounted = mountinfo::on(folder)?.is_some();
    if is_mounted && made.is_some_and(|made| !made.is_on_the_mount_of(&found.identity)) {
        return Ok(Outcome::Kept);
    }
    if is_mounted {
        umount2(folder, MntFlags::UMOUNT_NOFOLLOW).context("umount2", FOLDER)?;
    }
    if by_us { files::remove_made_dir(folder, made) } else { Ok(Outcome::from(is_mounted)) }
}

/// Takes a name away, if both its file and the namespace on it are those that were made.
///
/// # Errors
/// umount2(2)'s, unlink(2)'s.
pub fn delete(path: &Path, namespace: &str, made: Option<&Identity>) -> Result<Outcome> {
    let is_ours = |file: &Found| {
        let is_empty = file.mode & libc::S_IFMT == libc::S_IFREG && file.size == 0;
        is_empty && files::is_ours(file, made)
    };
    while let Some(mount) = mountinfo::on(path)? {
        let is_that_namespace = mount.kind == "nsfs" && mount.root == namespace;
        if !is_that_namespace || !file::look_below_mounts(path)?.is_none_or(|file| is_ours(&file)) {
            return Ok(Outcome::Kept);
        }
        // MNT_DETACH, as `ip netns del` does: a shell in there must not make it EBUSY.
        let flags = MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW;
        umount2(path, flags).context("umount2", path.display())?;
    }
    match file::look(path)? {
        None => Ok(Outcome::Gone),
        Some(file) if !is_ours(&file) => Ok(Outcome::Kept),
        Some(_) => files::remove(path).map(|()| Outcome::Undone),
    }
}

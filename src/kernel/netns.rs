//! Network namespaces with a name: a file under `/run/netns` on which the namespace is mounted, so
//! that `ip netns` shows it (man 8 ip-netns).

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use crate::cleanup::{Cleanup, Undo};
use crate::error::{Context, Result};
use crate::kernel::{files, process::Process};
use crate::probe::mountinfo;

/// Gives the network namespace of `process` the name `path`, which must be free.
///
/// # Errors
/// [`crate::error::Error::Unable`] when the name is taken; open(2)'s, mount(2)'s.
pub fn name(cleanup: &mut Cleanup, path: &Path, process: &Process) -> Result<()> {
    cleanup.make(Undo::DeleteNetns { path: path.to_owned() }, || files::make_file(path, ""))?;
    let source = format!("/proc/{}/ns/net", process.pid);
    mount(Some(source.as_str()), path, None::<&str>, MsFlags::MS_BIND, None::<&str>)
        .context("mount", format!("--bind {source} {}", path.display()))
}

/// Takes the name away, if it is there; `true` when it was. Only an nsfs mount is detached, and
/// only an empty file is removed.
///
/// # Errors
/// umount2(2)'s, unlink(2)'s.
pub fn delete(path: &Path) -> Result<bool> {
    while mountinfo::read()?.iter().any(|mount| mount.target == path && mount.kind == "nsfs") {
        // MNT_DETACH, as `ip netns del` does: a shell in there must not make it EBUSY.
        let flags = MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW;
        umount2(path, flags).context("umount2", path.display())?;
    }
    let open = OpenOptions::new().read(true).custom_flags(nix::libc::O_NOFOLLOW).open(path);
    match open.and_then(|file| file.metadata()).context("open", path.display()) {
        Ok(meta) if meta.is_file() && meta.len() == 0 => {
            fs::remove_file(path).context("unlink", path.display()).map(|()| true)
        }
        Ok(_) => Ok(false),
        Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

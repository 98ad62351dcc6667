//! The root directory of a process, and the way out of one that only chroot(2) has set.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::sched::CloneFlags;
use nix::unistd::{chdir, chroot, fchdir};

use crate::error::{Context, Result};
use crate::kernel::process::ask;
use crate::probe::file;

/// The way out of a chroot, as chroot(2) itself warns: "the superuser can escape". It goes up as far as `..` leads,
/// and that is this process's root then. `aside` is any folder below the root that it has now.
///
/// # Errors
/// chroot(2)'s: EPERM without `CAP_SYS_CHROOT`.
pub fn walk_up(aside: &Path) -> Result<()> {
    let open = File::open("/").context("open", "/")?;
    chroot(aside).context("chroot", aside.display())?;
    fchdir(&open).context("fchdir", "/")?;
    loop {
        let inode = |path: &str| {
            fs::metadata(path).map(|meta| (meta.dev(), meta.ino())).context("stat", path)
        };
        if inode(".")? == inode("..")? {
            return chroot(".").context("chroot", ".");
        }
        chdir("..").context("chdir", "..")?;
    }
}

/// Whether there is something above this process's root: a child walks up and looks. The root may be a mount of its own
/// and yet not its mount namespace's.
///
/// # Errors
/// As for [`walk_up`]; statx(2)'s.
pub fn is_chrooted() -> Result<bool> {
    let identity = || Ok(file::look(Path::new("/"))?.map(|found| found.identity));
    ask(CloneFlags::empty(), || {
        let here = identity()?;
        walk_up(Path::new("/proc"))?;
        let top = identity()?;
        Ok(!here.zip(top).is_some_and(|(here, top)| here.is_on_the_mount_of(&top)))
    })
}

//! The root directory of a process, and the way out of one that only chroot(2) has set.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{chdir, chroot, fchdir};

use crate::error::{Context, Result};

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

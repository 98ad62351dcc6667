//! What tells a file from another that is made under its name later (man 2 statx).

use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use nix::errno::Errno;
use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
use rustix::mount::{OpenTreeFlags, open_tree};
use serde::{Deserialize, Serialize};

use crate::error::{Context, Result};

/// STATX_MNT_ID_UNIQUE (linux/stat.h): the number of a mount that is never given twice, since Linux 6.8.
/// An older kernel answers with the one in mountinfo.
const UNIQUE_MOUNT: StatxFlags = StatxFlags::from_bits_retain(0x4000);

/// What a file, a folder or a control group keeps as long as it is there.
///
/// A file system may give an inode number again, so the time of birth belongs to it. cgroupfs has none,
/// but there the number is kernfs' own of 64 bits (what name_to_handle_at(2) gives out as well), which no
/// other group is given until the next boot. nsfs has none either, and gives a number again at once: a
/// namespace is known by the file that it is mounted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    inode: u64,
    /// Seconds and nanoseconds.
    born: Option<(i64, u32)>,
    /// The mount on which it was seen.
    mount: u64,
}

impl Identity {
    /// Whether both are the same file, on whatever mount: each mount namespace has its own.
    pub fn is(&self, other: &Identity) -> bool {
        (self.inode, self.born) == (other.inode, other.born)
    }

    /// Whether both are the same file on the same mount.
    pub fn is_on_the_mount_of(&self, other: &Identity) -> bool {
        self.is(other) && self.mount == other.mount
    }
}

/// A file that was found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Which one it is.
    pub identity: Identity,
    /// Its type and its permission bits.
    pub mode: u32,
    /// Its owner.
    pub user: u32,
    /// Its length in bytes.
    pub size: u64,
}

/// What is at `path`, with what is mounted on it; a link itself. None where nothing is.
///
/// # Errors
/// statx(2)'s.
pub fn look(path: &Path) -> Result<Option<Found>> {
    look_at(CWD, path)
}

/// What is at `path` below all that is mounted on it. The kernel gives no way down but a copy of the mount
/// around it, without those in it; it is gone when it is closed. None where nothing is, and before
/// Linux 5.2, which has no way down.
///
/// # Errors
/// open_tree(2)'s: EPERM without CAP_SYS_ADMIN; statx(2)'s.
pub fn look_below_mounts(path: &Path) -> Result<Option<Found>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return look(path) };
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    let copy = open_tree(CWD, folder, flags).map_err(io::Error::from);
    match copy.context("open_tree", folder.display()) {
        Err(error) if matches!(error.errno(), Some(Errno::ENOENT | Errno::ENOSYS)) => Ok(None),
        other => look_at(other?, Path::new(name)),
    }
}

fn look_at(folder: impl AsFd, path: &Path) -> Result<Option<Found>> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME | UNIQUE_MOUNT;
    let found = statx(folder, path, flags, wanted).map_err(io::Error::from);
    let found = match found.context("statx", path.display()) {
        Err(error) if error.errno() == Some(Errno::ENOENT) => return Ok(None),
        other => other?,
    };
    let has_birth = found.stx_mask & StatxFlags::BTIME.bits() != 0;
    let born = has_birth.then_some((found.stx_btime.tv_sec, found.stx_btime.tv_nsec));
    Ok(Some(Found {
        identity: Identity { inode: found.stx_ino, born, mount: found.stx_mnt_id },
        mode: found.stx_mode.into(),
        user: found.stx_uid,
        size: found.stx_size,
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_that_is_made_anew_is_another() {
        let path = std::env::temp_dir().join(format!("identity-{}", std::process::id()));
        let make = || {
            fs::create_dir(&path).unwrap();
            look(&path).unwrap().unwrap().identity
        };
        let first = make();
        assert!(first.is_on_the_mount_of(&look(&path).unwrap().unwrap().identity));
        fs::remove_dir(&path).unwrap();
        assert!(look(&path).unwrap().is_none());
        // The clock that times of birth are taken from ticks every few milliseconds.
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(!first.is(&make()));
        fs::remove_dir(&path).unwrap();
    }
}

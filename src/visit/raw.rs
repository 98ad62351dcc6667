//! System calls that no library wraps.

#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd};

use nix::errno::Errno;
use nix::libc;

use crate::error::{Context, Result};

/// linux/mount.h, `struct mount_attr`.
#[repr(C)]
#[derive(Debug)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    userns: u64,
}

/// Makes a tree of mounts, which is in nobody's mount namespace yet, private and read-only to the last of
/// its mounts, without set-user-ID and devices (man 2 mount_setattr).
///
/// # Errors
/// ENOSYS before Linux 5.12; EPERM without `CAP_SYS_ADMIN`.
pub fn read_only(tree: BorrowedFd<'_>) -> Result<()> {
    // MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, linux/mount.h.
    let attr = MountAttr { set: 1 | 2 | 4, clear: 0, propagation: libc::MS_PRIVATE, userns: 0 };
    let flags = libc::AT_EMPTY_PATH | libc::AT_RECURSIVE;
    let (path, size) = (c"".as_ptr(), size_of::<MountAttr>());
    // SAFETY: the kernel reads a string that ends, and `size` bytes of a structure that outlives the call.
    let answer = unsafe {
        libc::syscall(libc::SYS_mount_setattr, tree.as_raw_fd(), path, flags, &raw const attr, size)
    };
    Errno::result(answer).map(drop).context("mount_setattr", "MOUNT_ATTR_RDONLY")
}

/// Leaves the session keyring for a new one without keys (man 2 keyctl, `KEYCTL_JOIN_SESSION_KEYRING`).
///
/// # Errors
/// EDQUOT where the user has too many keys. A kernel without keyrings has none to leave.
pub fn leave_keyring() -> Result<()> {
    let no_name = std::ptr::null::<libc::c_char>();
    // SAFETY: the kernel reads none of our memory: the name is null, and a keyring without one is made.
    let answer =
        unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, no_name) };
    match Errno::result(answer) {
        Ok(_) | Err(Errno::ENOSYS) => Ok(()),
        Err(errno) => Err(errno).context("keyctl", "KEYCTL_JOIN_SESSION_KEYRING"),
    }
}

/// Lets no descriptor above standard error go over into the next program (man 2 close_range).
///
/// # Errors
/// ENOSYS before Linux 5.11.
pub fn keep_descriptors() -> Result<()> {
    let (first, last) = (3 as libc::c_uint, libc::c_uint::MAX);
    // SAFETY: only a flag of our descriptors changes, and nothing is closed before an execve(2).
    let answer =
        unsafe { libc::syscall(libc::SYS_close_range, first, last, libc::CLOSE_RANGE_CLOEXEC) };
    Errno::result(answer).map(drop).context("close_range", "CLOSE_RANGE_CLOEXEC")
}

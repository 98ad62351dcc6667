//! User namespaces (man 7 user_namespaces): becoming root in one of our own, and going into others'.

use std::fs::{self, File};
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::atomic::{AtomicBool, Ordering};

use caps::{CapSet, Capability};
use nix::errno::Errno;
use nix::libc;
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{Gid, Uid};

use crate::error::{Context, Error, Result};
use crate::kernel::mount;
use crate::probe::namespace::{Kind, is_ours};

/// Whether this process has a user namespace of its own already.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Gives this process a user namespace of its own, in which it is root, and a mount namespace that
/// belongs to it. Its one user and its one group are those that it had; that an ordinary user may map
/// the group takes `setgroups` denied (man 7 user_namespaces). There is no way back; a process that is
/// there already stays.
///
/// # Errors
/// unshare(2)'s: EPERM, ENOSPC, EINVAL where there are to be no such namespaces; write(2)'s, mount(2)'s
/// where a security module lets nobody be root in one.
pub fn become_root() -> Result<()> {
    if ENTERED.load(Ordering::Relaxed) {
        return Ok(());
    }
    map_root(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)?;
    mount::make_private()?;
    ENTERED.store(true, Ordering::Relaxed);
    Ok(())
}

/// The same without mounts, which cost more than all the rest: for a child that only tries.
///
/// # Errors
/// As for [`become_root`].
pub fn try_root() -> Result<()> {
    map_root(CloneFlags::CLONE_NEWUSER)
}

fn map_root(flags: CloneFlags) -> Result<()> {
    let (user, group) = (Uid::effective(), Gid::effective());
    unshare(flags).context("unshare", format!("{flags:?}"))?;
    let write = |file: &str, text: String| {
        let path = format!("/proc/self/{file}");
        fs::write(&path, text).context("write", path)
    };
    write("setgroups", "deny".to_owned())?;
    write("uid_map", format!("0 {user} 1"))?;
    write("gid_map", format!("0 {group} 1"))
}

/// Whether this process may do as root does, in whichever user namespace it is.
///
/// # Errors
/// capget(2)'s.
pub fn is_capable() -> Result<bool> {
    caps::has_cap(None, CapSet::Effective, Capability::CAP_SYS_ADMIN)
        .map_err(|error| Error::Broken(format!("capget: {error}")))
}

/// Whether this process may come back to `namespace` once it has left it: that takes `CAP_SYS_ADMIN`
/// in the user namespace that `namespace` belongs to (man 2 setns), which is another than ours where
/// we are root in one of our own.
///
/// # Errors
/// capget(2)'s, stat(2)'s.
pub fn may_come_back_to(namespace: &File) -> Result<bool> {
    if !is_capable()? {
        return Ok(false);
    }
    // Refused: it is above ours.
    Ok(owner(namespace).is_ok_and(|owner| is_ours(&owner, Kind::User)))
}

/// Goes into the user namespace that `namespace` belongs to, where that is needed to go into
/// `namespace` itself: whoever made a user namespace may do everything in it, but only from inside.
/// For a child or an errand; there is no way back.
///
/// # Errors
/// ioctl(2)'s: EPERM for one that is not below our own; setns(2)'s: EPERM for one that is not ours.
pub fn join_owner(namespace: &File) -> Result<()> {
    if is_capable()? {
        return Ok(());
    }
    setns(owner(namespace)?, CloneFlags::CLONE_NEWUSER).context("setns", "CLONE_NEWUSER")
}

/// `NS_GET_USERNS`, linux/nsfs.h (man 2 NS_GET_USERNS).
const NS_GET_USERNS: libc::Ioctl = nix::request_code_none!(0xb7, 0x1) as libc::Ioctl;

/// The user namespace that `namespace` belongs to.
#[allow(unsafe_code)]
fn owner(namespace: &File) -> Result<File> {
    // SAFETY: this request takes no argument, and reads and writes none of our memory.
    let answer = unsafe { libc::ioctl(namespace.as_raw_fd(), NS_GET_USERNS) };
    let owner = Errno::result(answer).context("ioctl", "NS_GET_USERNS")?;
    // SAFETY: the kernel has just opened it for us, and nobody else has it.
    Ok(unsafe { File::from_raw_fd(owner) })
}

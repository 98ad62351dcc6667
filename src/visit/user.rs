//! User namespaces (man 7 user_namespaces): becoming root in one of our own, going into others', and whom
//! each has.

use std::fs::{self, File};
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::atomic::{AtomicBool, Ordering};

use caps::{CapSet, Capability};
use nix::errno::Errno;
use nix::libc;
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{Gid, Pid, Uid};

use crate::error::{Context, Error, Result};
use crate::visit::kind::{Kind, is_ours};
use crate::visit::mounts;

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
    mounts::make_private()?;
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

/// `NS_GET_OWNER_UID`, linux/nsfs.h (man 2 NS_GET_OWNER_UID).
const NS_GET_OWNER_UID: libc::Ioctl = nix::request_code_none!(0xb7, 0x4) as libc::Ioctl;

/// Whether `namespace` belongs to a user namespace below ours that our user has made. What belongs to our own was made
/// by somebody who may do more there than an ordinary user.
///
/// # Errors
/// ioctl(2)'s: EPERM for one that is not below our own.
pub fn has_made(namespace: &File) -> Result<bool> {
    let owner = owner(namespace)?;
    Ok(!is_ours(&owner, Kind::User) && maker(&owner)? == Uid::effective())
}

/// The user who has made the user namespace `users`.
#[allow(unsafe_code)]
fn maker(users: &File) -> Result<Uid> {
    let mut user: libc::uid_t = 0;
    // SAFETY: this request writes one `uid_t` to where its argument points, which lives longer than the call.
    let answer = unsafe { libc::ioctl(users.as_raw_fd(), NS_GET_OWNER_UID, &raw mut user) };
    Errno::result(answer).context("ioctl", "NS_GET_OWNER_UID")?;
    Ok(Uid::from_raw(user))
}

/// The user namespace that `namespace` belongs to.
#[allow(unsafe_code)]
fn owner(namespace: &File) -> Result<File> {
    // SAFETY: this request takes no argument, and reads and writes none of our memory.
    let answer = unsafe { libc::ioctl(namespace.as_raw_fd(), NS_GET_USERNS) };
    let owner = Errno::result(answer).context("ioctl", "NS_GET_USERNS")?;
    // SAFETY: the kernel has just opened it for us, and nobody else has it.
    Ok(unsafe { File::from_raw_fd(owner) })
}

/// A line of a map: so many ids, from the first of each on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first, inside.
    pub inside: u32,
    /// The first, outside: in the namespace above.
    pub outside: u32,
    /// How many.
    pub count: u32,
}

impl Range {
    /// Whether the user `id` inside is in it.
    pub fn holds(self, id: u32) -> bool {
        self.outside_of(id).is_some()
    }

    /// What the user `id` inside is called outside, where it is in it.
    pub fn outside_of(self, id: u32) -> Option<u32> {
        let at = id.checked_sub(self.inside).filter(|at| *at < self.count)?;
        self.outside.checked_add(at)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.inside, self.outside, self.count)
    }
}

/// The users of the user namespace of `pid`: `/proc/PID/uid_map`.
///
/// # Errors
/// open(2)'s; [`Error::Broken`] when the kernel writes no numbers.
pub fn uid_map(pid: Pid) -> Result<Vec<Range>> {
    let path = format!("/proc/{pid}/uid_map");
    let text = fs::read_to_string(&path).context("read", &path)?;
    let range = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Range { inside: next()?, outside: next()?, count: next()? })
    };
    let map = text.lines().map(range).collect::<Option<Vec<Range>>>();
    map.ok_or_else(|| Error::Broken(format!("{path}: {text}")))
}

/// Whether this process is in the machine's own user namespace. Where the kernel has no others, it is.
pub fn is_initial() -> bool {
    let ours = fs::read_link("/proc/self/ns/user");
    ours.map_or(true, |link| Kind::User.first().is_some_and(|first| link.as_os_str() == &*first))
}

/// Whether this process is this machine's root, and not that of a user namespace only: it may look everywhere, and is
/// asked about everybody's work.
pub fn is_machines_root() -> bool {
    Uid::effective().is_root() && is_initial()
}

/// What `/proc/PID/setgroups` says: `allow`, or `deny` for good.
///
/// # Errors
/// open(2)'s.
pub fn setgroups(pid: Pid) -> Result<String> {
    let path = format!("/proc/{pid}/setgroups");
    Ok(fs::read_to_string(&path).context("read", &path)?.trim().to_owned())
}

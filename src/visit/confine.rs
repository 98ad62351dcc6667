//! Giving up what a program that nobody vouches for must not have.

use std::fs;
use std::io;
use std::os::fd::RawFd;
use std::path::Path;
use std::sync::OnceLock;

use caps::CapSet;
use nix::errno::Errno;
use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{Gid, Pid, Uid, close, setgroups, setresgid, setresuid, setsid};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use crate::error::{Context, Error, Result};
use crate::visit::raw;
use crate::visit::user::{self, uid_map};

/// The user and group `nobody`, the kernel's overflow id (`/proc/sys/kernel/overflowuid`).
const NOBODY: u32 = 65534;
/// File size, core dump and memory in bytes, processor time in seconds, and last the number of processes.
const LIMITS: [(Resource, u64); 5] = [
    (Resource::RLIMIT_FSIZE, 0),
    (Resource::RLIMIT_CORE, 0),
    (Resource::RLIMIT_AS, 512 * 1024 * 1024),
    (Resource::RLIMIT_CPU, 2),
    (Resource::RLIMIT_NPROC, 16),
];
/// Ways to what a namespace does not part: keys, and parts of the kernel that few programs need and many holes
/// were in.
const REFUSED: [i64; 8] = [
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_perf_event_open,
    libc::SYS_ptrace,
];

/// Becomes who may run a program and little more: the user that this process is already, or `nobody`;
/// without capabilities, keys, other open files and a terminal, under tight limits. For a child in namespaces of
/// its own, in the root that the program is in.
///
/// # Errors
/// setrlimit(2)'s, setresuid(2)'s, capset(2)'s, seccomp(2)'s.
pub fn give_up_privileges(nobody: bool) -> Result<()> {
    setsid().context("setsid", "")?;
    if nobody {
        become_nobody()?;
    }
    has_count_of_its_own()?;
    for (resource, most) in LIMITS {
        setrlimit(resource, most, most).context("setrlimit", format!("{resource:?}"))?;
    }
    for set in [CapSet::Ambient, CapSet::Inheritable, CapSet::Effective, CapSet::Permitted] {
        caps::clear(None, set).map_err(|error| Error::Broken(format!("capset: {error}")))?;
    }
    prctl::set_no_new_privs().context("prctl", "PR_SET_NO_NEW_PRIVS")?;
    // The change of user has taken this back (man 2 PR_SET_PDEATHSIG).
    prctl::set_pdeathsig(Signal::SIGKILL).context("prctl", "PR_SET_PDEATHSIG")?;
    raw::leave_keyring()?;
    raw::keep_descriptors()?;
    refuse_calls()
}

/// Whether this process is root where there is also a [`NOBODY`] to become: in an ordinary user's namespace there
/// is none, and root is that user.
///
/// # Errors
/// open(2)'s, capget(2)'s.
pub fn is_root_among_others() -> Result<bool> {
    let others = || uid_map(Pid::this()).map(|map| map.iter().any(|range| range.holds(NOBODY)));
    Ok(Uid::effective().is_root() && user::is_capable()? && others()?)
}

fn become_nobody() -> Result<()> {
    let (uid, gid) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    setgroups(&[]).context("setgroups", "")?;
    setresgid(gid, gid, gid).context("setresgid", gid)?;
    setresuid(uid, uid, uid).context("setresuid", uid)
}

/// The kernel counts a user's processes in each user namespace (man 2 getrlimit, `RLIMIT_NPROC`): in a new one
/// what else runs as the same user takes nothing from this program's number. Where there are to be none, all count.
fn has_count_of_its_own() -> Result<()> {
    match unshare(CloneFlags::CLONE_NEWUSER) {
        Ok(()) | Err(Errno::EPERM | Errno::EACCES | Errno::ENOSPC | Errno::EINVAL) => Ok(()),
        Err(errno) => Err(errno).context("unshare", "CLONE_NEWUSER"),
    }
}

/// A socket of `AF_VSOCK` would lead to the machine around a VM: no network namespace parts it.
fn refuse_calls() -> Result<()> {
    let family = u64::from(libc::AF_VSOCK.cast_unsigned());
    let rule = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, family)
        .and_then(|condition| SeccompRule::new(vec![condition]))
        .map_err(broken)?;
    let refused = REFUSED.map(|call| (call, Vec::new())).into_iter();
    let rules = refused.chain([(libc::SYS_socket, vec![rule])]).collect();
    let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let machine = TargetArch::try_from(std::env::consts::ARCH).map_err(broken)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, machine);
    let program = filter.and_then(BpfProgram::try_from).map_err(broken)?;
    seccompiler::apply_filter(&program).map_err(|error| Error::Broken(format!("seccomp: {error}")))
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Broken(format!("seccomp: {error}"))
}

/// The descriptors that whoever started this program left open in it, above standard error.
static INHERITED: OnceLock<Vec<RawFd>> = OnceLock::new();

/// Takes note of them, before this program opens any of its own. Where `/proc` does not show them there are none to
/// close.
pub fn note_inherited() {
    let entries = fs::read_dir("/proc/self/fd").into_iter().flatten().filter_map(io::Result::ok);
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // All of them first: the one that lists them is among them, and closed then.
    let numbers: Vec<RawFd> = numbers.collect();
    let open = |fd: &RawFd| *fd > 2 && Path::new(&format!("/proc/self/fd/{fd}")).exists();
    INHERITED.get_or_init(|| numbers.into_iter().filter(open).collect());
}

/// Closes them, in a child that has no use for what its caller's caller has open.
///
/// # Errors
/// close(2)'s.
pub fn close_inherited() -> Result<()> {
    let inherited = INHERITED.get().into_iter().flatten();
    inherited.copied().try_for_each(|fd| close(fd).context("close", fd))
}

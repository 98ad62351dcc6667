//! Giving up what a program that nobody vouches for must not have.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use caps::CapSet;
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{Gid, Pid, Uid, setgroups, setresgid, setresuid, setsid};

use crate::error::{Context, Error, Result};
use crate::kernel::user;
use crate::probe::user::uid_map;

/// The user and group `nobody`, the kernel's overflow id (`/proc/sys/kernel/overflowuid`).
const NOBODY: u32 = 65534;
/// Read and execute, for others.
const OPEN_TO_OTHERS: u32 = 0o005;
/// Processes, file size and core dump in bytes, and processor time in seconds.
const LIMITS: [(Resource, u64); 4] = [
    (Resource::RLIMIT_NPROC, 16),
    (Resource::RLIMIT_FSIZE, 0),
    (Resource::RLIMIT_CORE, 0),
    (Resource::RLIMIT_CPU, 2),
];

/// Whether this process may become [`NOBODY`]: in an ordinary user's namespace there is no such user.
///
/// # Errors
/// open(2)'s.
pub fn may_be_nobody() -> Result<bool> {
    Ok(user::is_capable()? && uid_map(Pid::this())?.iter().any(|range| range.holds(NOBODY)))
}

/// Becomes somebody who may run `program` and little more. Where there are `others` to become it is
/// nobody, or where only its owner may run it, its owner; else it stays who it is. Without capabilities,
/// in a session without a terminal, under tight limits. Call it in a child, in the root that `program`
/// is in.
///
/// # Errors
/// stat(2)'s: ENOENT where there is no such program; setrlimit(2)'s, setresuid(2)'s, capset(2)'s.
pub fn give_up_privileges(program: &Path, others: bool) -> Result<()> {
    let meta = fs::metadata(program).context("execve", program.display())?;
    let (user, group) = match meta.mode() & OPEN_TO_OTHERS == OPEN_TO_OTHERS {
        true => (NOBODY, NOBODY),
        false => (meta.uid(), meta.gid()),
    };
    setsid().context("setsid", "")?;
    for (resource, most) in LIMITS {
        setrlimit(resource, most, most).context("setrlimit", format!("{resource:?}"))?;
    }
    if others {
        let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(group));
        setgroups(&[]).context("setgroups", "")?;
        setresgid(gid, gid, gid).context("setresgid", group)?;
        setresuid(uid, uid, uid).context("setresuid", user)?;
    }
    // For an owner who is root, the change of user has taken nothing away.
    for set in [CapSet::Ambient, CapSet::Inheritable, CapSet::Effective, CapSet::Permitted] {
        caps::clear(None, set).map_err(|error| Error::Broken(format!("capset: {error}")))?;
    }
    prctl::set_no_new_privs().context("prctl", "PR_SET_NO_NEW_PRIVS")?;
    // The change of user has taken this back (man 2 PR_SET_PDEATHSIG).
    prctl::set_pdeathsig(Signal::SIGKILL).context("prctl", "PR_SET_PDEATHSIG")
}

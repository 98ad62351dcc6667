//! Namespaces, as `/proc/PID/ns/*` shows them (man 7 namespaces).

use std::fs::{self};
use std::path::Path;
use std::sync::OnceLock;

use nix::sched::CloneFlags;
use nix::unistd::{Pid, gethostname};

use crate::error::{Context, Result};
use crate::probe::process;
use crate::visit::child::ask;
use crate::visit::kind::Kind;
use crate::visit::place::Place;

/// What the kernel calls this namespace of `pid`, such as `uts:[4026531838]`. The number is an
/// inode, and is used again once the namespace is gone: compare two only while both live.
///
/// # Errors
/// ESRCH for a process that is dead; readlink(2)'s: EACCES for one that we may not look into.
pub fn of(pid: Pid, kind: Kind) -> Result<String> {
    process::must_run(pid)?;
    in_proc(Path::new("/proc"), pid, kind)
}

/// Where a process that goes into others' namespaces to look came from.
static HOME: OnceLock<Vec<(Kind, String)>> = OnceLock::new();

/// From here on [`ours`] are the namespaces that this process is in now, wherever it goes.
///
/// # Errors
/// readlink(2)'s.
pub fn remember_ours() -> Result<()> {
    let known = |kind: &Kind| kind.file(Pid::this()).exists();
    let name = |kind| Ok((kind, in_proc(Path::new("/proc"), Pid::this(), kind)?));
    let names = Kind::ALL.into_iter().filter(known).map(name).collect::<Result<Vec<_>>>()?;
    HOME.get_or_init(|| names);
    Ok(())
}

/// The namespace of this kind that whoever asks is in.
///
/// # Errors
/// As for [`of`].
pub fn ours(kind: Kind) -> Result<String> {
    let home = HOME.get().and_then(|names| names.iter().find(|(known, _)| *known == kind));
    home.map_or_else(|| of(Pid::this(), kind), |(_, name)| Ok(name.clone()))
}

/// The same for a process that another mounted proc shows.
///
/// # Errors
/// readlink(2)'s.
pub fn in_proc(proc: &Path, pid: Pid, kind: Kind) -> Result<String> {
    let path = proc.join(pid.to_string()).join("ns").join(kind.name());
    let link = fs::read_link(&path).context("readlink", path.display())?;
    Ok(link.to_string_lossy().into_owned())
}

/// The PID namespace that the children of `pid` will be born into: another than its own after
/// unshare(2) or setns(2). It is shown only once somebody was born there.
///
/// # Errors
/// readlink(2)'s: ENOENT while nobody was.
pub fn for_children(pid: Pid) -> Result<String> {
    let path = format!("/proc/{pid}/ns/pid_for_children");
    let link = fs::read_link(&path).context("readlink", &path)?;
    Ok(link.to_string_lossy().into_owned())
}

/// The host name in the UTS namespace of `pid`: a looker goes there and asks uname(2).
///
/// # Errors
/// open(2)'s, setns(2)'s.
pub fn host_name(pid: Pid) -> Result<String> {
    process::must_run(pid)?;
    ask(CloneFlags::empty(), || {
        Place::namespace(Kind::Uts, Kind::Uts.file(pid)).enter()?;
        let name = gethostname().context("gethostname", "")?;
        Ok(name.to_string_lossy().into_owned())
    })
}

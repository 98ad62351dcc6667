//! Namespaces, as `/proc/PID/ns/*` shows them (man 7 namespaces).

use std::fs::{self, File, OpenOptions};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sched::CloneFlags;
use nix::sys::statfs::{NSFS_MAGIC, fstatfs};
use nix::unistd::{Pid, gethostname};

use crate::error::{Context, Error, Result, SysError};
use crate::probe::{file, process};
use crate::visit::child::ask;
use crate::visit::kind::Kind;
use crate::visit::place::Place;
use crate::visit::root;

/// Opens the file `path` that stands for a namespace: one of `/proc/PID/ns`, or what such a one was bound onto. It is
/// opened only once it is known to be of nsfs: in somebody's mounts the same name may lead to a fifo, which would wait, or
/// to a device, which would begin to work.
///
/// # Errors
/// open(2)'s, fstatfs(2)'s; EINVAL for anything else, as setns(2) would say it.
pub fn open(path: &Path) -> Result<File> {
    let shown = path.display();
    let flags = (OFlag::O_PATH | OFlag::O_CLOEXEC).bits();
    let found = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let found = found.context("open", &shown)?;
    if fstatfs(&found).context("fstatfs", &shown)?.filesystem_type() != NSFS_MAGIC {
        return Err(Error::Sys(SysError::new("setns", &shown, Errno::EINVAL)));
    }
    // The descriptor's own link, so that it is this file and no other.
    File::open(format!("/proc/self/fd/{}", found.as_raw_fd())).context("open", shown)
}

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

/// Whether `pid` is in another namespace of this kind than whoever asks.
///
/// # Errors
/// As for [`of`].
pub fn is_apart(pid: Pid, kind: Kind) -> Result<bool> {
    Ok(of(pid, kind)? != ours(kind)?)
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

/// A process and the host name in its UTS namespace, looked up before the rights to go there were given up.
static HOST_NAME: OnceLock<(Pid, String)> = OnceLock::new();

/// From here on [`host_name`] knows that of `pid`: a namespace belongs to who has made it, and the process in it may be
/// one that has become somebody else since. Nothing is remembered where it cannot be told.
pub fn remember_host_name(pid: Pid) {
    if let Ok(name) = host_name(pid) {
        HOST_NAME.get_or_init(|| (pid, name));
    }
}

/// The host name in the UTS namespace of `pid`: a looker goes there and asks uname(2).
///
/// # Errors
/// open(2)'s, setns(2)'s.
pub fn host_name(pid: Pid) -> Result<String> {
    let name = || Ok(gethostname().context("gethostname", "")?.to_string_lossy().into_owned());
    process::must_run(pid)?;
    if let Some((_, known)) = HOST_NAME.get().filter(|(of, _)| *of == pid) {
        return Ok(known.clone());
    }
    if pid == Pid::this() {
        return name();
    }
    ask(CloneFlags::empty(), || {
        Place::namespace(Kind::Uts, Kind::Uts.file(pid)).enter()?;
        name()
    })
}

/// Whether there is something above this process's root: a child walks up and looks. The root may be a mount of its own
/// and yet not its mount namespace's.
///
/// # Errors
/// As for [`root::walk_up`]; statx(2)'s.
pub fn is_chrooted() -> Result<bool> {
    let identity = || file::look(Path::new("/")).map(|found| found.map(|it| it.identity));
    ask(CloneFlags::empty(), || {
        let here = identity()?;
        root::walk_up(Path::new("/proc"))?;
        let top = identity()?;
        Ok(!here.zip(top).is_some_and(|(here, top)| here.is_on_the_mount_of(&top)))
    })
}

#[cfg(test)]
mod tests {
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::*;

    #[test]
    fn what_stands_for_a_namespace_is_opened_and_nothing_else() {
        let ours = open(&Kind::Net.file(Pid::this())).unwrap();
        assert!(crate::visit::kind::is_ours(&ours, Kind::Net));
        let fifo = std::env::temp_dir().join(format!("namespace-{}", std::process::id()));
        mkfifo(&fifo, Mode::S_IRWXU).unwrap();
        for path in [fifo.as_path(), Path::new("/dev/zero"), Path::new("/proc/self/ns")] {
            let said = open(path).unwrap_err();
            assert_eq!(said.errno(), Some(Errno::EINVAL), "{}", path.display());
        }
        fs::remove_file(fifo).unwrap();
    }
}

//! Namespaces, as `/proc/PID/ns/*` shows them (man 7 namespaces).

use std::fs::{self, File, OpenOptions};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sched::CloneFlags;
use nix::sys::statfs::{NSFS_MAGIC, fstatfs};
use nix::unistd::{Pid, gethostname};

use crate::error::{Context, Error, Result, SysError};
use crate::kernel::place::Place;
use crate::kernel::process::ask;
use crate::probe::process;

/// A kind of namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Control groups.
    Cgroup,
    /// System V IPC and POSIX message queues.
    Ipc,
    /// Mounts.
    Mnt,
    /// The network.
    Net,
    /// Process numbers.
    Pid,
    /// The monotonic and boot-time clocks.
    Time,
    /// Users and groups.
    User,
    /// The host name and the NIS domain name.
    Uts,
}

impl Kind {
    /// All of them, in alphabetical order as `lsns` and `/proc/PID/ns` show them.
    pub const ALL: [Kind; 8] = [
        Kind::Cgroup,
        Kind::Ipc,
        Kind::Mnt,
        Kind::Net,
        Kind::Pid,
        Kind::Time,
        Kind::User,
        Kind::Uts,
    ];

    /// The file's name in `/proc/PID/ns`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Cgroup => "cgroup",
            Kind::Ipc => "ipc",
            Kind::Mnt => "mnt",
            Kind::Net => "net",
            Kind::Pid => "pid",
            Kind::Time => "time",
            Kind::User => "user",
            Kind::Uts => "uts",
        }
    }

    /// The flag of clone(2), unshare(2) and setns(2).
    pub fn flag(self) -> CloneFlags {
        match self {
            Kind::Cgroup => CloneFlags::CLONE_NEWCGROUP,
            Kind::Ipc => CloneFlags::CLONE_NEWIPC,
            Kind::Mnt => CloneFlags::CLONE_NEWNS,
            Kind::Net => CloneFlags::CLONE_NEWNET,
            Kind::Pid => CloneFlags::CLONE_NEWPID,
            // CLONE_NEWTIME, linux/sched.h; nix has no name for it.
            Kind::Time => CloneFlags::from_bits_retain(0x80),
            Kind::User => CloneFlags::CLONE_NEWUSER,
            Kind::Uts => CloneFlags::CLONE_NEWUTS,
        }
    }

    /// The file that stands for this namespace of `pid`.
    pub fn file(self, pid: Pid) -> PathBuf {
        PathBuf::from(format!("/proc/{pid}/ns/{}", self.name()))
    }
}

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

/// The same for a process that another mounted proc shows.
///
/// # Errors
/// readlink(2)'s.
pub fn in_proc(proc: &Path, pid: Pid, kind: Kind) -> Result<String> {
    let path = proc.join(pid.to_string()).join("ns").join(kind.name());
    let link = fs::read_link(&path).context("readlink", path.display())?;
    Ok(link.to_string_lossy().into_owned())
}

/// Whether the open file `namespace` holds the namespace of this kind that this process is in. To
/// enter that one again needs a right that not everybody has, and no going.
pub fn is_ours(namespace: &File, kind: Kind) -> bool {
    let number = |meta: fs::Metadata| (meta.dev(), meta.ino());
    let ours = fs::metadata(kind.file(Pid::this())).map(number);
    ours.is_ok_and(|ours| namespace.metadata().is_ok_and(|meta| number(meta) == ours))
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

#[cfg(test)]
mod tests {
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::*;

    #[test]
    fn what_stands_for_a_namespace_is_opened_and_nothing_else() {
        let ours = open(&Kind::Net.file(Pid::this())).unwrap();
        assert!(is_ours(&ours, Kind::Net));
        let fifo = std::env::temp_dir().join(format!("namespace-{}", std::process::id()));
        mkfifo(&fifo, Mode::S_IRWXU).unwrap();
        for path in [fifo.as_path(), Path::new("/dev/zero"), Path::new("/proc/self/ns")] {
            let said = open(path).unwrap_err();
            assert_eq!(said.errno(), Some(Errno::EINVAL), "{}", path.display());
        }
        fs::remove_file(fifo).unwrap();
    }
}

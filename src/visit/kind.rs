//! The kinds of namespaces (man 7 namespaces).

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use nix::sched::CloneFlags;
use nix::unistd::Pid;

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

    /// What the kernel calls its own first namespace of this kind, which has the same number on every machine
    /// (include/uapi/linux/nsfs.h); none where it has no such number.
    pub fn first(self) -> Option<String> {
        let number: u32 = match self {
            Kind::Ipc => 0xEFFF_FFFF,
            Kind::Uts => 0xEFFF_FFFE,
            Kind::User => 0xEFFF_FFFD,
            Kind::Pid => 0xEFFF_FFFC,
            Kind::Cgroup => 0xEFFF_FFFB,
            Kind::Time => 0xEFFF_FFFA,
            Kind::Mnt | Kind::Net => return None,
        };
        Some(format!("{}:[{number}]", self.name()))
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

/// Whether the open file `namespace` holds the namespace of this kind that this process is in. To
/// enter that one again needs a right that not everybody has, and no going.
pub fn is_ours(namespace: &File, kind: Kind) -> bool {
    let number = |meta: fs::Metadata| (meta.dev(), meta.ino());
    let ours = fs::metadata(kind.file(Pid::this())).map(number);
    ours.is_ok_and(|ours| namespace.metadata().is_ok_and(|meta| number(meta) == ours))
}

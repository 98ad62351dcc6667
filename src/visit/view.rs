//! Looking at somebody's work: with no more rights than the user of the process it was found by, and through
//! a copy of that process's mounts that cannot be written to.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::libc;
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::unistd::{Gid, Pid, Uid, chdir, chroot, fchdir, setgroups, setresgid, setresuid};
use rustix::mount::{MoveMountFlags, OpenTreeFlags, move_mount, open_tree};

use crate::error::{Context, Error, Result};
use crate::visit::kind::{Kind, is_ours};
use crate::visit::{clone, raw, user};

/// A copy of a folder and all that is mounted below it, in no mount namespace: nobody can write to it, no
/// program in it gets another user's rights, and no device in it works.
#[derive(Debug)]
pub struct Tree(OwnedFd);

impl Tree {
    /// Copies what the folder `dir` holds (man 2 open_tree). It must be of this process's mount namespace.
    ///
    /// # Errors
    /// open_tree(2)'s: EINVAL for a folder of another mount namespace, EPERM without `CAP_SYS_ADMIN`; mount_setattr(2)'s.
    pub fn copy(dir: impl AsFd) -> Result<Tree> {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_RECURSIVE
            | OpenTreeFlags::AT_EMPTY_PATH;
        let tree = open_tree(dir, "", flags).map_err(std::io::Error::from);
        let tree = tree.context("open_tree", "OPEN_TREE_CLONE")?;
        raw::read_only(tree.as_fd())?;
        Ok(Tree(tree))
    }

    /// The tree at `root`, for a process in a mount namespace of its own: a copy of it, or where it is the
    /// [path](Tree::path) of a copy already, that one.
    ///
    /// # Errors
    /// open(2)'s; as for [`Tree::copy`].
    pub fn at(root: &Path) -> Result<Tree> {
        let dir = open(root, OFlag::O_DIRECTORY)?;
        match Tree::copy(&dir) {
            Err(error) if error.errno() == Some(nix::errno::Errno::EINVAL) => Ok(Tree(dir.into())),
            other => other,
        }
    }

    /// Where this process, and no other, finds it.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd()))
    }

    /// Makes it the root of this process, whose mount namespace must be its own. It is mounted over the root that was
    /// there: chroot(2) alone would keep the kernel from making a user namespace (man 2 unshare, EPERM). With the mount
    /// namespace goes what is mounted in the tree, for whoever else holds it too.
    ///
    /// # Errors
    /// move_mount(2)'s: EINVAL for what is no copy; chroot(2)'s.
    pub fn enter(&self) -> Result<()> {
        let here = open(Path::new("/"), OFlag::O_DIRECTORY)?;
        let flags =
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
        let moved = move_mount(&self.0, "", &here, "", flags).map_err(std::io::Error::from);
        moved.context("move_mount", "/")?;
        fchdir(&self.0).context("fchdir", "/")?;
        chroot(".").context("chroot", ".")?;
        chdir("/").context("chdir", "/")
    }
}

fn open(path: &Path, flags: OFlag) -> Result<File> {
    let flags = (OFlag::O_PATH | OFlag::O_CLOEXEC | flags).bits();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path);
    file.context("open", path.display())
}

/// Finds `path` as a process whose root is `root` would: symbolic links and `..` never lead out
/// (openat2(2), `RESOLVE_IN_ROOT`). It is held (`O_PATH`) and not opened.
///
/// # Errors
/// openat2(2)'s.
pub fn open_in(root: &Path, path: &Path) -> Result<OwnedFd> {
    let dir = File::open(root).context("open", root.display())?;
    let how = OpenHow::new()
        .flags(OFlag::O_PATH | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    openat2(dir.as_fd(), path, how)
        .context("openat2", format!("{}{}", root.display(), path.display()))
}

/// A process by its folder in `/proc`: a number may be another's a moment later, and this cannot.
struct Holder {
    folder: File,
    pid: Pid,
}

/// Whose rights a process has.
#[derive(Debug, PartialEq, Eq)]
struct Rights {
    user: Uid,
    group: Gid,
    groups: Vec<Gid>,
}

impl Holder {
    fn open(pid: Pid) -> Result<Holder> {
        let folder = open(Path::new(&format!("/proc/{pid}")), OFlag::O_DIRECTORY)?;
        Ok(Holder { folder, pid })
    }

    fn file(&self, name: &str, flags: OFlag) -> Result<File> {
        let file = openat(&self.folder, name, flags | OFlag::O_CLOEXEC, Mode::empty());
        file.map(File::from).context("open", format!("/proc/{}/{name}", self.pid))
    }

    fn namespace(&self, kind: Kind) -> Result<File> {
        self.file(&format!("ns/{}", kind.name()), OFlag::O_RDONLY)
    }

    /// Its rights, in the numbers of the user namespace that this process is in. Where its users differ (a set-user-ID
    /// program), it is the one who started it: the program's is not theirs.
    fn rights(&self) -> Result<Rights> {
        let mut text = String::new();
        let mut file = self.file("status", OFlag::O_RDONLY)?;
        file.read_to_string(&mut text).context("read", format!("/proc/{}/status", self.pid))?;
        let numbers = |field: &str| -> Option<Vec<u32>> {
            let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
            line.split_whitespace().map(|number| number.parse().ok()).collect()
        };
        let rights = || {
            Some(Rights {
                user: Uid::from_raw(*numbers("Uid")?.first()?),
                group: Gid::from_raw(*numbers("Gid")?.first()?),
                groups: numbers("Groups")?.into_iter().map(Gid::from_raw).collect(),
            })
        };
        rights().ok_or_else(|| Error::Broken(format!("/proc/{}/status: {text}", self.pid)))
    }

    /// A copy of its root, from wherever that is. None for who may not copy mounts: it looks at the root itself then, and
    /// has no rights there but its own.
    fn tree(&self) -> Result<Option<Tree>> {
        let mounts = self.namespace(Kind::Mnt)?;
        let root = self.file("root", OFlag::O_PATH | OFlag::O_DIRECTORY)?;
        if is_ours(&mounts, Kind::Mnt) {
            return if user::is_capable()? { Tree::copy(&root).map(Some) } else { Ok(None) };
        }
        clone::errand(|| {
            user::join_owner(&mounts)?;
            setns(&mounts, CloneFlags::CLONE_NEWNS).context("setns", "CLONE_NEWNS")?;
            Tree::copy(&root).map(Some)
        })
    }
}

/// From here on this process has no more rights than `pid`: its users and groups, in its user namespace where
/// that is another. The copy of its root that comes back was made before. For a child; there is no way
/// back.
///
/// # Errors
/// open(2)'s, setns(2)'s, setresuid(2)'s: EPERM and EACCES for a process that we may not look into.
pub fn as_process(pid: Pid) -> Result<Option<Tree>> {
    let holder = Holder::open(pid)?;
    let users = holder.namespace(Kind::User);
    let tree = holder.tree();
    let rights = holder.rights()?;
    let roots = user::is_capable()?;
    if roots {
        join_groups(&rights.groups)?;
    }
    let users = match users {
        // An ordinary user may not look into another's process, and has nobody's rights but its own.
        Err(_) if !roots => return Ok(None),
        // Root would look with root's: it does not look then.
        other => other?,
    };
    if is_ours(&users, Kind::User) {
        if roots {
            take(&rights)?;
        }
    } else {
        setns(&users, CloneFlags::CLONE_NEWUSER).context("setns", "CLONE_NEWUSER")?;
        take(&holder.rights()?)?;
    }
    tree
}

/// From here on this process has no more rights than the owner of the folder `dir`. As for
/// [`as_process`], with a copy of the folder.
///
/// # Errors
/// open(2)'s, setresuid(2)'s.
pub fn as_owner(dir: &Path) -> Result<Option<Tree>> {
    let folder = open(dir, OFlag::O_DIRECTORY)?;
    if !user::is_capable()? {
        return Ok(None);
    }
    let tree = Tree::copy(&folder)?;
    let meta = folder.metadata().context("fstat", dir.display())?;
    let (user, group) = (Uid::from_raw(meta.uid()), Gid::from_raw(meta.gid()));
    join_groups(&[group])?;
    take(&Rights { user, group, groups: Vec::new() })?;
    Ok(Some(tree))
}

/// Where that is denied for good, as to root in an ordinary user's namespace, the groups are that user's in all
/// that is in there (man 7 user_namespaces).
fn join_groups(groups: &[Gid]) -> Result<()> {
    if user::setgroups(Pid::this())? == "deny" {
        return Ok(());
    }
    setgroups(groups).context("setgroups", format!("{groups:?}"))
}

fn take(rights: &Rights) -> Result<()> {
    let Rights { user, group, .. } = *rights;
    if (user, group) != (Uid::effective(), Gid::effective()) {
        setresgid(group, group, group).context("setresgid", group)?;
        setresuid(user, user, user).context("setresuid", user)?;
    }
    // The change of user has taken this back (man 2 PR_SET_PDEATHSIG).
    prctl::set_pdeathsig(Signal::SIGKILL).context("prctl", "PR_SET_PDEATHSIG")
}

/// A limit that a process cannot exceed, whatever it is made to read: its memory in bytes.
const MOST_MEMORY: libc::rlim_t = 512 * 1024 * 1024;

/// Takes from a child that looks at somebody's work what it does not need: the session's keys, and memory without end.
///
/// # Errors
/// keyctl(2)'s, setrlimit(2)'s.
pub fn restrain() -> Result<()> {
    use nix::sys::resource::{Resource, setrlimit};
    raw::leave_keyring()?;
    setrlimit(Resource::RLIMIT_AS, MOST_MEMORY, MOST_MEMORY).context("setrlimit", "RLIMIT_AS")
}

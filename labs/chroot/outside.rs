//! What of the machine's can be reached in a new root: over a mount, or by a hard link.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::Pid;

use super::programs::{self, OUTSIDE, PROGRAMS};
use crate::error::Result;
use crate::probe::mountinfo::{self, Mount};
use crate::probe::process::Inode;
use crate::probe::tree::Entry;
use crate::text;
use crate::text::Text;
use crate::visit::view;

/// File systems that the kernel fills, and that are everywhere the same: nothing of anybody's is in them.
const OF_THE_KERNEL: [&str; 18] = [
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "securityfs",
    "sysfs",
    "tracefs",
];
/// Where a machine has its programs and libraries.
const FOLDERS: [&str; 8] =
    ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/lib64", "/lib", "/usr/lib64", "/usr/lib"];
/// So many files with another name elsewhere are looked up.
const MOST_LINKED: usize = 500;

/// A mount in a new root that shows what the machine has.
#[derive(Debug)]
pub struct Bound {
    /// Its line in the process's list: the target is a path in the new root.
    pub mount: Mount,
    /// What it shows, as a path on this machine.
    pub source: PathBuf,
}

/// What is mounted in a new root.
#[derive(Debug, Default)]
pub struct Mounted {
    /// What shows the machine's.
    pub bound: Vec<Bound>,
    /// Where something else is mounted.
    pub others: Vec<PathBuf>,
}

impl Mounted {
    /// What is mounted in there beyond what was asked for, if anything is.
    pub fn remark(&self) -> Option<Text> {
        let targets: Vec<String> =
            self.others.iter().map(|target| target.display().to_string()).collect();
        let targets = targets.join(" ");
        (!targets.is_empty()).then(|| {
            text!(
                "more than was asked for is mounted in there: {targets}",
                "과제에서 요구하지 않은 마운트도 있습니다: {targets}"
            )
        })
    }
}

/// What is mounted below the root of `pid`, which is the folder `dir`. A folder that lies beside `dir` is the student's own
/// to mount.
///
/// # Errors
/// As for [`mountinfo::read_file`].
pub fn mounted(pid: Pid, dir: &Path) -> Result<Mounted> {
    let theirs = mountinfo::read_file(&mountinfo::file_of(Some(pid)))?;
    let ours = mountinfo::read()?;
    let dir = theirs
        .iter()
        .rfind(|mount| mount.target == Path::new("/"))
        .and_then(|root| on_host(root, &ours, dir))
        .unwrap_or_else(|| dir.to_owned());
    let beside = dir.parent().filter(|parent| is_somebodys(parent)).unwrap_or(&dir);
    let mut mounted = Mounted::default();
    for mount in theirs.into_iter().filter(|mount| mount.target != Path::new("/")) {
        let of_the_kernel = OF_THE_KERNEL.contains(&mount.kind.as_str());
        let source = if of_the_kernel { None } else { on_host(&mount, &ours, &dir) };
        // Devices, and what the kernel shows, are the same in any directory.
        let is_shown =
            |source: &Path| ["/dev", "/proc", "/sys"].iter().any(|it| source.starts_with(it));
        let own = |source: &Path| source.starts_with(beside) || is_shown(source);
        match source.filter(|source| !own(source)) {
            Some(source) => mounted.bound.push(Bound { mount, source }),
            None => mounted.others.push(mount.target),
        }
    }
    Ok(mounted)
}

/// Whether a folder is one in which somebody works, and not one that the machine's own things are in.
pub fn is_somebodys(folder: &Path) -> bool {
    const MACHINES: [&str; 11] = [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr",
        "/var/lib",
    ];
    folder != Path::new("/") && !MACHINES.iter().any(|machines| folder.starts_with(machines))
}

/// The path on this machine of what `mount` shows, if it has one outside of the tree `dir`.
fn on_host(mount: &Mount, ours: &[Mount], dir: &Path) -> Option<PathBuf> {
    let root = Path::new(&mount.root);
    let shows = |our: &&Mount| {
        our.device == mount.device
            && root.starts_with(&our.root)
            && (our.target == dir || !our.target.starts_with(dir))
    };
    let nearest = ours.iter().filter(shows).max_by_key(|our| our.root.len())?;
    Some(nearest.target.join(root.strip_prefix(&nearest.root).ok()?))
}

/// Whether the folder `dir` is nothing of the machine's under any of its paths: a mount may show a folder of the machine's
/// under another name.
pub fn is_nothing_of_the_hosts(dir: &Path) -> bool {
    let Ok(ours) = mountinfo::read() else { return false };
    let covering = mountinfo::nearest(&ours, dir);
    let below =
        |mount: &Mount| dir.strip_prefix(&mount.target).map(|rest| rooted(mount).join(rest));
    let Some((device, root)) = covering.and_then(|mount| Some((&mount.device, below(mount).ok()?)))
    else {
        return false;
    };
    let same = ours.iter().filter(|mount| mount.device == *device);
    let mut paths = same.filter_map(|mount| {
        let rest = root.strip_prefix(rooted(mount)).ok()?;
        Some(mount.target.join(rest))
    });
    paths.all(|path| is_somebodys(&path))
}

fn rooted(mount: &Mount) -> &Path {
    Path::new(&mount.root)
}

/// A file of the machine's that has a name in a new root.
#[derive(Debug)]
pub struct Linked {
    /// In the new root.
    pub inside: PathBuf,
    /// On this machine.
    pub outside: PathBuf,
}

/// Those of `files`, which are a new root's, that are the machine's own: the same inode.
pub fn linked(files: &[Entry]) -> Vec<Linked> {
    let counts = |entry: &&Entry| {
        let is_program = |path: &str| Path::new(path).file_name() == entry.path.file_name();
        entry.names > 1 || PROGRAMS.into_iter().chain([OUTSIDE]).any(is_program)
    };
    let linked = files.iter().filter(counts).take(MOST_LINKED).filter_map(|entry| {
        let outside = on_machine(entry)?;
        Some(Linked { inside: entry.path.clone(), outside })
    });
    linked.collect()
}

/// The name that this machine has for the very same file.
pub fn on_machine(entry: &Entry) -> Option<PathBuf> {
    let (inode, name) = (entry.inode, entry.path.file_name()?);
    let nested = format!("/lib/{}-linux-gnu", std::env::consts::ARCH);
    let folders = FOLDERS.iter().map(Path::new).chain([Path::new(&nested)]);
    let paths = std::iter::once(Path::new("/").join(&entry.path));
    let mut paths = paths.chain(folders.map(|folder| folder.join(name)));
    paths.find(|path| Inode::of(path).is_ok_and(|ours| ours == inode))
}

/// Whether `/bin/date` opens in `root`, and is a program of its own: one that is many (busybox) has it as a name only.
///
/// # Errors
/// openat2(2)'s, but for ENOENT.
pub fn has_date(root: &Path) -> Result<bool> {
    let date = Path::new(OUTSIDE);
    let file = match view::open_in(root, date) {
        Err(error) if matches!(error.errno(), Some(Errno::ENOENT | Errno::ENOTDIR)) => {
            return Ok(false);
        }
        other => File::from(other?),
    };
    let inode = |meta: Metadata| Inode::from(&meta);
    let many = programs::meta(root, Path::new("/bin/busybox")).map(inode);
    Ok(many.is_none() || file.metadata().ok().map(inode) != many)
}

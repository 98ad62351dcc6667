//! Processes, as proc(5) shows them.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::{Pid, Uid};
use rustix::fs::{AtFlags, CWD, StatxFlags, major, minor, statx};
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Result, SysError};
use crate::probe::namespace;
use crate::text;
use crate::text::Text;
use crate::visit::kind::Kind;
use crate::visit::user::uid_map;
use crate::visit::view;

/// A process for good: a pid may be used again, a pid with its start time is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The pid, as this process sees it.
    pub pid: i32,
    /// When it started, in clock ticks since boot: field 22 of `/proc/PID/stat`.
    pub started: u64,
}

/// What `/proc/PID/stat` says.
#[derive(Clone, Debug)]
pub struct Stat {
    /// The name that the kernel keeps, of at most 15 bytes.
    pub command: String,
    /// `R`, `S`, `Z` and so on.
    pub state: char,
    /// The parent's pid.
    pub parent: i32,
    /// The device number of the controlling terminal; 0 without one.
    pub terminal: i32,
    /// Whether it is a thread of the kernel itself (`PF_KTHREAD`).
    pub kernel_thread: bool,
    /// The nice level, from -20 to 19.
    pub nice: i32,
    /// How many threads it has.
    pub threads: u32,
    /// How long the children that it has waited for have run, and those that these have waited for, in clock ticks.
    pub children_ran: u64,
    /// How it is scheduled: `SCHED_OTHER` and so on, as sched(7) numbers them.
    pub policy: u32,
    /// Clock ticks from boot to its start.
    pub started: u64,
}

/// linux/sched.h.
const PF_KTHREAD: u32 = 0x0020_0000;

/// Reads a file of `/proc`. These say that they have no length; most come in one piece that fits a page.
///
/// # Errors
/// open(2)'s, read(2)'s.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    const PAGE: usize = 4096;
    let mut bytes = Vec::with_capacity(PAGE);
    // As a mere stream: a file is first asked for its length.
    File::open(path)?.take(u64::MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads `/proc/PID/stat` (man 5 proc_pid_stat).
///
/// # Errors
/// open(2)'s: ENOENT when there is no such process.
pub fn stat(pid: Pid) -> Result<Stat> {
    stat_in(Path::new("/proc"), pid)
}

/// The same for a process that another mounted proc shows, with the numbers that it shows.
///
/// # Errors
/// As for [`stat`].
pub fn stat_in(proc: &Path, pid: Pid) -> Result<Stat> {
    let path = proc.join(format!("{pid}/stat"));
    // A command may be any bytes; of Korean letters, the kernel may keep a part.
    let bytes = read(&path).context("read", path.display())?;
    let text = String::from_utf8_lossy(&bytes);
    let malformed = || Error::Broken(format!("{}: {text}", path.display()));
    // The command, in parentheses, may hold spaces and parentheses itself.
    let (before, rest) = text.rsplit_once(')').ok_or_else(malformed)?;
    let (_, command) = before.split_once('(').ok_or_else(malformed)?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    // `rest` begins with field 3.
    let field = |number: usize| fields.get(number - 3).copied().ok_or_else(malformed);
    Ok(Stat {
        command: command.to_owned(),
        state: field(3)?.chars().next().ok_or_else(malformed)?,
        parent: field(4)?.parse().map_err(|_| malformed())?,
        terminal: field(7)?.parse().map_err(|_| malformed())?,
        kernel_thread: field(9)?.parse::<u32>().map_err(|_| malformed())? & PF_KTHREAD != 0,
        nice: field(19)?.parse().map_err(|_| malformed())?,
        threads: field(20)?.parse().map_err(|_| malformed())?,
        children_ran: {
            let ticks = |number| field(number)?.parse::<u64>().map_err(|_| malformed());
            ticks(16)? + ticks(17)?
        },
        policy: field(41)?.parse().map_err(|_| malformed())?,
        started: field(22)?.parse().map_err(|_| malformed())?,
    })
}

/// Makes sure that `pid` runs. The kernel goes on showing parts of a zombie, its PID namespace for
/// one, until its parent reaps it.
///
/// # Errors
/// ESRCH when it is dead; as for [`stat`].
pub fn must_run(pid: Pid) -> Result<()> {
    match stat(pid)?.state {
        'Z' | 'X' => Err(Error::Sys(SysError::new("stat", format!("/proc/{pid}"), Errno::ESRCH))),
        _ => Ok(()),
    }
}

/// The process `pid`, told apart from a later one of the same pid.
///
/// # Errors
/// As for [`stat`].
pub fn identity(pid: Pid) -> Result<Identity> {
    Ok(Identity { pid: pid.as_raw(), started: stat(pid)?.started })
}

/// Whether it still runs. A zombie is dead: its parent may take seconds to reap it.
pub fn is_alive(identity: Identity) -> bool {
    stat(Pid::from_raw(identity.pid))
        .is_ok_and(|stat| stat.started == identity.started && !matches!(stat.state, 'Z' | 'X'))
}

/// All processes that this PID namespace shows.
///
/// # Errors
/// open(2)'s.
pub fn all() -> Result<Vec<Pid>> {
    pids_in(Path::new("/proc"))
}

/// The children of `parent`. Where the kernel keeps no list (`CONFIG_PROC_CHILDREN`), all processes
/// are asked for their parent.
///
/// # Errors
/// open(2)'s.
pub fn children_of(parent: Pid) -> Result<Vec<Pid>> {
    match fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")) {
        Ok(list) => Ok(list
            .split_whitespace()
            .filter_map(|pid| pid.parse().ok())
            .map(Pid::from_raw)
            .collect()),
        Err(_) => Ok(all()?
            .into_iter()
            .filter(|&pid| stat(pid).is_ok_and(|stat| stat.parent == parent.as_raw()))
            .collect()),
    }
}

/// The processes that a mounted proc shows.
///
/// # Errors
/// open(2)'s.
pub fn pids_in(proc: &Path) -> Result<Vec<Pid>> {
    let entries = fs::read_dir(proc).context("open", proc.display())?;
    Ok(entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .map(Pid::from_raw)
        .collect())
}

/// One field of `/proc/PID/status`, such as `NSpid` (man 5 proc_pid_status).
///
/// # Errors
/// open(2)'s; [`Error::Broken`] when the kernel has no such field.
pub fn status(pid: Pid, field: &str) -> Result<String> {
    let path = format!("/proc/{pid}/status");
    let bytes = read(&path).context("read", &path)?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
        .map(|value| value.trim().to_owned())
        .ok_or_else(|| Error::broken(&no_field(&path, field)))
}

/// That a file of the kernel's lacks a field.
pub fn no_field(path: impl std::fmt::Display, field: &str) -> Text {
    text!("{path} has no {field}", "{path} 파일에 {field} 항목이 없습니다")
}

/// Whose `pid` is: its effective user, as the user namespace of whoever asks numbers them.
///
/// # Errors
/// As for [`status`].
pub fn user(pid: Pid) -> Result<Uid> {
    let users = status(pid, "Uid")?;
    let effective = users.split_whitespace().nth(1).and_then(|user| user.parse().ok());
    let broken = || Error::Broken(format!("Uid in /proc/{pid}/status: {users}"));
    let mut number: u32 = effective.ok_or_else(broken)?;
    if namespace::ours(Kind::User)? != namespace::of(Pid::this(), Kind::User)? {
        // This process has gone into a namespace below to look, and is told the numbers of that one.
        let outside = uid_map(pid)?.into_iter().find_map(|range| range.outside_of(number));
        number = outside.ok_or_else(broken)?;
    }
    Ok(Uid::from_raw(number))
}

/// The processors that `pid` may use, as the kernel lists them: `1`, or `0-3`.
///
/// # Errors
/// As for [`status`].
pub fn allowed_processors(pid: Pid) -> Result<String> {
    status(pid, "Cpus_allowed_list")
}

/// How long the thread `tid` has run, in nanoseconds: the first field of `/proc/TID/schedstat` (sched-stats.rst).
///
/// # Errors
/// open(2)'s: ENOENT when it has ended.
pub fn ran(tid: Pid) -> Result<u64> {
    let path = format!("/proc/{tid}/schedstat");
    let bytes = read(&path).context("read", &path)?;
    let text = String::from_utf8_lossy(&bytes);
    let ran = text.split_whitespace().next().and_then(|ran| ran.parse().ok());
    ran.ok_or_else(|| Error::Broken(format!("{path}: {text}")))
}

/// The threads of `pid`.
///
/// # Errors
/// open(2)'s: ENOENT when there is no such process.
pub fn threads(pid: Pid) -> Result<Vec<Pid>> {
    pids_in(Path::new(&format!("/proc/{pid}/task")))
}

/// The process that the thread `tid` is one of.
///
/// # Errors
/// As for [`status`].
pub fn of_thread(tid: Pid) -> Result<Pid> {
    let process = status(tid, "Tgid")?;
    let number = process.parse().map_err(|_| Error::Broken(format!("Tgid of {tid}: {process}")))?;
    Ok(Pid::from_raw(number))
}

/// Where the root of `pid` is, as a path in our own root: `/proc/PID/root`.
///
/// # Errors
/// readlink(2)'s: EACCES for a process that we may not look into.
pub fn root(pid: Pid) -> Result<PathBuf> {
    let path = format!("/proc/{pid}/root");
    fs::read_link(&path).context("readlink", &path)
}

/// Where the root of `pid` is, as a path that this process can open and that means the same folder:
/// its path, or where that is another mount namespace's, `/proc/PID/root` itself.
///
/// # Errors
/// As for [`root`].
pub fn root_dir(pid: Pid) -> Result<PathBuf> {
    let path = root(pid)?;
    let same = has_root(pid, &path).unwrap_or(false);
    Ok(if same { path } else { PathBuf::from(format!("/proc/{pid}/root")) })
}

/// Whether the root of `pid` is the same directory as ours: the same inode on the same device.
///
/// # Errors
/// statx(2)'s.
pub fn shares_our_root(pid: Pid) -> Result<bool> {
    has_root(pid, Path::new("/"))
}

/// Whether the root of `pid` is the directory `dir`: the same inode on the same device.
///
/// # Errors
/// statx(2)'s.
pub fn has_root(pid: Pid, dir: &Path) -> Result<bool> {
    Ok(Inode::of_root(pid)? == Inode::of(dir)?)
}

/// A file for good, by its device and its inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Inode {
    /// The device, `major:minor` as mountinfo has it.
    pub device: (u32, u32),
    /// The inode's number.
    pub number: u64,
}

impl From<&Metadata> for Inode {
    fn from(meta: &Metadata) -> Inode {
        Inode { device: (major(meta.dev()), minor(meta.dev())), number: meta.ino() }
    }
}

impl Inode {
    /// What `path` leads to. A file system that is far away is not asked (statx(2), `AT_STATX_DONT_SYNC`): it may
    /// never answer.
    ///
    /// # Errors
    /// statx(2)'s.
    pub fn of(path: &Path) -> Result<Inode> {
        let (flags, mask) = (AtFlags::STATX_DONT_SYNC, StatxFlags::INO);
        let answer = statx(CWD, path, flags, mask).map_err(std::io::Error::from);
        let stat = answer.context("statx", path.display())?;
        let device = (stat.stx_dev_major, stat.stx_dev_minor);
        Ok(Inode { device, number: stat.stx_ino })
    }

    /// The root of `pid`.
    ///
    /// # Errors
    /// statx(2)'s: EACCES for a process that we may not look into.
    pub fn of_root(pid: Pid) -> Result<Inode> {
        Inode::of(Path::new(&format!("/proc/{pid}/root")))
    }
}

/// Whether `path` can be reached from the root of `pid`. Symbolic links are followed as that
/// process would follow them.
///
/// # Errors
/// openat2(2)'s, but for ENOENT.
pub fn reaches(pid: Pid, path: &str) -> Result<bool> {
    let root = PathBuf::from(format!("/proc/{pid}/root"));
    match view::open_in(&root, Path::new(path)) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.errno(), Some(Errno::ENOENT | Errno::ENOTDIR)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A path as `pid` (none: this process) would take it, as a path in our root.
pub fn reach(pid: Option<Pid>, path: &Path) -> PathBuf {
    let root = pid.map_or_else(|| "/".to_owned(), |pid| format!("/proc/{pid}/root"));
    within(Path::new(&root), path)
}

/// A path in the root `root`, as a path in ours.
pub fn within(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

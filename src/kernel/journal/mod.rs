//! The journal: what a run is about to change, on disk before it changes it.
//!
//! A file a lab, `STATE/LAB.journal`: a header line, then one [`Line`] a line, as JSON. The run
//! holds a record lock on it (fcntl(2) `F_SETLK`), which dies with the process and is not inherited
//! by its children, so a journal without a lock is what a killed run left. An errand shares the run's open
//! files, and so the lock: it dies of the run's end, a moment later.
//!
//! What it says is done to the machine, so it is believed only where nobody else can have written it: see
//! [`open_ours`].

mod log;

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use nix::unistd::{Pid, getpid};
use serde::Serialize;

use crate::error::{Context, Error, Result};
use crate::interrupt;
use crate::kernel::cleanup::{Entry, Undo};
use crate::kernel::{files, state};
use crate::probe::file::Identity;
use crate::probe::process;
use crate::text;
use log::{Header, Line, Unreadable};

/// How long a lock may outlive the run that held it.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(1);

/// An open, locked journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    /// This run's token.
    pub token: String,
    boot: String,
}

/// What a killed run left.
#[derive(Debug, Default)]
pub struct Remains {
    /// What to undo, in the order in which it was made.
    pub entries: Vec<Entry>,
    /// Whether the machine was booted again since.
    pub rebooted: bool,
    /// Whether its namespaces have died with it.
    pub rootless: bool,
}

fn kernel_word(path: &str) -> Result<String> {
    Ok(fs::read_to_string(path).context("read", path)?.trim().to_owned())
}

fn boot_id() -> Result<String> {
    kernel_word("/proc/sys/kernel/random/boot_id")
}

fn write_lock() -> libc::flock {
    libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}

impl Journal {
    /// Opens and locks the journal of `lab`, and says what an earlier run left in it.
    ///
    /// # Errors
    /// [`Error::Running`]; [`Error::Unable`] when the state folder or the journal is not ours alone.
    pub fn open(lab: &str) -> Result<(Journal, Remains)> {
        // Where /proc does not tell, nothing is made.
        let boot = boot_id()?;
        loop {
            let dir = state::make()?;
            // `None`: another run's last act was to remove the file or the folder under our feet.
            match open_locked(&dir, lab, &boot, true) {
                Ok(None) => {}
                Ok(Some(opened)) => return Ok(opened),
                Err(error) => {
                    // With no room for a file, the empty folder must not stay either.
                    state::remove_if_empty()?;
                    return Err(error);
                }
            }
        }
    }

    /// The same, where a run has left one; `None` where there is none.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub fn open_existing(lab: &str) -> Result<Option<(Journal, Remains)>> {
        match state::existing()? {
            Some(dir) => open_locked(&dir, lab, &boot_id()?, false),
            None => Ok(None),
        }
    }

    /// Begins a new run: forgets what was there and writes the header. `rootless`: it will be root in
    /// namespaces of its own alone.
    ///
    /// # Errors
    /// When the file cannot be written, for want of space for example.
    pub fn begin(&mut self, rootless: bool) -> Result<()> {
        self.file.set_len(0).context("ftruncate", self.path.display())?;
        self.file.rewind().context("lseek", self.path.display())?;
        let (pid, boot, token) = (getpid().as_raw(), self.boot.clone(), self.token.clone());
        self.append(&Header { pid, boot, token, rootless })
    }

    /// Writes down how a change will be undone. The page cache outlives us, so no fsync(2): after
    /// a power cut there is nothing left to undo but empty folders.
    ///
    /// # Errors
    /// When the file cannot be written; the change must then not be made.
    pub fn record(&mut self, undo: &Undo) -> Result<()> {
        self.append(&Line::Undo(undo.clone()))
    }

    /// Takes the last record back, because the kernel refused the change.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn refuse_last(&mut self) -> Result<()> {
        self.append(&Line::Refused)
    }

    /// Writes down what the change of the last record has made.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn identify(&mut self, made: &Identity) -> Result<()> {
        self.append(&Line::Made(*made))
    }

    fn append(&mut self, line: &impl Serialize) -> Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        let end = self.file.stream_position().context("lseek", self.path.display())?;
        let written = self.file.write_all(&bytes).context("write", self.path.display());
        if written.is_err() {
            // Half a line would spoil the next one, if the run goes on.
            self.file.set_len(end).context("ftruncate", self.path.display())?;
            self.file.seek(SeekFrom::Start(end)).context("lseek", self.path.display())?;
        }
        written
    }

    /// Removes the journal, and the state folder with it when no other lab uses it.
    ///
    /// # Errors
    /// When the file is there and cannot be removed.
    pub fn remove(self) -> Result<()> {
        fs::remove_file(&self.path).context("unlink", self.path.display())?;
        state::remove_if_empty()
    }
}

/// The processes that run a lab right now: those that hold a journal's lock. What cannot be read, or
/// could be somebody else's, is no journal of ours.
pub fn holders() -> Vec<Pid> {
    let dir = state::existing().ok().flatten();
    let entries = dir.and_then(|dir| fs::read_dir(dir).ok());
    let entries = entries.into_iter().flatten().filter_map(std::io::Result::ok);
    let journals = entries.map(|entry| entry.path());
    let journals = journals.filter(|path| path.extension().is_some_and(|it| it == "journal"));
    let holder = |path: PathBuf| {
        let file = open_ours(&path, OpenOptions::new().read(true)).ok()?;
        let mut lock = write_lock();
        fcntl(file, FcntlArg::F_GETLK(&mut lock)).ok()?;
        (lock.l_type != libc::F_UNLCK as libc::c_short).then(|| Pid::from_raw(lock.l_pid))
    };
    journals.filter_map(holder).collect()
}

/// Opens a journal that nobody else can have written: a regular file of ours, without another name and
/// closed to others.
fn open_ours(path: &Path, options: &mut OpenOptions) -> Result<File> {
    let file = files::open_regular(path, options)?;
    let meta = file.metadata().context("fstat", path.display())?;
    // None: it was removed after we had opened it, which the caller finds out.
    if state::is_private(&meta) && meta.nlink() <= 1 {
        return Ok(file);
    }
    let path = path.display();
    Err(Error::unable(
        text!(
            "the journal {path} is not a file that only you can write to",
            "저널 {path}: 본인만 쓸 수 있는 파일이 아닙니다"
        ),
        text!("look who made it, then remove it", "누가 만들었는지 확인한 뒤 지우십시오"),
    ))
}

/// Opens the journal at `path`, made by us where `create`: whether it was. None where another run makes it
/// at the same moment, or where there is none.
fn open_or_make(path: &Path, create: bool) -> Result<Option<(File, bool)>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    match open_ours(path, &mut options) {
        Err(error) if error.errno() == Some(Errno::ENOENT) && create => {}
        Err(error) if error.errno() == Some(Errno::ENOENT) => return Ok(None),
        other => return other.map(|file| Some((file, false))),
    }
    match options.create_new(true).open(path).context("open", path.display()) {
        Err(error) if matches!(error.errno(), Some(Errno::EEXIST | Errno::ENOENT)) => Ok(None),
        other => other.map(|file| Some((file, true))),
    }
}

type Opened = Option<(Journal, Remains)>;

fn open_locked(dir: &Path, lab: &str, boot: &str, create: bool) -> Result<Opened> {
    let path = dir.join(format!("{lab}.journal"));
    // Before the file is there, which must not stay where this is refused.
    let token = kernel_word("/proc/sys/kernel/random/uuid")?;
    let Some((file, made)) = open_or_make(&path, create)? else { return Ok(None) };
    let opened = take(file, &path, lab, boot, token);
    // Where another run was quicker to lock it, it is that run's now.
    if made && matches!(&opened, Err(error) if !matches!(error, Error::Running { .. })) {
        files::remove(&path)?;
    }
    opened
}

/// Locks the journal and reads what is in it.
fn take(file: File, path: &Path, lab: &str, boot: &str, token: String) -> Result<Opened> {
    lock(&file, lab)?;
    // The run that held the lock before may have removed the file that we opened.
    let ours = file.metadata().context("fstat", path.display())?;
    let is_same = |now: &fs::Metadata| (ours.dev(), ours.ino()) == (now.dev(), now.ino());
    if !fs::symlink_metadata(path).is_ok_and(|now| is_same(&now)) {
        return Ok(None);
    }
    let remains = read_remains(&file, path, boot)?;
    let journal = Journal { file, path: path.to_owned(), token, boot: boot.to_owned() };
    Ok(Some((journal, remains)))
}

fn lock(file: &File, lab: &str) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match fcntl(file, FcntlArg::F_SETLK(&write_lock())) {
            Ok(_) => return Ok(()),
            Err(Errno::EACCES | Errno::EAGAIN) => {}
            Err(errno) => return Err(errno).context("fcntl", "F_SETLK"),
        }
        let mut holder = write_lock();
        fcntl(file, FcntlArg::F_GETLK(&mut holder)).context("fcntl", "F_GETLK")?;
        // 0: it has died, or is in a PID namespace from which we cannot see it.
        let pid = holder.l_pid;
        let runs = pid > 0 && process::must_run(Pid::from_raw(pid)).is_ok();
        if runs || Instant::now() > end {
            return Err(Error::Running { lab: lab.to_owned(), pid });
        }
        interrupt::sleep(PAUSE)?;
    }
}

fn read_remains(file: &File, path: &Path, boot: &str) -> Result<Remains> {
    let log = match log::read(file) {
        Ok(log) => log,
        Err(Unreadable::Refused(error)) => return Err(error).context("read", path.display()),
        Err(Unreadable::Damaged) => return Err(damaged(path)),
    };
    Ok(log.map_or_else(Remains::default, |log| Remains {
        rebooted: log.header.boot != boot,
        rootless: log.header.rootless,
        entries: log.entries,
    }))
}

fn damaged(path: &Path) -> Error {
    let path = path.display();
    Error::unable(
        text!("the journal {path} is damaged", "저널 파일이 손상되었습니다: {path}"),
        text!(
            "read it, undo by hand what it names, then remove it",
            "파일에 적힌 변경을 직접 되돌린 뒤 파일을 지우십시오"
        ),
    )
}

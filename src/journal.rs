//! The journal: what a run is about to change, on disk before it changes it.
//!
//! A file a lab, `STATE/LAB.journal`: a header line, then one [`Undo`] a line, as JSON. The run
//! holds a record lock on it (fcntl(2) `F_SETLK`), which dies with the process and is not inherited
//! by its children, so a journal without a lock is what a killed run left.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use nix::unistd::{Pid, getpid};
use serde::{Deserialize, Serialize};

use crate::cleanup::Undo;
use crate::error::{Context, Error, Result};
use crate::state;
use crate::text;

/// The first line of a journal.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    pid: i32,
    /// `/proc/sys/kernel/random/boot_id`: pids and cgroups of another boot are not ours.
    boot: String,
    /// Names this run: the source of its mounts, `LAB_RUN` in the environment of its shells.
    token: String,
    /// Whether all mounts were made in namespaces that have died with the run, because it was root in
    /// those alone.
    #[serde(default)]
    rootless: bool,
}

/// A line after the header.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Undo(Undo),
    /// The change of the last `Undo` was refused, so there is nothing to undo.
    Refused,
}

/// An open, locked journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    /// This run's token.
    pub token: String,
}

/// What a killed run left.
#[derive(Debug, Default)]
pub struct Remains {
    /// What to undo, in the order in which it was made.
    pub undos: Vec<Undo>,
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
    /// [`Error::Running`]; [`Error::Unable`] when the state folder is not ours alone.
    pub fn open(lab: &str) -> Result<(Journal, Remains)> {
        loop {
            let dir = state::make()?;
            // `None`: another run's last act was to remove the file or the folder under our feet.
            match open_locked(&dir, lab, true) {
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
        match state::folder()? {
            Some(dir) => open_locked(&dir, lab, false),
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
        let (pid, boot, token) = (getpid().as_raw(), boot_id()?, self.token.clone());
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

    fn append(&mut self, line: &impl Serialize) -> Result<()> {
        let mut bytes = serde_json::to_vec(line).map_err(|e| Error::Broken(e.to_string()))?;
        bytes.push(b'\n');
        self.file.write_all(&bytes).context("write", self.path.display())
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

/// The processes that run a lab right now: those that hold a journal's lock. What cannot be read is no
/// journal of ours.
pub fn holders() -> Vec<Pid> {
    let dir = state::folder().ok().flatten();
    let entries = dir.and_then(|dir| fs::read_dir(dir).ok());
    let entries = entries.into_iter().flatten().filter_map(std::io::Result::ok);
    let journals = entries.map(|entry| entry.path());
    let journals = journals.filter(|path| path.extension().is_some_and(|it| it == "journal"));
    let holder = |path: PathBuf| {
        let open = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(path);
        let mut lock = write_lock();
        fcntl(open.ok()?, FcntlArg::F_GETLK(&mut lock)).ok()?;
        (lock.l_type != libc::F_UNLCK as libc::c_short).then(|| Pid::from_raw(lock.l_pid))
    };
    journals.filter_map(holder).collect()
}

fn open_locked(dir: &Path, lab: &str, create: bool) -> Result<Option<(Journal, Remains)>> {
    let path = dir.join(format!("{lab}.journal"));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(create)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(&path)
        .context("open", path.display());
    let file = match file {
        Err(error) if error.errno() == Some(Errno::ENOENT) => return Ok(None),
        other => other?,
    };
    lock(&file, lab)?;
    // The run that held the lock before may have removed the file that we opened.
    let ours = file.metadata().context("fstat", path.display())?;
    if !fs::metadata(&path).is_ok_and(|now| (ours.dev(), ours.ino()) == (now.dev(), now.ino())) {
        return Ok(None);
    }
    let remains = read_remains(&file, &path)?;
    let token = kernel_word("/proc/sys/kernel/random/uuid")?;
    Ok(Some((Journal { file, path, token }, remains)))
}

fn lock(file: &File, lab: &str) -> Result<()> {
    match fcntl(file, FcntlArg::F_SETLK(&write_lock())) {
        Ok(_) => Ok(()),
        Err(Errno::EACCES | Errno::EAGAIN) => {
            let mut holder = write_lock();
            fcntl(file, FcntlArg::F_GETLK(&mut holder)).context("fcntl", "F_GETLK")?;
            Err(Error::Running { lab: lab.to_owned(), pid: holder.l_pid })
        }
        Err(errno) => Err(errno).context("fcntl", "F_SETLK"),
    }
}

fn read_remains(file: &File, path: &Path) -> Result<Remains> {
    let lines: Vec<String> = BufReader::new(file)
        .lines()
        .collect::<std::io::Result<_>>()
        .context("read", path.display())?;
    let mut remains = Remains::default();
    let Some((first, rest)) = lines.split_first() else {
        return Ok(remains);
    };
    match serde_json::from_str::<Header>(first) {
        Ok(header) => {
            remains.rebooted = header.boot != boot_id()?;
            remains.rootless = header.rootless;
        }
        // Cut off while the header was written: nothing had been changed yet.
        Err(_) if rest.is_empty() => return Ok(remains),
        Err(_) => return Err(damaged(path)),
    }
    for (at, line) in rest.iter().enumerate() {
        match serde_json::from_str::<Line>(line) {
            Ok(Line::Undo(undo)) => remains.undos.push(undo),
            Ok(Line::Refused) => {
                remains.undos.pop();
            }
            // The write was cut off (disk full, SIGKILL), so the change was never made.
            Err(_) if at + 1 == rest.len() => {}
            Err(_) => return Err(damaged(path)),
        }
    }
    Ok(remains)
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

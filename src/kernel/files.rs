//! Files and folders, made exclusively: what is there already is never written to.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use nix::errno::Errno;
use nix::libc;
use nix::unistd::Uid;

use crate::error::{Context, Error, Result};
use crate::kernel::cleanup::Outcome;
use crate::probe::file::{self, Found, Identity};
use crate::text;
use crate::text::Text;

/// The permissions that something is born with until its identity is written down. mkdir(2) and open(2)
/// give it both at once, and by hand nobody makes one like it: to its owner alone, and sticky.
const NEWBORN: u32 = 0o1700;

/// Makes sure that nothing has the name `path`. To be asked before an undo is written down: what
/// is somebody else's must never stand in a journal, however soon it would be taken back.
///
/// # Errors
/// [`Error::Unable`] when something has.
pub fn must_be_free(path: &Path) -> Result<()> {
    if fs::symlink_metadata(path).is_ok() { Err(occupied(path)) } else { Ok(()) }
}

/// Makes a folder that must not be there yet.
///
/// # Errors
/// [`Error::Unable`] when something has that name already; mkdir(2)'s.
pub fn make_dir(path: &Path) -> Result<()> {
    make_dir_with(path, 0o755)
}

/// Makes a folder that is known as ours before its identity is written down.
///
/// # Errors
/// As for [`make_dir`].
pub fn make_newborn_dir(path: &Path) -> Result<()> {
    make_dir_with(path, NEWBORN)
}

/// Gives a folder the permissions that any other has.
///
/// # Errors
/// chmod(2)'s.
pub fn open_to_all(path: &Path) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(0o755)).context("chmod", path.display())
}

fn make_dir_with(path: &Path, mode: u32) -> Result<()> {
    match DirBuilder::new().mode(mode).create(path).context("mkdir", path.display()) {
        Err(error) if error.errno() == Some(Errno::EEXIST) => Err(occupied(path)),
        other => other,
    }
}

/// Whether what was found is what was made: by its identity, or, where a run was killed before that was
/// written down, by how it was born.
pub fn is_ours(found: &Found, made: Option<&Identity>) -> bool {
    match made {
        Some(made) => made.is(&found.identity),
        None => found.mode & 0o7777 == NEWBORN && found.user == Uid::effective().as_raw(),
    }
}

/// Removes a folder that was made, if it still is that one and nothing is in it.
///
/// # Errors
/// rmdir(2)'s.
pub fn remove_made_dir(path: &Path, made: Option<&Identity>) -> Result<Outcome> {
    match file::look(path)? {
        None => return Ok(Outcome::Gone),
        Some(found) if !is_ours(&found, made) => return Ok(Outcome::Kept),
        Some(_) => {}
    }
    match remove_empty_dir(path) {
        Err(error) if matches!(error.errno(), Some(Errno::ENOTEMPTY | Errno::EBUSY)) => {
            Ok(Outcome::Kept)
        }
        other => other.map(Outcome::from),
    }
}

/// Makes a folder and those above it, where they are not there yet, inside a tree that is ours.
///
/// # Errors
/// mkdir(2)'s.
pub fn make_dirs(path: &Path) -> Result<()> {
    DirBuilder::new().mode(0o755).recursive(true).create(path).context("mkdir", path.display())
}

/// Makes a file with `contents`, which must not be there yet.
///
/// # Errors
/// [`Error::Unable`] when something has that name already; open(2)'s, write(2)'s.
pub fn make_file(path: &Path, contents: &str) -> Result<()> {
    let mut file = make_file_with(path, 0o644)?;
    file.write_all(contents.as_bytes()).context("write", path.display())
}

/// Makes an empty file that is known as ours before its identity is written down.
///
/// # Errors
/// As for [`make_file`].
pub fn make_newborn_file(path: &Path) -> Result<()> {
    make_file_with(path, NEWBORN).map(drop)
}

fn make_file_with(path: &Path, mode: u32) -> Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    match file.context("open", path.display()) {
        Err(error) if error.errno() == Some(Errno::EEXIST) => Err(occupied(path)),
        other => other,
    }
}

/// Opens a regular file, whatever somebody may have put in its place: no link is followed, and neither a
/// fifo nor a device is waited for.
///
/// # Errors
/// [`Error::Unable`] when it is something else; open(2)'s.
pub fn open_regular(path: &Path, options: &mut OpenOptions) -> Result<File> {
    let no_file = || {
        let path = path.display();
        Error::unable(
            text!("{path} is not a regular file", "일반 파일이 아닙니다: {path}"),
            Text::new("look what it is, then remove it", "무엇인지 확인한 뒤 지우십시오"),
        )
    };
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = match options.custom_flags(flags).open(path).context("open", path.display()) {
        // A link; a folder or a socket; a fifo or a device without another end.
        Err(error)
            if matches!(error.errno(), Some(Errno::ELOOP | Errno::EISDIR | Errno::ENXIO)) =>
        {
            return Err(no_file());
        }
        other => other?,
    };
    let is_file = file.metadata().context("fstat", path.display())?.is_file();
    if is_file { Ok(file) } else { Err(no_file()) }
}

/// Writes `contents` over a file, as `echo … > file` does.
///
/// # Errors
/// open(2)'s, write(2)'s.
pub fn write(path: &Path, contents: &str) -> Result<()> {
    fs::write(path, contents).context("write", path.display())
}

/// Removes a file.
///
/// # Errors
/// unlink(2)'s.
pub fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).context("unlink", path.display())
}

/// Copies a file with its permission bits, as `cp` does, to a name that must not be there yet.
/// How many bytes.
///
/// # Errors
/// open(2)'s, write(2)'s; ENOSPC when the disk is full.
pub fn copy(from: &Path, to: &Path) -> Result<u64> {
    let mut source = fs::File::open(from).context("open", from.display())?;
    let mode = source.metadata().context("fstat", from.display())?.permissions().mode();
    let mut target = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode & 0o777)
        .open(to)
        .context("open", to.display())?;
    io::copy(&mut source, &mut target).context("write", to.display())
}

/// Removes an empty folder, if it is there; `true` when it was.
///
/// # Errors
/// rmdir(2)'s: ENOTEMPTY when somebody has put something in.
pub fn remove_empty_dir(path: &Path) -> Result<bool> {
    match fs::remove_dir(path).context("rmdir", path.display()) {
        Ok(()) => Ok(true),
        Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

fn occupied(path: &Path) -> Error {
    let path = path.display();
    Error::unable(
        text!(
            "{path} is there already, and lab did not make it",
            "{path} 경로에 lab이 만들지 않은 파일이나 디렉터리가 이미 있습니다"
        ),
        Text::new("move it away, then run the lab again", "다른 곳으로 옮긴 뒤 다시 실행하십시오"),
    )
}

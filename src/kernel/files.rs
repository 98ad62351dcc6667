//! Files and folders, made exclusively: what is there already is never written to.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use nix::errno::Errno;

use crate::error::{Context, Error, Result};
use crate::text;
use crate::text::Text;

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
    match DirBuilder::new().mode(0o755).create(path).context("mkdir", path.display()) {
        Err(error) if error.errno() == Some(Errno::EEXIST) => Err(occupied(path)),
        other => other,
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
    let file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(path);
    match file.context("open", path.display()) {
        Err(error) if error.errno() == Some(Errno::EEXIST) => Err(occupied(path)),
        Err(error) => Err(error),
        Ok(mut file) => file.write_all(contents.as_bytes()).context("write", path.display()),
    }
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

//! Where a run keeps its journal and its workspace: a folder that only its user can write to.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{AccessFlags, Uid, access, mkdtemp};

use crate::error::{Context, Error, Result};
use crate::text;
use crate::visit::user;

/// The folder, once it is settled: in a user namespace of our own everything would look otherwise.
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// The folder: `/run/lab` for root, else `$XDG_RUNTIME_DIR/lab` (XDG Base Directory Specification), else
/// one that mkdtemp(3) makes, and that later runs find by its owner. None where there is none yet.
///
/// # Errors
/// open(2)'s.
pub fn folder() -> Result<Option<PathBuf>> {
    if let Some(folder) = FOLDER.get() {
        return Ok(Some(folder.clone()));
    }
    let found = match runtime_folder() {
        Some(runtime) => Some(runtime.join("lab")),
        None => temporary()?,
    };
    Ok(found.map(settle))
}

/// The folder, made where it is not there.
///
/// # Errors
/// [`Error::Unable`] when something else has its name, or others can write to it; mkdir(2)'s.
pub fn make() -> Result<PathBuf> {
    match folder()? {
        Some(folder) => make_private(&folder).map(|()| folder),
        None => {
            let template = env::temp_dir().join(format!("{}XXXXXX", prefix()));
            mkdtemp(&template).context("mkdtemp", template.display()).map(settle)
        }
    }
}

/// The folder, where there is one, to be read and trusted.
///
/// # Errors
/// As for [`make`].
pub fn existing() -> Result<Option<PathBuf>> {
    let Some(folder) = folder()? else { return Ok(None) };
    match must_be_private(&folder) {
        Err(error) if error.errno() == Some(Errno::ENOENT) => Ok(None),
        other => other.map(|()| Some(folder)),
    }
}

/// Removes the folder where nothing is in it: a run that was killed between making it and its
/// journal, or between removing the two, leaves it so.
///
/// # Errors
/// rmdir(2)'s, but for a folder that is in use or gone.
pub fn remove_if_empty() -> Result<()> {
    // Where nothing can be removed the kernel says that before it says that nothing is there (EROFS).
    let Some(folder) = folder()?.filter(|folder| folder.exists()) else { return Ok(()) };
    match fs::remove_dir(&folder).context("rmdir", folder.display()) {
        // Another lab uses it, or has removed it.
        Err(e) if matches!(e.errno(), Some(Errno::ENOTEMPTY | Errno::ENOENT)) => Ok(()),
        other => other,
    }
}

fn settle(folder: PathBuf) -> PathBuf {
    FOLDER.get_or_init(|| folder).clone()
}

/// Where the machine, or the session, keeps what does not outlive a boot.
fn runtime_folder() -> Option<PathBuf> {
    let run = Path::new("/run");
    // Root in a user namespace may have a /run that is not its own.
    let ours = || user::is_initial() || access(run, AccessFlags::W_OK).is_ok();
    if Uid::effective().is_root() && ours() {
        return Some(run.to_owned());
    }
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)?;
    // After su(1) it may still be somebody else's.
    let ours = fs::metadata(&runtime).is_ok_and(|meta| meta.is_dir() && is_private(&meta));
    (runtime.is_absolute() && ours).then_some(runtime)
}

/// How the name of a folder that mkdtemp(3) makes begins.
fn prefix() -> String {
    format!("lab-{}-", Uid::effective())
}

/// The folder that an earlier run has made: a directory of ours, in which nobody else can write. In a
/// folder with the sticky bit nobody else can put one there.
fn temporary() -> Result<Option<PathBuf>> {
    let dir = env::temp_dir();
    let prefix = OsString::from(prefix());
    let begins = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        name.starts_with(prefix.as_encoded_bytes())
    };
    let entries = fs::read_dir(&dir).context("open", dir.display())?;
    let paths = entries.filter_map(std::io::Result::ok).map(|entry| entry.path());
    let ours = |path: &PathBuf| {
        fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir() && is_private(&meta))
    };
    Ok(paths.filter(begins).filter(ours).min())
}

/// Whether it is ours, and nobody else can write to it.
pub fn is_private(meta: &fs::Metadata) -> bool {
    meta.uid() == Uid::effective().as_raw() && meta.mode() & 0o022 == 0
}

fn make_private(folder: &Path) -> Result<()> {
    match DirBuilder::new().mode(0o755).create(folder) {
        Err(error) if error.raw_os_error() == Some(libc::EEXIST) => must_be_private(folder),
        other => other.context("mkdir", folder.display()),
    }
}

fn must_be_private(folder: &Path) -> Result<()> {
    let meta = fs::symlink_metadata(folder).context("lstat", folder.display())?;
    if meta.is_dir() && is_private(&meta) {
        return Ok(());
    }
    let folder = folder.display();
    Err(Error::unable(
        text!(
            "{folder} is not a folder that only you can write to",
            "{folder}: 본인만 쓸 수 있는 디렉터리가 아닙니다"
        ),
        text!("look what it is, then remove it", "무엇인지 확인한 뒤 지우십시오"),
    ))
}

//! A folder of somebody's, opened once: from there on it is gone by descriptor, because what a name
//! leads to may be another thing at the next moment.

mod found;

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2, readlinkat};
use nix::sys::stat::Mode;
use rustix::mount::{OpenTreeFlags, open_tree};

use crate::error::{Context, Error, Result, SysError};
use crate::text;
use crate::text::Text;
use crate::visit::user::is_machines_root;
pub use found::Found;

/// More names than these are not looked at.
const MOST_NAMES: usize = 4000;
/// As many links as the kernel follows (`MAXSYMLINKS`, linux/namei.h).
const MOST_LINKS: usize = 40;

/// A folder, held open without being read (`O_PATH`).
#[derive(Debug)]
pub struct Folder {
    dir: File,
    path: PathBuf,
}

/// A look at a name never opens what it stands for: a fifo would wait, and a device would begin to work.
fn place(flags: OFlag) -> OFlag {
    OFlag::O_PATH | OFlag::O_CLOEXEC | flags
}

/// What `path` is from `dir` on, held open without being read.
pub(super) fn opened(
    dir: &File,
    path: &Path,
    flags: OFlag,
    resolve: ResolveFlag,
) -> nix::Result<File> {
    let resolve = resolve | ResolveFlag::RESOLVE_NO_MAGICLINKS;
    let how = OpenHow::new().flags(place(flags)).resolve(resolve);
    openat2(dir.as_fd(), path, how).map(File::from)
}

impl Folder {
    /// The folder `path` as this process sees it; links are followed.
    ///
    /// # Errors
    /// open(2)'s: ENOTDIR for what is no folder.
    pub fn open(path: &Path) -> Result<Folder> {
        let flags = place(OFlag::O_DIRECTORY).bits();
        let dir = OpenOptions::new().read(true).custom_flags(flags).open(path);
        Ok(Folder { dir: dir.context("open", path.display())?, path: path.to_owned() })
    }

    /// The folder `path` of a process whose root this folder is (openat2(2), `RESOLVE_IN_ROOT`). Who looks as this machine's
    /// root follows no symbolic links but root's own: any other leads where its owner wants root to look.
    ///
    /// # Errors
    /// openat2(2)'s; [`Error::Untold`] for a link that is not followed.
    pub fn inside(&self, path: &Path) -> Result<Folder> {
        let as_root = is_machines_root();
        let opened = match as_root {
            true => self.along_roots_links(path),
            false => opened(&self.dir, path, OFlag::O_DIRECTORY, ResolveFlag::RESOLVE_IN_ROOT),
        };
        let shown = path.display();
        match opened {
            Err(Errno::ELOOP) if as_root => Err(Error::untold(text!(
                "the way to {shown} leads through a symbolic link that is not root's",
                "{shown} 경로에 소유자가 root가 아닌 심볼릭 링크가 있습니다"
            ))),
            other => Ok(Folder { dir: other.context("openat2", shown)?, path: path.to_owned() }),
        }
    }

    /// Each link is looked at by descriptor, and what it says put in its place: the path that is opened in
    /// the end has none.
    fn along_roots_links(&self, path: &Path) -> nix::Result<File> {
        let resolve = ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_SYMLINKS;
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            match opened(&self.dir, &path, OFlag::O_DIRECTORY, resolve) {
                Err(Errno::ELOOP) => path = self.without_first_link(&path, resolve)?,
                other => return other,
            }
        }
        Err(Errno::ELOOP)
    }

    fn without_first_link(&self, path: &Path, resolve: ResolveFlag) -> nix::Result<PathBuf> {
        let mut before = PathBuf::new();
        let mut parts = path.components();
        while let Some(part) = parts.next() {
            let at = before.join(part);
            let file = match part {
                Component::Normal(_) => opened(&self.dir, &at, OFlag::O_NOFOLLOW, resolve)?,
                _ => {
                    before = at;
                    continue;
                }
            };
            let meta = file.metadata().map_err(|_| Errno::ELOOP)?;
            if meta.is_symlink() {
                let link = readlinkat(&file, "")?;
                let roots = meta.uid() == 0;
                return roots.then(|| before.join(link).join(parts.as_path())).ok_or(Errno::ELOOP);
            }
            before = at;
        }
        Err(Errno::ELOOP)
    }

    /// The folder itself.
    pub(super) fn descriptor(&self) -> &File {
        &self.dir
    }

    /// As it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder itself.
    ///
    /// # Errors
    /// fstat(2)'s.
    pub fn itself(&self) -> Result<Found> {
        let shown = self.path.display();
        let file = self.dir.try_clone().context("dup", &shown)?;
        let meta = file.metadata().context("fstat", shown)?;
        Ok(Found { file, meta, path: self.path.clone() })
    }

    /// The same folder below all that is mounted on it. The kernel gives no way down but a copy of the mount around it,
    /// without those in it.
    ///
    /// # Errors
    /// [`Error::Untold`] for a root; openat2(2)'s; open_tree(2)'s: EPERM without CAP_SYS_ADMIN, EINVAL in another mount
    /// namespace.
    pub fn below_mounts(&self) -> Result<Folder> {
        let shown = self.path.display();
        let name = self.path.file_name().ok_or_else(|| {
            Error::untold(text!(
                "what is below a root cannot be seen",
                "루트 아래에 가려진 내용은 볼 수 없습니다"
            ))
        })?;
        let above = opened(&self.dir, Path::new(".."), OFlag::O_DIRECTORY, ResolveFlag::empty());
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_EMPTY_PATH;
        let copy = open_tree(above.context("openat2", &shown)?, "", flags);
        let copy = File::from(copy.map_err(std::io::Error::from).context("open_tree", &shown)?);
        let inside = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS;
        let dir = opened(&copy, Path::new(name), OFlag::O_DIRECTORY, inside);
        Ok(Folder { dir: dir.context("openat2", &shown)?, path: self.path.clone() })
    }

    /// What has the name `name` in here; a symbolic link is looked at itself, and none is followed on the
    /// way. None where there is nothing.
    ///
    /// # Errors
    /// openat2(2)'s, but for ENOENT and ENOTDIR.
    pub fn look(&self, name: &str) -> Result<Option<Found>> {
        let resolve = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS;
        let shown = || self.path.join(name).display().to_string();
        match opened(&self.dir, Path::new(name), OFlag::O_NOFOLLOW, resolve) {
            // To an overlay a link is no folder, whatever it leads to.
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP) => Ok(None),
            other => {
                let file = other.context("openat2", shown())?;
                let meta = file.metadata().context("fstat", shown())?;
                Ok(Some(Found { file, meta, path: self.path.join(name) }))
            }
        }
    }

    /// The text of the file `name`: see [`Found::text`].
    ///
    /// # Errors
    /// As for [`Found::text`]; ENOENT where there is none.
    pub fn text(&self, name: &str) -> Result<String> {
        self.found(name)?.text()
    }

    /// The same, as it may be shown: see [`Found::quoted`].
    ///
    /// # Errors
    /// As for [`Folder::text`].
    pub fn quoted(&self, name: &str) -> Result<Text> {
        Ok(self.found(name)?.quoted())
    }

    /// What has the name `name` in here, which must be there: ENOENT where it is not.
    fn found(&self, name: &str) -> Result<Found> {
        let missing = || SysError::new("open", self.path.join(name).display(), Errno::ENOENT);
        self.look(name)?.ok_or_else(|| Error::Sys(missing()))
    }

    /// The names in it, sorted.
    ///
    /// # Errors
    /// open(2)'s, getdents(2)'s; [`Error::Untold`] when there are too many to look at.
    pub fn names(&self) -> Result<BTreeSet<String>> {
        let shown = self.path.display();
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let mut dir = Dir::openat(&self.dir, ".", flags, Mode::empty()).context("open", &shown)?;
        let mut names = BTreeSet::new();
        for entry in dir.iter() {
            let entry = entry.context("getdents", &shown)?;
            let name = entry.file_name().to_string_lossy();
            if matches!(name.as_ref(), "." | "..") {
                continue;
            }
            names.insert(name.into_owned());
            if names.len() > MOST_NAMES {
                return Err(Error::untold(text!(
                    "{shown} has more than {MOST_NAMES} names",
                    "{shown} 안의 이름이 {MOST_NAMES}개를 넘습니다"
                )));
            }
        }
        Ok(names)
    }

    /// The same of the folder `name` in it.
    ///
    /// # Errors
    /// As for [`Folder::names`]; ENOENT and ENOTDIR.
    pub fn names_in(&self, name: &str) -> Result<BTreeSet<String>> {
        let resolve = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS;
        let path = self.path.join(name);
        let dir = opened(&self.dir, Path::new(name), OFlag::O_DIRECTORY, resolve);
        Folder { dir: dir.context("openat2", path.display())?, path }.names()
    }
}

/// The names in the folder `path`, sorted.
///
/// # Errors
/// As for [`Folder::open`] and [`Folder::names`].
pub fn names(path: &Path) -> Result<BTreeSet<String>> {
    Folder::open(path)?.names()
}

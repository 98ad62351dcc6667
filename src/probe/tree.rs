//! What lies in a directory tree of somebody's, looked through by descriptor: no link is followed, nothing that is
//! mounted in it is entered, and it ends after so many names.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};

use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{OFlag, ResolveFlag};
use nix::sys::stat::Mode;
use rustix::fs::{AtFlags, FileType, Statx, StatxFlags, statx};

use crate::error::Result;
use crate::probe::folder::{Folder, opened};
use crate::probe::process::Inode;

/// Names that are looked at, and folders below each other.
const MOST: usize = 3000;
const DEEPEST: usize = 16;

/// A regular file in a tree.
#[derive(Debug)]
pub struct Entry {
    /// Where it is, from the tree's top on.
    pub path: PathBuf,
    /// Which file it is.
    pub inode: Inode,
    /// Its permission bits.
    pub mode: u16,
    /// How many names it has, here and elsewhere.
    pub names: u32,
}

impl Entry {
    /// Whether somebody may execute it.
    pub fn is_executable(&self) -> bool {
        self.mode & 0o111 != 0
    }
}

/// What was found in a tree.
#[derive(Debug, Default)]
pub struct Contents {
    /// Its regular files, those near the top first.
    pub files: Vec<Entry>,
    /// Whether there was no more to look at than may be.
    pub is_whole: bool,
}

/// Nothing leads out: neither a link, nor `..`, nor a mount.
fn inside() -> ResolveFlag {
    ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS | ResolveFlag::RESOLVE_NO_XDEV
}

/// Looks through the tree `root`. A folder that may not be read is passed over.
///
/// # Errors
/// open(2)'s, for `root` itself.
pub fn look_through(root: &Path) -> Result<Contents> {
    let top = Folder::open(root)?;
    let mut contents = Contents { files: Vec::new(), is_whole: true };
    let mut queue = VecDeque::from([(PathBuf::from("."), 0)]);
    let mut left = MOST;
    while let Some((folder, depth)) = queue.pop_front() {
        let dir = opened(top.descriptor(), &folder, OFlag::O_DIRECTORY, inside());
        let Ok(dir) = dir else { continue };
        let mount = stat(&dir, Path::new("")).and_then(|stat| mount(&stat));
        for (name, kind) in entries(&dir, left) {
            left -= 1;
            let path = folder.strip_prefix(".").unwrap_or(&folder).join(&name);
            match kind {
                Some(Type::Directory) if depth < DEEPEST => queue.push_back((path, depth + 1)),
                Some(Type::Directory) => contents.is_whole = false,
                Some(Type::File) | None => {
                    contents.files.extend(entry(&dir, &name, path, mount));
                }
                Some(_) => {}
            }
        }
        if left == 0 {
            contents.is_whole = false;
            break;
        }
    }
    Ok(contents)
}

/// At most so many names in `dir`, each with its kind where the file system tells it.
fn entries(dir: &File, most: usize) -> Vec<(PathBuf, Option<Type>)> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let Ok(mut dir) = Dir::openat(dir, ".", flags, Mode::empty()) else { return Vec::new() };
    let entries = dir.iter().map_while(std::result::Result::ok);
    let named = entries.map(|entry| {
        let name = String::from_utf8_lossy(entry.file_name().to_bytes()).into_owned();
        (PathBuf::from(name), entry.file_type())
    });
    named.filter(|(name, _)| !matches!(name.to_str(), Some("." | ".."))).take(most).collect()
}

/// What is called `name` in `dir`, or `dir` itself. A file system that is far away is not asked.
fn stat(dir: &File, name: &Path) -> Option<Statx> {
    let flags = AtFlags::SYMLINK_NOFOLLOW
        | AtFlags::NO_AUTOMOUNT
        | AtFlags::EMPTY_PATH
        | AtFlags::STATX_DONT_SYNC;
    statx(dir, name, flags, StatxFlags::BASIC_STATS | StatxFlags::MNT_ID).ok()
}

/// The mount that it was seen on; none before Linux 5.8.
fn mount(stat: &Statx) -> Option<u64> {
    (stat.stx_mask & StatxFlags::MNT_ID.bits() != 0).then_some(stat.stx_mnt_id)
}

/// The regular file `name` in `dir`, if it is one and nothing is mounted on it.
fn entry(dir: &File, name: &Path, path: PathBuf, on: Option<u64>) -> Option<Entry> {
    let stat = stat(dir, name)?;
    let is_file = FileType::from_raw_mode(stat.stx_mode.into()) == FileType::RegularFile;
    let device = (stat.stx_dev_major, stat.stx_dev_minor);
    (is_file && mount(&stat) == on).then_some(Entry {
        path,
        inode: Inode { device, number: stat.stx_ino },
        mode: stat.stx_mode & 0o7777,
        names: stat.stx_nlink,
    })
}

/// Whether `path`, taken by a shell that stands outside of the tree `root`, stays in it and on its own mount: links in
/// it may lead on, but not out. Of what is not there yet, the folder that it would be made in counts.
pub fn stays_inside(root: &Path, path: &Path) -> bool {
    let Ok(top) = Folder::open(root) else { return false };
    let resolve = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_XDEV;
    let mut path = path.strip_prefix("/").unwrap_or(path);
    while !path.as_os_str().is_empty() {
        match opened(top.descriptor(), path, OFlag::empty(), resolve) {
            Ok(_) => return true,
            // A link that leads nowhere is followed no further.
            Err(Errno::ENOENT)
                if opened(top.descriptor(), path, OFlag::O_NOFOLLOW, resolve).is_err() => {}
            Err(_) => return false,
        }
        path = path.parent().unwrap_or(Path::new(""));
    }
    true
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_not_followed_and_may_not_lead_out() {
        let root = std::env::temp_dir().join(format!("tree-{}", std::process::id()));
        fs::create_dir_all(root.join("usr/bin")).unwrap();
        fs::write(root.join("usr/bin/file"), "x").unwrap();
        symlink("usr/bin", root.join("bin")).unwrap();
        symlink("/usr/bin", root.join("out")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        let contents = look_through(&root).unwrap();
        let paths: Vec<_> = contents.files.iter().map(|entry| entry.path.as_path()).collect();
        assert_eq!(paths, [Path::new("usr/bin/file")]);
        assert!(contents.is_whole);
        for (path, stays) in [
            ("/bin/file", true),
            ("/bin/new/file", true),
            ("lib/new", true),
            ("/out/file", false),
            ("/out/new", false),
            ("/dangling/file", false),
            ("../other", false),
        ] {
            assert_eq!(stays_inside(&root, Path::new(path)), stays, "{path}");
        }
        for file in ["usr/bin/file", "bin", "out", "dangling"] {
            fs::remove_file(root.join(file)).unwrap();
        }
        for folder in ["usr/bin", "usr", ""] {
            fs::remove_dir(root.join(folder)).unwrap();
        }
    }
}

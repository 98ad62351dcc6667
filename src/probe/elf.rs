//! Which shared libraries a program needs, read from its ELF headers (man 5 elf, man 8 ld.so).
//!
//! `ldd` would show the same, but runs the program's interpreter to find out. Here nothing is run,
//! so it is safe on a file nobody trusts, and it works inside another root.

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use goblin::elf::Elf;
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};

use crate::error::{Context, Error, Result, SysError};

/// A library larger than this is not read, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What an ELF file says of itself.
#[derive(Debug)]
struct Header {
    class: (bool, u16),
    interpreter: Option<PathBuf>,
    needed: Vec<String>,
    rpath: Vec<PathBuf>,
}

/// A file that a program needs at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// The name in `DT_NEEDED`, or the path in `PT_INTERP`.
    pub name: String,
    /// Where it is found, as a path inside the root; `None` when it is not.
    pub path: Option<PathBuf>,
}

/// Opens `path` as a process whose root is `root` would: symbolic links and `..` never lead out
/// (openat2(2), `RESOLVE_IN_ROOT`). A fifo is not waited for.
///
/// # Errors
/// openat2(2)'s.
pub fn open_in(root: &Path, path: &Path) -> Result<OwnedFd> {
    let dir = File::open(root).context("open", root.display())?;
    let how = OpenHow::new()
        .flags(OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    openat2(dir.as_fd(), path, how)
        .context("openat2", format!("{}{}", root.display(), path.display()))
}

fn read_in(root: &Path, path: &Path) -> Result<Vec<u8>> {
    let file = File::from(open_in(root, path)?);
    let meta = file.metadata().context("fstat", path.display())?;
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(Error::Sys(SysError::new("open", path.display(), Errno::ENOEXEC)));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default());
    file.take(LARGEST).read_to_end(&mut bytes).context("read", path.display())?;
    Ok(bytes)
}

fn header(root: &Path, path: &Path) -> Result<Header> {
    let bytes = read_in(root, path)?;
    let elf = Elf::parse(&bytes)
        .map_err(|_| Error::Sys(SysError::new("execve", path.display(), Errno::ENOEXEC)))?;
    // DT_RUNPATH, where there is one, makes DT_RPATH of no effect.
    let rpaths = if elf.runpaths.is_empty() { &elf.rpaths } else { &elf.runpaths };
    let origin = path.parent().unwrap_or(Path::new("/")).to_string_lossy();
    Ok(Header {
        class: (elf.is_64, elf.header.e_machine),
        interpreter: elf.interpreter.map(PathBuf::from),
        needed: elf.libraries.iter().map(ToString::to_string).collect(),
        rpath: rpaths
            .iter()
            .flat_map(|list| list.split(':'))
            .map(|dir| dir.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin))
            .map(PathBuf::from)
            .collect(),
    })
}

/// The directories that the loader searches after `DT_RUNPATH`: those of `/etc/ld.so.conf` where
/// `/etc/ld.so.cache` has made them known, then its built-in ones.
fn system_dirs(root: &Path) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    if open_in(root, Path::new("/etc/ld.so.cache")).is_ok() {
        read_conf(root, Path::new("/etc/ld.so.conf"), &mut dirs, 0);
    }
    let arch = std::env::consts::ARCH;
    dirs.extend([
        PathBuf::from(format!("/lib/{arch}-linux-gnu")),
        PathBuf::from(format!("/usr/lib/{arch}-linux-gnu")),
    ]);
    dirs.extend(["/lib64", "/usr/lib64", "/lib", "/usr/lib"].map(PathBuf::from));
    dirs
}

fn read_conf(root: &Path, path: &Path, dirs: &mut Vec<PathBuf>, depth: usize) {
    // A conf that is missing or unreadable adds no directories, as for ldconfig(8).
    let Ok(bytes) = read_in(root, path) else {
        return;
    };
    for line in String::from_utf8_lossy(&bytes).lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        match line.strip_prefix("include ") {
            Some(pattern) if depth < 3 => {
                for file in matching(root, Path::new(pattern.trim())) {
                    read_conf(root, &file, dirs, depth + 1);
                }
            }
            None if line.starts_with('/') => dirs.push(PathBuf::from(line)),
            _ => {}
        }
    }
}

/// The files of an `include DIR/*.conf` line, in order; no other pattern is in use.
fn matching(root: &Path, pattern: &Path) -> Vec<PathBuf> {
    let dir = pattern.parent().unwrap_or(Path::new("/"));
    let suffix = pattern.extension().unwrap_or_default();
    let inside: PathBuf = dir.components().filter(|c| matches!(c, Component::Normal(_))).collect();
    let mut files: Vec<PathBuf> = fs::read_dir(root.join(inside))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(dir.join(entry.ok()?.file_name())))
        .filter(|file| file.extension() == Some(suffix))
        .collect();
    files.sort();
    files
}

/// What `program` needs to start inside `root`: its libraries, theirs, and its interpreter, in the
/// order in which the loader comes to them. Paths are those inside the root.
///
/// # Errors
/// openat2(2)'s for the program itself; ENOEXEC when it is no ELF file.
pub fn libraries(root: &Path, program: &Path) -> Result<Vec<Library>> {
    let first = header(root, program)?;
    let system = system_dirs(root);
    let mut found: Vec<Library> = Vec::new();
    let mut open: Vec<(String, Vec<PathBuf>)> =
        first.needed.iter().rev().map(|name| (name.clone(), first.rpath.clone())).collect();
    while let Some((name, rpath)) = open.pop() {
        // The loader itself is often in DT_NEEDED too; it comes once, as the interpreter.
        let loader = first.interpreter.as_ref().and_then(|path| path.file_name());
        if found.iter().any(|library| library.name == name) || loader == Some(name.as_ref()) {
            continue;
        }
        let place = locate(root, &name, first.class, rpath.iter().chain(&system));
        if let Some((_, header)) = &place {
            let theirs = header.needed.iter().rev();
            open.extend(theirs.map(|name| (name.clone(), header.rpath.clone())));
        }
        found.push(Library { name, path: place.map(|(path, _)| path) });
    }
    if let Some(path) = first.interpreter {
        let name = path.to_string_lossy().into_owned();
        let there = open_in(root, &path).is_ok();
        found.push(Library { name, path: there.then_some(path) });
    }
    Ok(found)
}

/// The interpreter in `PT_INTERP`: the program that execve(2) really starts.
///
/// # Errors
/// As for [`libraries`].
pub fn interpreter(root: &Path, program: &Path) -> Result<Option<PathBuf>> {
    Ok(header(root, program)?.interpreter)
}

fn locate<'a>(
    root: &Path,
    name: &str,
    class: (bool, u16),
    dirs: impl Iterator<Item = &'a PathBuf>,
) -> Option<(PathBuf, Header)> {
    // A name with a slash is a path, and not searched for.
    let candidates: Vec<PathBuf> = match name.contains('/') {
        true => vec![PathBuf::from(name)],
        false => dirs.map(|dir| dir.join(name)).collect(),
    };
    candidates.into_iter().find_map(|path| {
        // A library for another machine, such as a 32-bit one, is passed over.
        header(root, &path).ok().filter(|header| header.class == class).map(|header| (path, header))
    })
}

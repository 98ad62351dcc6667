//! Which shared libraries a program needs, read from its ELF headers (man 5 elf, man 8 ld.so).
//!
//! `ldd` would show the same, but runs the program's interpreter to find out. Here nothing is run,
//! so it is safe on a file nobody trusts, and it works inside another root.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use object::elf::{
    DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_STRSZ, DT_STRTAB, FileHeader32, FileHeader64,
};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, FileKind, ReadCache};

use crate::error::{Context, Error, Result, SysError};

/// More of a configuration file is not read, in bytes.
const LARGEST_CONF: u64 = 64 * 1024;

/// What an ELF file says of itself.
#[derive(Debug)]
struct Header {
    class: (bool, u16),
    interpreter: Option<PathBuf>,
    needed: Vec<String>,
    rpath: Vec<String>,
}

/// A file that programs need at their start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// The name in `DT_NEEDED`, or the path in `PT_INTERP`.
    pub name: String,
    /// The programs that need it.
    pub users: Vec<PathBuf>,
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

fn open_file_in(root: &Path, path: &Path) -> Result<File> {
    let file = File::from(open_in(root, path)?);
    if !file.metadata().context("fstat", path.display())?.is_file() {
        return Err(not_elf(path));
    }
    Ok(file)
}

fn not_elf(path: &Path) -> Error {
    Error::Sys(SysError::new("execve", path.display(), Errno::ENOEXEC))
}

fn header(root: &Path, path: &Path) -> Result<Header> {
    // Only the parts that are asked for are read.
    let file = ReadCache::new(open_file_in(root, path)?);
    let parsed = match FileKind::parse(&file) {
        Ok(FileKind::Elf64) => parse::<FileHeader64<Endianness>>(&file),
        Ok(FileKind::Elf32) => parse::<FileHeader32<Endianness>>(&file),
        _ => return Err(not_elf(path)),
    };
    let mut header = parsed.map_err(|_| not_elf(path))?;
    let origin = path.parent().unwrap_or(Path::new("/")).to_string_lossy();
    for dir in &mut header.rpath {
        *dir = dir.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin);
    }
    Ok(header)
}

/// The dynamic section's strings are found by their address in memory, as the loader does it: a
/// stripped file may have no section headers.
fn parse<E: FileHeader<Endian = Endianness>>(file: &ReadCache<File>) -> object::Result<Header> {
    let elf = E::parse(file)?;
    let endian = elf.endian()?;
    let segments = elf.program_headers(endian, file)?;
    let mut header = Header {
        class: (elf.is_class_64(), elf.e_machine(endian).0),
        interpreter: None,
        needed: Vec::new(),
        rpath: Vec::new(),
    };
    let mut entries: &[E::Dyn] = &[];
    for segment in segments {
        if let Some(path) = segment.interpreter(endian, file)? {
            header.interpreter = Some(PathBuf::from(String::from_utf8_lossy(path).into_owned()));
        }
        entries = segment.dynamic(endian, file)?.unwrap_or(entries);
    }
    let value = |tag| {
        entries
            .iter()
            .find(|entry| entry.tag(endian) == tag)
            .map(|entry| entry.d_val(endian).into())
    };
    let (address, size) = (value(DT_STRTAB).unwrap_or(0), value(DT_STRSZ).unwrap_or(0));
    let strings = segments
        .iter()
        .find_map(|segment| segment.data_range(endian, file, address, size).ok()?)
        .unwrap_or_default();
    let all = |tag| {
        let offsets = entries.iter().filter(move |entry| entry.tag(endian) == tag);
        offsets.filter_map(|entry| string(strings, entry.d_val(endian).into()))
    };
    header.needed = all(DT_NEEDED).collect();
    // DT_RUNPATH, where there is one, makes DT_RPATH of no effect.
    let run_path = if value(DT_RUNPATH).is_some() { DT_RUNPATH } else { DT_RPATH };
    header.rpath = all(run_path)
        .flat_map(|list| list.split(':').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    Ok(header)
}

fn string(table: &[u8], offset: u64) -> Option<String> {
    let bytes = table.get(usize::try_from(offset).ok()?..)?;
    let end = bytes.iter().position(|&byte| byte == 0)?;
    Some(String::from_utf8_lossy(bytes.get(..end)?).into_owned())
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
    let file = open_file_in(root, path).ok();
    let Some(text) = file.and_then(|file| io::read_to_string(file.take(LARGEST_CONF)).ok()) else {
        return;
    };
    for line in text.lines() {
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

/// What `programs` need to start inside `root`: their libraries, those of these, and their
/// interpreters, in the order in which the loader comes to them. Paths are those inside the root.
///
/// # Errors
/// openat2(2)'s for a program itself; ENOEXEC when it is no ELF file.
pub fn libraries(root: &Path, programs: &[&str]) -> Result<Vec<Library>> {
    let system = system_dirs(root);
    let mut found = Vec::new();
    for program in programs.iter().map(Path::new) {
        let mut seen = Vec::new();
        add_libraries(root, program, &system, &mut found, &mut seen)?;
    }
    Ok(found.into_iter().map(|(library, _)| library).collect())
}

/// Libraries with what their headers say, so that each is read once.
type Found = Vec<(Library, Option<Header>)>;

fn add_libraries(
    root: &Path,
    program: &Path,
    system: &[PathBuf],
    found: &mut Found,
    seen: &mut Vec<String>,
) -> Result<()> {
    let first = header(root, program)?;
    // The loader itself is often in DT_NEEDED too; it comes once, as the interpreter.
    seen.extend(first.interpreter.as_deref().and_then(file_name));
    let mut open = first.dependencies();
    while let Some((name, rpath)) = open.pop() {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name.clone());
        let at = match found.iter().position(|(library, _)| library.name == name) {
            Some(at) => at,
            None => {
                let place = locate(
                    root,
                    &name,
                    first.class,
                    rpath.iter().map(Path::new).chain(system.iter().map(AsRef::as_ref)),
                );
                let (path, header) = place.unzip();
                found.push((Library { name, users: Vec::new(), path }, header));
                found.len() - 1
            }
        };
        if let Some((library, header)) = found.get_mut(at) {
            library.users.push(program.to_owned());
            open.extend(header.iter().flat_map(Header::dependencies));
        }
    }
    if let Some(path) = first.interpreter {
        let name = path.to_string_lossy().into_owned();
        match found.iter_mut().find(|(library, _)| library.name == name) {
            Some((library, _)) => library.users.push(program.to_owned()),
            None => {
                let path = open_in(root, &path).is_ok().then_some(path);
                found.push((Library { name, users: vec![program.to_owned()], path }, None));
            }
        }
    }
    Ok(())
}

fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}

impl Header {
    /// What it needs, last first as for a stack, with the run path to look along.
    fn dependencies(&self) -> Vec<(String, Vec<String>)> {
        self.needed.iter().rev().map(|name| (name.clone(), self.rpath.clone())).collect()
    }
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
    dirs: impl Iterator<Item = &'a Path>,
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

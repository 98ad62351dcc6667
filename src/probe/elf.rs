//! Which shared libraries a program needs, read from its ELF headers (man 5 elf, man 8 ld.so).
//!
//! `ldd` would show the same, but runs the program's interpreter to find out. Here nothing is run,
//! so it is safe on a file nobody trusts, and it works inside another root.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use object::elf::{
    DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_STRSZ, DT_STRTAB, FileHeader32, FileHeader64, PT_DYNAMIC,
    PT_INTERP,
};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, FileKind, ReadCache};

use crate::error::{Context, Error, Result, SysError};
use crate::probe::folder;
use crate::text;
use crate::visit::view::open_in;

/// What a file may ask for. Real programs stay far below; a file that nobody vouches for may ask for anything.
/// More of a configuration file is not read, in bytes; and no more such files.
const LARGEST_CONF: u64 = 64 * 1024;
const MOST_CONFS: usize = 64;
/// Program headers of one file.
const MOST_SEGMENTS: usize = 1024;
/// Bytes of a dynamic section, of the strings it names, and of one of these (`PATH_MAX`).
const LARGEST_TABLE: u64 = 1024 * 1024;
const LONGEST_STRING: usize = 4096;
/// Libraries of all programs together, and folders that one search goes through.
const MOST_LIBRARIES: usize = 512;
const MOST_FOLDERS: usize = 64;
/// Names that are still to be looked for.
const LARGEST_QUEUE: usize = 8 * MOST_LIBRARIES;

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

/// The regular file `path`, to be read. It is opened only once it is known to be one: a device would begin to
/// work.
fn open_file_in(root: &Path, path: &Path) -> Result<File> {
    let found = File::from(open_in(root, path)?);
    if !found.metadata().context("fstat", path.display())?.is_file() {
        return Err(not_elf(path));
    }
    // The descriptor's own link, so that it is this file and no other.
    File::open(format!("/proc/self/fd/{}", found.as_raw_fd())).context("open", path.display())
}

fn too_much(path: &Path) -> Error {
    let path = path.display();
    Error::untold(text!(
        "{path} asks for more than lab looks at",
        "lab이 살펴보는 한도를 넘는 파일입니다: {path}"
    ))
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
    let mut header = parsed.map_err(|_| not_elf(path))?.ok_or_else(|| too_much(path))?;
    let origin = path.parent().unwrap_or(Path::new("/")).to_string_lossy();
    for dir in &mut header.rpath {
        *dir = dir.replace("${ORIGIN}", &origin).replace("$ORIGIN", &origin);
    }
    // No path is longer, and no name of one can be found.
    header.rpath.retain(|dir| dir.len() < LONGEST_STRING);
    Ok(header)
}

/// The dynamic section's strings are found by their address in memory, as the loader does it: a
/// stripped file may have no section headers. None for a file that asks for too much.
fn parse<E: FileHeader<Endian = Endianness>>(
    file: &ReadCache<File>,
) -> object::Result<Option<Header>> {
    let elf = E::parse(file)?;
    let endian = elf.endian()?;
    // `PN_XNUM`, a number that stands elsewhere, is above it too.
    if usize::from(elf.e_phnum(endian)) > MOST_SEGMENTS {
        return Ok(None);
    }
    let segments = elf.program_headers(endian, file)?;
    let mut header = Header {
        class: (elf.is_class_64(), elf.e_machine(endian).0),
        interpreter: None,
        needed: Vec::new(),
        rpath: Vec::new(),
    };
    let mut entries: &[E::Dyn] = &[];
    for segment in segments {
        let size: u64 = segment.p_filesz(endian).into();
        let most = match segment.p_type(endian) {
            PT_INTERP => LONGEST_STRING as u64,
            PT_DYNAMIC => LARGEST_TABLE,
            _ => continue,
        };
        if size > most {
            return Ok(None);
        }
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
        .find_map(|segment| {
            segment.data_range(endian, file, address, size.min(LARGEST_TABLE)).ok()?
        })
        .unwrap_or_default();
    let all = |tag, most| -> Option<Vec<String>> {
        let entries = entries.iter().filter(move |entry| entry.tag(endian) == tag);
        let strings = entries.map(|entry| string(strings, entry.d_val(endian).into()));
        let strings: Vec<String> = strings.flatten().take(most + 1).collect();
        (strings.len() <= most).then_some(strings)
    };
    // DT_RUNPATH, where there is one, makes DT_RPATH of no effect.
    let run_path = if value(DT_RUNPATH).is_some() { DT_RUNPATH } else { DT_RPATH };
    let Some((needed, lists)) = all(DT_NEEDED, MOST_LIBRARIES).zip(all(run_path, MOST_FOLDERS))
    else {
        return Ok(None);
    };
    header.needed = needed;
    header.rpath = lists
        .iter()
        .flat_map(|list| list.split(':'))
        .take(MOST_FOLDERS)
        .map(str::to_owned)
        .collect();
    Ok(Some(header))
}

/// None for what does not end in the table, or is longer than any path.
fn string(table: &[u8], offset: u64) -> Option<String> {
    let bytes = table.get(usize::try_from(offset).ok()?..)?;
    let bytes = bytes.get(..bytes.len().min(LONGEST_STRING))?;
    let end = bytes.iter().position(|&byte| byte == 0)?;
    Some(String::from_utf8_lossy(bytes.get(..end)?).into_owned())
}

/// The directories that the loader searches after `DT_RUNPATH`: those of `/etc/ld.so.conf` where
/// `/etc/ld.so.cache` has made them known, then its built-in ones.
fn system_dirs(root: &Path) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    if open_in(root, Path::new("/etc/ld.so.cache")).is_ok() {
        let mut confs = MOST_CONFS;
        read_conf(root, Path::new("/etc/ld.so.conf"), &mut dirs, &mut confs);
    }
    let arch = std::env::consts::ARCH;
    dirs.extend([
        PathBuf::from(format!("/lib/{arch}-linux-gnu")),
        PathBuf::from(format!("/usr/lib/{arch}-linux-gnu")),
    ]);
    dirs.extend(["/lib64", "/usr/lib64", "/lib", "/usr/lib"].map(PathBuf::from));
    dirs
}

/// `confs`: how many more files may be read. Some may include each other.
fn read_conf(root: &Path, path: &Path, dirs: &mut Vec<PathBuf>, confs: &mut usize) {
    let Some(left) = confs.checked_sub(1) else { return };
    *confs = left;
    // A conf that is missing or unreadable adds no directories, as for ldconfig(8).
    let file = open_file_in(root, path).ok();
    let Some(text) = file.and_then(|file| io::read_to_string(file.take(LARGEST_CONF)).ok()) else {
        return;
    };
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        match line.strip_prefix("include ") {
            Some(pattern) => {
                for file in matching(root, Path::new(pattern.trim()), *confs) {
                    read_conf(root, &file, dirs, confs);
                }
            }
            None if line.starts_with('/') && dirs.len() < MOST_FOLDERS => {
                dirs.push(PathBuf::from(line))
            }
            _ => {}
        }
    }
}

/// The files of an `include DIR/*.conf` line, in order, and at most so many; no other pattern is in use.
fn matching(root: &Path, pattern: &Path, most: usize) -> Vec<PathBuf> {
    let dir = pattern.parent().unwrap_or(Path::new("/"));
    let suffix = pattern.extension().unwrap_or_default();
    // A folder that is missing, or may not be read, has no files, as for ldconfig(8).
    let folder = open_in(root, dir).ok().map(|dir| format!("/proc/self/fd/{}", dir.as_raw_fd()));
    let names = folder.and_then(|folder| folder::names(Path::new(&folder)).ok());
    let files = names.into_iter().flatten().map(|name| dir.join(name));
    files.filter(|file| file.extension() == Some(suffix)).take(most).collect()
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
        if seen.len() > MOST_LIBRARIES || open.len() > LARGEST_QUEUE {
            return Err(too_much(program));
        }
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

/// Whether `program`, or its interpreter, may be executed by some users and not by others.
pub fn is_for_some_only(root: &Path, program: &str) -> bool {
    let interpreter = interpreter(root, Path::new(program)).ok().flatten();
    let files = [Some(PathBuf::from(program)), interpreter].into_iter().flatten();
    let bits = |path: PathBuf| {
        let file = File::from(open_in(root, &path).ok()?);
        Some(file.metadata().ok()?.mode() & 0o111)
    };
    files.filter_map(bits).any(|bits| !matches!(bits, 0 | 0o111))
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

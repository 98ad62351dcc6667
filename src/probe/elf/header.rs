//! What an ELF file says of itself (man 5 elf). It is read in parts, each no longer than it may be.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::errno::Errno;
use object::elf::{
    DT_NEEDED, DT_NULL, DT_RPATH, DT_RUNPATH, DT_STRSZ, DT_STRTAB, FileHeader32, FileHeader64,
    PT_DYNAMIC, PT_INTERP, PT_LOAD,
};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, FileKind, ReadCache, ReadRef};

use super::{MOST_FOLDERS, MOST_LIBRARIES, open_file_in};
use crate::error::{Error, Result, SysError};
use crate::text;

/// Bytes of all program headers; the kernel starts nothing that has more (`load_elf_phdrs`, fs/binfmt_elf.c).
const LARGEST_HEADERS: usize = 64 * 1024;
/// Bytes of a dynamic section, of the strings it names, and of one of these (`PATH_MAX`).
const LARGEST_TABLE: u64 = 1024 * 1024;
const LONGEST_STRING: usize = 4096;
/// Bytes that are read, and kept, for one question.
const MOST_READ: u64 = 32 * 1024 * 1024;
/// What looking for a file costs of these, whether it is there or not.
const LOOK: u64 = 4096;

/// What one question may still cost. Each file may be within its limits, and there may be many.
pub struct Budget(u64);

impl Budget {
    pub fn new() -> Budget {
        Budget(MOST_READ)
    }

    fn spend(&mut self, bytes: u64) -> std::result::Result<(), Fault> {
        self.0 = self.0.checked_sub(bytes).ok_or(Fault::TooMuch)?;
        Ok(())
    }
}

/// Why a file cannot be read.
enum Fault {
    /// The kernel, or the loader, would not take it either.
    Malformed,
    /// It asks for more than lab looks at.
    TooMuch,
}

impl From<object::Error> for Fault {
    fn from(_: object::Error) -> Fault {
        Fault::Malformed
    }
}

impl Fault {
    fn of(self, path: &Path) -> Error {
        match self {
            Fault::Malformed => not_elf(path),
            Fault::TooMuch => too_much(path),
        }
    }
}

/// That `path` asks for more than lab looks at.
pub fn too_much(path: &Path) -> Error {
    let path = path.display();
    Error::untold(text!(
        "{path} asks for more than lab looks at",
        "lab이 살펴보는 한도를 넘는 파일입니다: {path}"
    ))
}

/// What execve(2) would say of `path`.
pub fn not_elf(path: &Path) -> Error {
    Error::Sys(SysError::new("execve", path.display(), Errno::ENOEXEC))
}

/// What an ELF file says of itself.
#[derive(Debug)]
pub struct Header {
    /// The machine it is for: whether of 64 bits, and `e_machine`.
    pub class: (bool, u16),
    pub interpreter: Option<PathBuf>,
    pub needed: Vec<String>,
    /// Where what it needs is looked for first.
    pub run_path: Rc<[PathBuf]>,
}

impl Header {
    /// Of the regular file `path` in `root`.
    ///
    /// # Errors
    /// openat2(2)'s, open(2)'s; ENOEXEC for what is no ELF file; [`Error::Untold`] for one that asks for too much.
    pub fn read(root: &Path, path: &Path, budget: &mut Budget) -> Result<Header> {
        budget.spend(LOOK).map_err(|fault| fault.of(path))?;
        let file = ReadCache::new(open_file_in(root, path)?);
        let origin = path.parent().unwrap_or(Path::new("/")).to_string_lossy();
        let parsed = match FileKind::parse(&file) {
            Ok(FileKind::Elf64) => parse::<FileHeader64<Endianness>>(&file, &origin, budget),
            Ok(FileKind::Elf32) => parse::<FileHeader32<Endianness>>(&file, &origin, budget),
            _ => Err(Fault::Malformed),
        };
        parsed.map_err(|fault| fault.of(path))
    }
}

/// A part of a file.
struct Part {
    offset: u64,
    size: u64,
}

fn parse<E: FileHeader<Endian = Endianness>>(
    file: &ReadCache<File>,
    origin: &str,
    budget: &mut Budget,
) -> std::result::Result<Header, Fault> {
    let elf = E::parse(file)?;
    let endian = elf.endian()?;
    // `PN_XNUM`, a number that stands elsewhere, is above it too.
    let headers = usize::from(elf.e_phnum(endian)) * size_of::<E::ProgramHeader>();
    if headers > LARGEST_HEADERS {
        return Err(Fault::Malformed);
    }
    budget.spend(headers as u64)?;
    let segments = elf.program_headers(endian, file)?;
    let dynamic = segments.iter().rfind(|segment| segment.p_type(endian) == PT_DYNAMIC);
    let entries: &[E::Dyn] = match dynamic {
        Some(segment) => {
            let size: u64 = segment.p_filesz(endian).into();
            if size > LARGEST_TABLE {
                return Err(Fault::TooMuch);
            }
            budget.spend(size)?;
            segment.dynamic(endian, file)?.unwrap_or_default()
        }
        None => &[],
    };
    let entries = || entries.iter().take_while(move |entry| entry.tag(endian) != DT_NULL);
    let values = |tag| {
        entries().filter(move |entry| entry.tag(endian) == tag).map(|one| one.d_val(endian).into())
    };
    let size = values(DT_STRSZ).next().unwrap_or(0);
    if size > LARGEST_TABLE {
        return Err(Fault::TooMuch);
    }
    let address = values(DT_STRTAB).next().unwrap_or(0);
    let table = match in_file::<E>(segments, endian, Part { offset: address, size }) {
        Some(Part { offset, size }) => {
            budget.spend(size)?;
            file.read_bytes_at(offset, size).map_err(|()| Fault::Malformed)?
        }
        None => &[],
    };
    // DT_RUNPATH, where there is one, makes DT_RPATH of no effect.
    let run_path = if values(DT_RUNPATH).next().is_some() { DT_RUNPATH } else { DT_RPATH };
    let lists = strings(table, values(run_path), MOST_FOLDERS, budget)?;
    Ok(Header {
        class: (elf.is_class_64(), elf.e_machine(endian).0),
        interpreter: interpreter::<E>(segments, endian, file)?,
        needed: strings(table, values(DT_NEEDED), MOST_LIBRARIES, budget)?,
        run_path: expand(&lists, origin, budget)?,
    })
}

/// The first of them, as the kernel takes it, which refuses longer ones.
fn interpreter<E: FileHeader<Endian = Endianness>>(
    segments: &[E::ProgramHeader],
    endian: Endianness,
    file: &ReadCache<File>,
) -> std::result::Result<Option<PathBuf>, Fault> {
    let segment = segments.iter().find(|segment| segment.p_type(endian) == PT_INTERP);
    let Some(segment) = segment else { return Ok(None) };
    if segment.p_filesz(endian).into() > LONGEST_STRING as u64 {
        return Err(Fault::Malformed);
    }
    let path = segment.interpreter(endian, file)?;
    Ok(path.map(|path| PathBuf::from(String::from_utf8_lossy(path).into_owned())))
}

/// Where the file has a part of the memory that it is loaded into. The dynamic section's strings are found so, as the
/// loader does it: a stripped file may have no section headers.
fn in_file<E: FileHeader<Endian = Endianness>>(
    segments: &[E::ProgramHeader],
    endian: Endianness,
    memory: Part,
) -> Option<Part> {
    let loaded = segments.iter().filter(|segment| segment.p_type(endian) == PT_LOAD);
    loaded
        .filter_map(|segment| {
            let before = memory.offset.checked_sub(segment.p_vaddr(endian).into())?;
            let there = segment.p_filesz(endian).into().checked_sub(before)?;
            let offset = segment.p_offset(endian).into().checked_add(before)?;
            Some(Part { offset, size: there.min(memory.size) })
        })
        .find(|part| part.size > 0)
}

fn strings(
    table: &[u8],
    offsets: impl Iterator<Item = u64>,
    most: usize,
    budget: &mut Budget,
) -> std::result::Result<Vec<String>, Fault> {
    let offsets: Vec<u64> = offsets.take(most + 1).collect();
    if offsets.len() > most {
        return Err(Fault::TooMuch);
    }
    let mut strings = Vec::new();
    for offset in offsets {
        let string = string(table, offset)?;
        budget.spend(string.len() as u64)?;
        strings.push(string);
    }
    Ok(strings)
}

fn string(table: &[u8], offset: u64) -> std::result::Result<String, Fault> {
    let offset = usize::try_from(offset).map_err(|_| Fault::Malformed)?;
    let bytes = table.get(offset..).ok_or(Fault::Malformed)?;
    let end = bytes.iter().take(LONGEST_STRING).position(|&byte| byte == 0);
    match end.and_then(|end| bytes.get(..end)) {
        Some(string) => Ok(String::from_utf8_lossy(string).into_owned()),
        None if bytes.len() < LONGEST_STRING => Err(Fault::Malformed),
        // No path is longer, and no name of one can be found.
        None => Err(Fault::TooMuch),
    }
}

/// The folders in `lists`, with the file's own folder in place of `$ORIGIN` (man 8 ld.so).
fn expand(
    lists: &[String],
    origin: &str,
    budget: &mut Budget,
) -> std::result::Result<Rc<[PathBuf]>, Fault> {
    let mut folders = Vec::new();
    for folder in lists.iter().flat_map(|list| list.split(':')).take(MOST_FOLDERS) {
        // Before it grows: a name may be little else.
        let length = folder.len() + folder.matches('$').count() * origin.len();
        if length >= LONGEST_STRING {
            return Err(Fault::TooMuch);
        }
        budget.spend(length as u64)?;
        let folder = folder.replace("${ORIGIN}", origin).replace("$ORIGIN", origin);
        folders.push(PathBuf::from(folder));
    }
    Ok(folders.into())
}

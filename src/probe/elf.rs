//! Which shared libraries a program needs, read from its ELF headers (man 5 elf, man 8 ld.so).
//!
//! `ldd` would show the same, but runs the program's interpreter to find out. Here nothing is run,
//! so it is safe on a file nobody trusts, and it works inside another root.

mod conf;
mod header;
mod loader;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::error::{Context, Error, Result};
use crate::visit::view::open_in;
use header::{Budget, Header, not_elf, too_much};

/// What a file may ask for. Real programs stay far below; a file that nobody vouches for may ask for anything.
/// Libraries of all programs together, and folders that one search goes through.
const MOST_LIBRARIES: usize = 512;
const MOST_FOLDERS: usize = 64;
/// Names that are still to be looked for.
const LARGEST_QUEUE: usize = 8 * MOST_LIBRARIES;

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

/// What `programs` need to start inside `root`: their libraries, those of these, and their
/// interpreters, in the order in which the loader comes to them. Paths are those inside the root.
///
/// # Errors
/// openat2(2)'s for a program itself; ENOEXEC when it is no ELF file.
pub fn libraries(root: &Path, programs: &[&str]) -> Result<Vec<Library>> {
    let (cached, built_in) = (conf::cached_dirs(root), (None, Vec::new()));
    let mut search = Search { root, cached, built_in, budget: Budget::new(), found: Vec::new() };
    programs.iter().try_for_each(|program| search.add(Path::new(program)))?;
    Ok(search.found.into_iter().map(|(library, _)| library).collect())
}

struct Search<'a> {
    root: &'a Path,
    /// What `/etc/ld.so.cache` knows of.
    cached: Vec<PathBuf>,
    /// What the loader of the program searches by itself, and which loader that was.
    built_in: (Option<PathBuf>, Vec<PathBuf>),
    budget: Budget,
    /// Libraries with what their headers say, so that each is read once.
    found: Vec<(Library, Option<Header>)>,
}

/// A name that is needed, and the run path of what needs it.
type Wanted = (String, Rc<[PathBuf]>);

impl Search<'_> {
    fn add(&mut self, program: &Path) -> Result<()> {
        let first = Header::read(self.root, program, &mut self.budget)?;
        self.ask_loader(first.interpreter.as_deref());
        let mut seen = HashSet::new();
        // The loader itself is often in DT_NEEDED too; it comes once, as the interpreter.
        seen.extend(first.interpreter.as_deref().and_then(file_name));
        let mut open: Vec<Wanted> = first.dependencies().collect();
        while let Some((name, run_path)) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            if seen.len() > MOST_LIBRARIES || open.len() > LARGEST_QUEUE {
                return Err(too_much(program));
            }
            let at = match self.found.iter().position(|(library, _)| library.name == name) {
                Some(at) => at,
                None => {
                    let (path, header) = self.locate(&name, first.class, &run_path)?.unzip();
                    self.found.push((Library { name, users: Vec::new(), path }, header));
                    self.found.len() - 1
                }
            };
            if let Some((library, header)) = self.found.get_mut(at) {
                library.users.push(program.to_owned());
                open.extend(header.iter().flat_map(Header::dependencies));
            }
        }
        if let Some(path) = first.interpreter {
            self.add_interpreter(path, program);
        }
        Ok(())
    }

    /// Which folders `loader` searches. One that is still missing will be the machine's.
    fn ask_loader(&mut self, loader: Option<&Path>) {
        if self.built_in.0.as_deref() == loader && !self.built_in.1.is_empty() {
            return;
        }
        let dirs = loader.and_then(|loader| {
            let roots = [self.root, Path::new("/")].into_iter();
            roots.map(|root| loader::built_in(root, loader)).find(|dirs| !dirs.is_empty())
        });
        self.built_in = (loader.map(Path::to_owned), dirs.unwrap_or_else(conf::usual_dirs));
    }

    fn add_interpreter(&mut self, path: PathBuf, program: &Path) {
        let name = path.to_string_lossy().into_owned();
        match self.found.iter_mut().find(|(library, _)| library.name == name) {
            Some((library, _)) => library.users.push(program.to_owned()),
            None => {
                let path = open_in(self.root, &path).is_ok().then_some(path);
                self.found.push((Library { name, users: vec![program.to_owned()], path }, None));
            }
        }
    }

    fn locate(
        &mut self,
        name: &str,
        class: (bool, u16),
        run_path: &[PathBuf],
    ) -> Result<Option<(PathBuf, Header)>> {
        // A name with a slash is a path, and not searched for.
        let candidates: Vec<PathBuf> = match name.contains('/') {
            true => vec![PathBuf::from(name)],
            false => {
                let dirs = run_path.iter().chain(&self.cached).chain(&self.built_in.1);
                dirs.map(|dir| dir.join(name)).collect()
            }
        };
        for path in candidates {
            match Header::read(self.root, &path, &mut self.budget) {
                Ok(header) if header.class == class => return Ok(Some((path, header))),
                Err(error @ Error::Untold(_)) => return Err(error),
                // A library for another machine, such as a 32-bit one, is passed over, and what is none.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(None)
    }
}

fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}

impl Header {
    /// What it needs, last first as for a stack.
    fn dependencies(&self) -> impl Iterator<Item = Wanted> {
        self.needed.iter().rev().map(|name| (name.clone(), Rc::clone(&self.run_path)))
    }
}

/// The interpreter in `PT_INTERP`: the program that execve(2) really starts.
///
/// # Errors
/// As for [`libraries`].
pub fn interpreter(root: &Path, program: &Path) -> Result<Option<PathBuf>> {
    Ok(Header::read(root, program, &mut Budget::new())?.interpreter)
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

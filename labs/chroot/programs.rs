//! The two programs of this lab, in a new root and on this machine.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::probe::elf::{self, Library};
use crate::probe::process::Inode;
use crate::visit::view;

/// The programs that go in.
pub const PROGRAMS: [&str; 2] = ["/bin/bash", "/bin/ls"];
/// A program that a machine has and a new root has not, unless somebody put it there.
pub const OUTSIDE: &str = "/bin/date";

/// Where PROGRAMS are as well, on a machine whose `/bin` is a link to it.
const IN_USR: [&str; 2] = ["/usr/bin/bash", "/usr/bin/ls"];

/// Where the programs are in `root`: in `/bin`, or where only `/usr/bin` has one, there.
pub fn places(root: &Path) -> [&'static str; 2] {
    let has = |path: &str| view::open_in(root, Path::new(path)).is_ok();
    let place = |(bin, usr)| if !has(bin) && has(usr) { usr } else { bin };
    let [bash, ls] = PROGRAMS;
    let [usr_bash, usr_ls] = IN_USR;
    [place((bash, usr_bash)), place((ls, usr_ls))]
}

/// Where bash is in `root`.
pub fn bash(root: &Path) -> &'static str {
    let [bash, _] = places(root);
    bash
}

/// The regular file `path` of `root`, held open without being read.
pub fn file(root: &Path, path: &Path) -> Option<File> {
    let file = File::from(view::open_in(root, path).ok()?);
    file.metadata().is_ok_and(|meta| meta.is_file()).then_some(file)
}

/// Whether `path` leads to the same file in the new root `root` and on this machine.
pub fn is_the_hosts(root: &Path, path: &Path) -> bool {
    let theirs = file(root, path).and_then(|file| file.metadata().ok());
    theirs.is_some_and(|meta| Inode::of(path).is_ok_and(|ours| ours == Inode::from(&meta)))
}

/// What the programs need in `root`.
///
/// # Errors
/// As for [`elf::libraries`].
pub fn libraries(root: &Path) -> Result<Vec<Library>> {
    elf::libraries(root, &places(root))
}

/// The programs of this machine, and all that they need.
pub fn all_on_host() -> Vec<PathBuf> {
    let libraries = libraries(Path::new("/")).unwrap_or_default();
    let programs = PROGRAMS.iter().map(PathBuf::from);
    programs.chain(libraries.into_iter().filter_map(|library| library.path)).collect()
}

/// What `root` lacks for the programs to start, as the paths at which this machine has it.
pub fn missing(root: &Path) -> Vec<PathBuf> {
    let places = places(root);
    let mut lacks: HashSet<PathBuf> = HashSet::new();
    let mut unresolved: HashSet<String> = HashSet::new();
    for (program, place) in PROGRAMS.iter().zip(places) {
        match elf::libraries(root, &[place]) {
            Ok(libraries) => unresolved
                .extend(libraries.into_iter().filter(|one| one.path.is_none()).map(|one| one.name)),
            Err(_) => {
                lacks.insert(PathBuf::from(program));
            }
        }
    }
    if lacks.is_empty() && unresolved.is_empty() {
        return Vec::new();
    }
    let is_program = |path: &Path| PROGRAMS.iter().any(|program| path == Path::new(program));
    let is_lacking = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_unresolved =
            || unresolved.contains(name.as_ref()) || unresolved.contains(&*path.to_string_lossy());
        // Of a program that is not there nobody knows yet what it lacks.
        let is_needed = || !lacks.is_empty() && file(root, path).is_none();
        lacks.contains(path) || !is_program(path) && (is_unresolved() || is_needed())
    };
    all_on_host().into_iter().filter(is_lacking).collect()
}

//! The two programs of this lab, in a new root and on this machine.

use std::collections::{HashMap, HashSet};
use std::fs::{File, Metadata};
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

/// What fstat(2) says of that file.
pub fn meta(root: &Path, path: &Path) -> Option<Metadata> {
    file(root, path)?.metadata().ok()
}

/// Whether `path` leads to the same file in the new root `root` and on this machine.
pub fn is_the_hosts(root: &Path, path: &Path) -> bool {
    meta(root, path)
        .is_some_and(|meta| Inode::of(path).is_ok_and(|ours| ours == Inode::from(&meta)))
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

/// What `root` lacks for the programs to start, as the paths at which this machine has it. What a library needs that is
/// missing itself nobody knows yet: this machine's does.
pub fn missing(root: &Path) -> Vec<PathBuf> {
    let mut lacking: HashSet<PathBuf> = HashSet::new();
    let mut found: HashMap<String, bool> = HashMap::new();
    for (program, place) in PROGRAMS.iter().zip(places(root)) {
        match elf::libraries(root, &[place]) {
            Ok(all) => found.extend(all.into_iter().map(|one| (one.name, one.path.is_some()))),
            Err(_) => {
                lacking.insert(PathBuf::from(program));
            }
        }
    }
    if lacking.is_empty() && found.values().all(|found| *found) {
        return Vec::new();
    }
    let is_lacking = |path: &PathBuf| {
        let by_name = path.file_name().and_then(|name| found.get(&*name.to_string_lossy()));
        let known = by_name.or_else(|| found.get(&*path.to_string_lossy()));
        let is_program = PROGRAMS.iter().any(|program| path == Path::new(program));
        match known {
            _ if is_program => lacking.contains(path),
            Some(found) => !found,
            None => file(root, path).is_none(),
        }
    };
    all_on_host().into_iter().filter(is_lacking).collect()
}

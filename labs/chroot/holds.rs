//! What a new root holds beside bash, ls and what these need.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::programs::{self, PROGRAMS};
use crate::error::Result;
use crate::probe::folder::{self, Folder};
use crate::probe::process::Inode;
use crate::probe::tree::{self, Entry};
use crate::text;
use crate::text::Text;

/// What there is to say of a tree that is a whole system.
pub const DISTRIBUTION: Text = Text::new(
    "it is a whole distribution, with an os-release of its own: more than just enough",
    "os-release 파일이 따로 있는 배포판 전체입니다. 필요한 만큼보다 많습니다",
);

/// So many further programs are still not the machine's as a whole: tutorials copy cat, touch, rm, ps.
pub const A_FEW: usize = 8;
/// More are not looked up on the machine.
const MOST: usize = 200;

/// The folders at the top that the exercise makes, and what a machine of another word length has beside them.
const TOP: [&str; 5] = ["bin", "lib", "lib32", "lib64", "libx32"];
const FOLDERS_OF_PROGRAMS: [&str; 4] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"];

/// What was found in a new root.
#[derive(Debug)]
pub struct Holdings {
    /// The names at its top that nobody has asked for.
    pub more: Vec<String>,
    /// Programs that this machine has too, beside the two.
    pub programs: Vec<Entry>,
    /// Whether all of it was looked at.
    pub is_whole: bool,
}

/// Looks through the tree `root`.
///
/// # Errors
/// As for [`tree::look_through`] and [`folder::names`].
pub fn look(root: &Path) -> Result<Holdings> {
    let top = folder::names(root)?;
    let contents = tree::look_through(root)?;
    // bin may be a link into it, as on the machine itself.
    let in_usr = |path: &str| programs::file(root, &Path::new("/usr").join(path)).is_some();
    let is_asked_for = |name: &str| {
        TOP.contains(&name) || name == "usr" && (in_usr("bin/bash") || in_usr("bin/ls"))
    };
    let more = top.into_iter().filter(|name| !is_asked_for(name)).collect();
    let mut known = HashSet::new();
    let programs = contents.files.into_iter().filter(is_further_program);
    let programs = programs.filter(|entry| known.insert(entry.inode)).take(MOST).collect();
    Ok(Holdings { more, programs, is_whole: contents.is_whole })
}

/// Whether it is a program that this machine has as well, and none of the two.
fn is_further_program(entry: &Entry) -> bool {
    let Some(name) = entry.path.file_name() else { return false };
    let is_of_the_two = PROGRAMS.iter().any(|it| Path::new(it).file_name() == Some(name));
    let runs = |meta: &fs::Metadata| meta.is_file() && meta.permissions().mode() & 0o111 != 0;
    let here = |folder: &str| fs::metadata(Path::new(folder).join(name)).is_ok_and(|it| runs(&it));
    !is_of_the_two && entry.is_executable() && FOLDERS_OF_PROGRAMS.iter().any(|it| here(it))
}

impl Holdings {
    /// The names of the further programs, the first of many.
    pub fn program_names(&self) -> String {
        let names = self.programs.iter().filter_map(|entry| entry.path.file_name());
        let mut names: Vec<String> =
            names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names.truncate(2 * A_FEW);
        if names.len() < self.programs.len() {
            names.push("…".to_owned());
        }
        names.join(" ")
    }

    /// What is there that was not asked for, if anything is: folders, and programs.
    pub fn remark(&self) -> Option<Text> {
        let mut names = self.more.clone();
        names.extend((!self.programs.is_empty()).then(|| self.program_names()));
        let names = names.join(" ");
        let rest = Text::new(
            "it holds so much that not all of it was looked at",
            "내용이 많아 일부만 살펴보았습니다",
        );
        match (names.is_empty(), self.is_whole) {
            (false, _) => Some(text!(
                "more than was asked for: {names}",
                "과제에서 요구하지 않은 것도 있습니다: {names}"
            )),
            (true, false) => Some(rest),
            (true, true) => None,
        }
    }
}

/// Whether `root` is another system, and not programs of this machine copied: it says itself what it is (man 5 os-release), has
/// users of its own, and is not this very machine (man 5 machine-id).
pub fn is_distribution(root: &Path) -> bool {
    let is_own = |path: &Path| {
        programs::meta(root, path)
            .filter(|meta| meta.size() > 0)
            .is_some_and(|meta| Inode::of(path).map_or(true, |ours| ours != Inode::from(&meta)))
    };
    let number = |root: &Path| {
        let text = Folder::open(root).and_then(|folder| folder.text("etc/machine-id"));
        text.ok().filter(|text| !text.is_empty() && text != "uninitialized")
    };
    let ours = number(Path::new("/"));
    let is_this_machine = ours.is_some() && number(root) == ours;
    ["/etc/os-release", "/etc/passwd"].iter().all(|path| is_own(Path::new(path)))
        && !is_this_machine
}

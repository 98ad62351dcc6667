//! Trees in which nobody lives: a bash that does not start, or has ended, leaves nothing but the folder. They are looked for
//! where the student works, and nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::dir::{Dir, Type};
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::Uid;

use super::outside::is_somebodys;
use super::programs;
use crate::probe::folder::Folder;
use crate::probe::mountinfo::{self, Mount};
use crate::probe::process::{self, Inode};
use crate::probe::survey::{Origin, Resident, Survey};
use crate::visit::user::is_machines_root;

/// So many folders are looked into, and so many names in each.
const MOST_FOLDERS: usize = 16;
const MOST_NAMES: usize = 200;

/// Whether `dir` is one of `folders`, or just below one.
pub fn is_in(dir: &Path, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| dir == folder || dir.parent() == Some(folder))
}

/// The trees in `folders` and just below them that look like a new root, and are none of those that are `known`.
pub fn unused(folders: &[PathBuf], known: &dyn Fn(Inode) -> bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut seen = BTreeSet::new();
    let mounts = mountinfo::read().unwrap_or_default();
    for folder in folders {
        for path in std::iter::once(folder.clone()).chain(folders_in(folder)) {
            let is_new = || Inode::of(&path).is_ok_and(|inode| !known(inode));
            let is_near = seen.insert(path.clone()) && !is_far(&path, &mounts);
            if is_near && is_for_us(&path) && looks_like_a_root(&path) && is_new() {
                found.push(path);
            }
        }
    }
    found
}

/// Whether whoever asks can have made `dir`: root is asked about everybody's, and sees who lives in it.
pub fn is_for_us(dir: &Path) -> bool {
    let us = Uid::effective();
    let owner = || fs::symlink_metadata(dir).is_ok_and(|meta| meta.uid() == us.as_raw());
    is_machines_root() || owner()
}

/// The processes that run the bash in the tree `dir`, and have another root: nobody has gone in.
pub fn outside_of<'a>(survey: &'a Survey, dir: &'a Path) -> impl Iterator<Item = &'a Resident> {
    let programs = ["bin/bash", "usr/bin/bash"].map(|bash| dir.join(bash));
    survey.residents().iter().filter(move |resident| {
        // The name is the kernel's own word, and asks no file system.
        let program = fs::read_link(format!("/proc/{}/exe", resident.pid));
        program.is_ok_and(|program| programs.contains(&program))
    })
}

/// Where whoever asks works, in this and in other shells of theirs. To root others' folders are none of theirs, but for
/// those of who has called sudo.
pub fn working_folders(survey: &Survey) -> Vec<PathBuf> {
    let us = Uid::effective();
    let caller = std::env::var("SUDO_UID").ok().and_then(|user| user.parse().ok());
    let caller = caller.filter(|_| us.is_root()).map(Uid::from_raw);
    let is_theirs = |resident: &&Resident| {
        let user = process::user(resident.pid).ok();
        user.is_some() && (user == Some(us) || user == caller)
    };
    let shells = survey.residents().iter().filter(|resident| resident.origin <= Origin::Login);
    let links = shells.filter_map(|resident| {
        let folder = fs::read_link(format!("/proc/{}/cwd", resident.pid)).ok()?;
        Some((folder, resident))
    });
    let mounts = mountinfo::read().unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::current_dir().into_iter().collect();
    for (folder, resident) in links {
        if folders.len() < MOST_FOLDERS && !folders.contains(&folder) && is_theirs(&resident) {
            folders.push(folder);
        }
    }
    folders.retain(|folder| is_somebodys(folder) || folder == Path::new("/"));
    folders.retain(|folder| !is_far(folder, &mounts));
    folders
}

/// Whether the file system that the folder is on may be far away: nobody is waited for who has not been named.
fn is_far(folder: &Path, mounts: &[Mount]) -> bool {
    mountinfo::nearest(mounts, folder).is_none_or(Mount::is_far)
}

/// The folders in `folder`, on its own mount. A link is none.
fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let Ok(mut dir) = Dir::open(folder, flags, Mode::empty()) else { return Vec::new() };
    let names = dir.iter().map_while(std::result::Result::ok).take(MOST_NAMES);
    let folders = names.filter(|entry| entry.file_type() == Some(Type::Directory));
    let names = folders.filter_map(|entry| Some(entry.file_name().to_str().ok()?.to_owned()));
    let mut paths: Vec<PathBuf> = names
        .filter(|name| !name.starts_with('.'))
        .map(|name| folder.join(name))
        .filter(|path| is_somebodys(path))
        .collect();
    paths.sort();
    paths
}

/// Whether there is a bash in it that is not the machine's, or the places for it and what it needs, still empty: folders, or
/// the machine's links to them.
fn looks_like_a_root(path: &Path) -> bool {
    let bash = Path::new(programs::bash(path));
    if programs::file(path, bash).is_some() {
        return !programs::is_the_hosts(path, bash);
    }
    let Ok(folder) = Folder::open(path) else { return false };
    let is_link =
        |name: &str| folder.look(name).ok().flatten().is_some_and(|found| found.meta.is_symlink());
    let names_in = |name: &str| folder.names_in(name).ok();
    let is_empty = |name: &str| is_link(name) || names_in(name).is_some_and(|it| it.is_empty());
    let is_there = |name: &str| is_link(name) || names_in(name).is_some();
    is_empty("bin") && ["lib", "lib64"].into_iter().all(is_there)
}

//! The directories in which the loader looks for libraries on this system (man 8 ld.so, ldconfig).

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use super::{MOST_FOLDERS, open_file_in, open_in};
use crate::probe::folder;

/// Bytes that are read of a configuration file, and such files and `include` lines that are followed.
const LARGEST_CONF: u64 = 64 * 1024;
const MOST_CONFS: usize = 64;

/// The directories of `/etc/ld.so.conf`, where `/etc/ld.so.cache` has made them known to the loader.
pub fn cached_dirs(root: &Path) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    if open_in(root, Path::new("/etc/ld.so.cache")).is_ok() {
        let mut confs = MOST_CONFS;
        read_conf(root, Path::new("/etc/ld.so.conf"), &mut dirs, &mut confs);
    }
    dirs
}

/// What loaders search by themselves on most systems, for one that does not say so.
pub fn usual_dirs() -> Vec<PathBuf> {
    let arch = std::env::consts::ARCH;
    let mut dirs = vec![
        PathBuf::from(format!("/lib/{arch}-linux-gnu")),
        PathBuf::from(format!("/usr/lib/{arch}-linux-gnu")),
    ];
    dirs.extend(["/lib64", "/usr/lib64", "/lib", "/usr/lib"].map(PathBuf::from));
    dirs
}

/// One less of `left`; none where there is none.
fn take_one(left: &mut usize) -> Option<()> {
    *left = left.checked_sub(1)?;
    Some(())
}

/// `confs`: how many more files may be read, and folders looked through. Some files include each other, and some
/// lines include nothing.
fn read_conf(root: &Path, path: &Path, dirs: &mut Vec<PathBuf>, confs: &mut usize) {
    if take_one(confs).is_none() {
        return;
    }
    // A conf that is missing or unreadable adds no directories, as for ldconfig(8).
    let file = open_file_in(root, path).ok();
    let Some(text) = file.and_then(|file| io::read_to_string(file.take(LARGEST_CONF)).ok()) else {
        return;
    };
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        match line.strip_prefix("include ") {
            Some(pattern) if take_one(confs).is_some() => {
                // What is no path from the root on is one from the file's folder on.
                let pattern = path.with_file_name(pattern.trim());
                for file in matching(root, &pattern, *confs) {
                    read_conf(root, &file, dirs, confs);
                }
            }
            None if line.starts_with('/') && dirs.len() < MOST_FOLDERS => {
                dirs.push(PathBuf::from(line));
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
    let Ok(folder) = open_in(root, dir) else { return Vec::new() };
    let names = folder::names(Path::new(&format!("/proc/self/fd/{}", folder.as_raw_fd())));
    let files = names.into_iter().flatten().map(|name| dir.join(name));
    files.filter(|file| file.extension() == Some(suffix)).take(most).collect()
}

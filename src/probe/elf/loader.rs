//! The directories that a loader searches when nobody has told it of others. They are written into it when it is built:
//! glibc has them one after the other, each with a slash at its end (`system_dirs`, elf/dl-load.c), musl as one line
//! (ldso/dynlink.c). Debian's loader does not look into `/lib64`, Fedora's does not look into `/lib`.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::{MOST_FOLDERS, open_file_in};

/// Bytes of a loader that are read: musl's, which is its C library too, has less than one MiB.
const LARGEST: u64 = 2 * 1024 * 1024;
/// Bytes of one such directory.
const LONGEST: usize = 256;

/// What the loader `loader` of `root` searches; none where it is no loader that is known.
pub fn built_in(root: &Path, loader: &Path) -> Vec<PathBuf> {
    let mut bytes = Vec::new();
    let file = open_file_in(root, loader).ok();
    // One that cannot be read says nothing.
    let read = file.and_then(|file| file.take(LARGEST).read_to_end(&mut bytes).ok());
    read.map_or_else(Vec::new, |_| written_in(&bytes))
}

/// The longest row of directories, and where there is none, the line that has several.
fn written_in(bytes: &[u8]) -> Vec<PathBuf> {
    let (mut longest, mut row, mut line) = (Vec::new(), Vec::new(), Vec::new());
    for string in bytes.split(|byte| *byte == 0) {
        // What stands before a string may be no text, and end without a NUL.
        let start = string.iter().rposition(|byte| !byte.is_ascii_graphic()).map_or(0, |at| at + 1);
        let text = string.get(start..).and_then(|text| std::str::from_utf8(text).ok());
        let Some(text) = text.filter(|text| text.starts_with('/')) else {
            row.clear();
            continue;
        };
        if text.ends_with('/') && is_for_libraries(text) && row.len() < MOST_FOLDERS {
            row.push(PathBuf::from(text.trim_end_matches('/')));
            if row.len() > longest.len() {
                longest.clone_from(&row);
            }
            continue;
        }
        row.clear();
        let parts = || text.split(':').take(MOST_FOLDERS);
        if line.is_empty() && text.contains(':') && parts().all(is_for_libraries) {
            line = parts().map(PathBuf::from).collect();
        }
    }
    if longest.is_empty() { line } else { longest }
}

/// Whether it is the path of a directory as libraries are kept in.
fn is_for_libraries(path: &str) -> bool {
    let mut parts = path.split('/');
    path.len() <= LONGEST && path.starts_with('/') && parts.any(|part| part.starts_with("lib"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Vec<String> {
        written_in(bytes).iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn what_a_loader_searches_is_read_from_it() {
        let debian = b"\x16\0\x80\x01/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/\0\0x";
        let dirs = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"];
        assert_eq!(found(debian), dirs);
        let fedora = b"/etc/ld.so.cache\0\0/lib64/\0/usr/lib64/\0/lib/elsewhere\0";
        assert_eq!(found(fedora), ["/lib64", "/usr/lib64"]);
        let musl = b"\0/etc/ld-musl-\0/lib:/usr/local/lib:/usr/lib\0%s:\0";
        assert_eq!(found(musl), ["/lib", "/usr/local/lib", "/usr/lib"]);
        assert_eq!(found(b"\x7fELF\0/bin/\0nothing"), [""; 0]);
    }
}

//! The mounts of a mount namespace, as `/proc/PID/mountinfo` lists them (man 5
//! proc_pid_mountinfo).

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::libc;
use nix::unistd::Pid;

use crate::error::{Context, Result};

/// A line of mountinfo, the fields that labs look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Its number in this mount namespace.
    pub id: u64,
    /// The number of its device, `major:minor`: each mounted file system has another, and the same
    /// one in whatever namespace it shows.
    pub device: String,
    /// The folder of that file system which is mounted; for a namespace, its kind and number:
    /// `net:[4026532256]`.
    pub root: String,
    /// Where it is mounted, as the reading process sees it.
    pub target: PathBuf,
    /// The file system's type.
    pub kind: String,
    /// The source, as it was given to mount(2).
    pub source: String,
    /// The options of the file system itself, `lowerdir=…` and so on, as the kernel writes them: a
    /// comma parts two options, and one that belongs to a path is `\054`.
    pub options: String,
}

/// The mounts that this process sees.
///
/// # Errors
/// open(2)'s.
pub fn read() -> Result<Vec<Mount>> {
    read_file(&file_of(None))
}

/// The mount whose root is seen on `path`, if one is. The list alone does not tell: a mount on a folder
/// above may hide those that were made below it before.
///
/// # Errors
/// open(2)'s, but for ENOENT: where nothing is, nothing is mounted.
pub fn on(path: &Path) -> Result<Option<Mount>> {
    let mut open = OpenOptions::new();
    let file = match open.read(true).custom_flags(libc::O_PATH | libc::O_NOFOLLOW).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.context("open", path.display())?,
    };
    let info = format!("/proc/self/fdinfo/{}", file.as_raw_fd());
    let text = fs::read_to_string(&info).context("read", &info)?;
    let id = text.lines().find_map(|line| line.strip_prefix("mnt_id:")?.trim().parse().ok());
    Ok(read()?.into_iter().find(|mount| Some(mount.id) == id && mount.target == path))
}

/// The list of `pid`, or of this process.
pub fn file_of(pid: Option<Pid>) -> PathBuf {
    PathBuf::from(
        pid.map_or_else(
            || "/proc/self/mountinfo".to_owned(),
            |pid| format!("/proc/{pid}/mountinfo"),
        ),
    )
}

/// The mount of `mounts` that `path` lies on: the one furthest down, and of several there the last.
pub fn nearest<'a>(mounts: &'a [Mount], path: &Path) -> Option<&'a Mount> {
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.target));
    above.max_by_key(|mount| mount.target.components().count())
}

/// File systems that a program or another machine serves, which may never answer.
const FAR: [&str; 10] =
    ["9p", "afs", "autofs", "ceph", "cifs", "fuse", "fuseblk", "nfs", "nfs4", "smb3"];

impl Mount {
    /// Whether its file system may never answer; a kind of FUSE is `fuse.` and its name.
    pub fn is_far(&self) -> bool {
        FAR.contains(&self.kind.split('.').next().unwrap_or_default())
    }
}

/// The mounts that a mountinfo file lists, in its order.
///
/// # Errors
/// open(2)'s.
pub fn read_file(path: &Path) -> Result<Vec<Mount>> {
    // A path may be any bytes: somebody's odd mount must not hide all the others.
    let bytes = fs::read(path).context("read", path.display())?;
    Ok(String::from_utf8_lossy(&bytes).lines().filter_map(parse).collect())
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
fn parse(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    let mut after = after.splitn(3, ' ');
    Some(Mount {
        id: before.split(' ').next()?.parse().ok()?,
        device: before.split(' ').nth(2)?.to_owned(),
        root: before.split(' ').nth(3)?.to_owned(),
        target: PathBuf::from(unescape(before.split(' ').nth(4)?)),
        kind: after.next()?.to_owned(),
        source: unescape(after.next()?),
        options: after.next().unwrap_or_default().to_owned(),
    })
}

/// A field as it was before the kernel wrote space, tab, newline, backslash, and in options the comma,
/// in octal: `\040`.
pub fn unescape(field: &str) -> String {
    let mut plain = Vec::with_capacity(field.len());
    let mut bytes = field.as_bytes();
    while let Some((&first, rest)) = bytes.split_first() {
        let code = (first == b'\\')
            .then(|| u8::from_str_radix(std::str::from_utf8(rest.get(..3)?).ok()?, 8).ok())
            .flatten();
        plain.push(code.unwrap_or(first));
        bytes = if code.is_some() { rest.get(3..).unwrap_or_default() } else { rest };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_optional_fields_and_octal_is_read() {
        let line = r"36 35 98:0 / /a\040b rw master:1 - overlay over\134lay rw,lowerdir=x";
        let mount = parse(line).unwrap();
        assert_eq!(mount.target, Path::new("/a b"));
        assert_eq!(mount.kind, "overlay");
        assert_eq!(mount.source, r"over\lay");
        assert_eq!(mount.options, "rw,lowerdir=x");
    }
}

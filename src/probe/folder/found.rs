//! Something that was found in a folder.

use std::fs::{File, Metadata};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use nix::errno::Errno;

use crate::error::{Context, Error, Result, SysError};
use crate::probe::quote;
use crate::text;
use crate::text::Text;
use crate::visit::user::is_machines_root;

/// Of a longer file only the beginning is looked at, in bytes.
const LONGEST: u64 = 64 * 1024;

/// What stands under a name, held open without being read.
#[derive(Debug)]
pub struct Found {
    pub(super) file: File,
    pub(super) path: PathBuf,
    /// What fstat(2) says of it.
    pub meta: Metadata,
}

impl Found {
    /// What a regular file says, of a long one its beginning.
    ///
    /// # Errors
    /// EINVAL for anything else; open(2)'s, read(2)'s.
    pub fn text(&self) -> Result<String> {
        let shown = self.path.display();
        let mut bytes = Vec::new();
        self.reader()?.take(LONGEST).read_to_end(&mut bytes).context("read", shown)?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// What it says, as it may be shown to whoever called.
    pub fn quoted(&self) -> Text {
        match self.text() {
            Ok(text) if quote::is_open(&self.meta, &self.path) => Text::plain(text),
            Ok(text) => {
                let bytes = text.len();
                text!("{bytes} bytes, closed to you", "{bytes}바이트, 읽을 권한이 없는 내용")
            }
            Err(error) => Text::plain(error),
        }
    }

    /// The same file, to be read. Who looks as this machine's root does not read what is closed to others under a name
    /// that is not its only one: whoever may write to the folder may have put it there (man 2 link).
    ///
    /// # Errors
    /// As for [`Found::text`]; [`Error::Untold`].
    pub fn reader(&self) -> Result<File> {
        let shown = self.path.display();
        if !self.meta.is_file() {
            return Err(Error::Sys(SysError::new("read", shown, Errno::EINVAL)));
        }
        let closed = self.meta.mode() & 0o004 == 0;
        if closed && self.meta.nlink() > 1 && is_machines_root() {
            return Err(Error::untold(text!(
                "{shown} is closed to others, and has another name elsewhere",
                "다른 사용자에게 닫힌 파일인데 다른 이름이 더 있습니다: {shown}"
            )));
        }
        // The descriptor's own link, so that it is this file and no other.
        File::open(self.descriptor()).context("open", shown)
    }

    /// Its extended attribute `name`, if it has one.
    ///
    /// # Errors
    /// getxattr(2)'s.
    pub fn attribute(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match xattr::get_deref(self.descriptor(), name).context("getxattr", self.path.display()) {
            // A file system without this kind: tmpfs has no `user.` before Linux 6.6.
            Err(error) if error.errno() == Some(Errno::EOPNOTSUPP) => Ok(None),
            other => other,
        }
    }

    /// Whether the two say the same, or are the same kind of what has no text.
    pub fn is_like(&self, other: &Found) -> bool {
        match (self.text(), other.text()) {
            (Ok(one), Ok(other)) => one == other,
            _ => self.meta.file_type() == other.meta.file_type(),
        }
    }

    fn descriptor(&self) -> String {
        format!("/proc/self/fd/{}", self.file.as_raw_fd())
    }
}

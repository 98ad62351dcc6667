//! What the checks of this lab look at, and how they say what they saw.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use crate::error::{Context, Error, Result, SysError};
use crate::lab::{Seen, Subject};
use crate::probe::folder;
use crate::probe::overlay::{self, Entry, Found, Overlay};
use crate::text;
use crate::text::Text;

/// Of a longer file only the beginning is looked at, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Judges the overlay that the subject's `dir` is the merged view of. Where its layers cannot be told,
/// neither can what is asked.
///
/// # Errors
/// [`overlay::find`]'s, `judge`'s.
pub fn judge(subject: &Subject, judge: impl FnOnce(&Overlay) -> Result<Seen>) -> Result<Seen> {
    match overlay::find(subject.pid, subject.dir()?)? {
        Found::Overlay(overlay) => judge(&overlay),
        Found::Elsewhere(reason) => {
            let pid = subject.pid.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
            let expected = Text::new("layers that can be found", "찾을 수 있는 레이어");
            Ok(Seen::unknown(expected, reason, format!("/proc/{pid}/mountinfo")))
        }
    }
}

/// The container's layer.
///
/// # Errors
/// [`Error::Unable`] for a read-only overlay.
pub fn upper(overlay: &Overlay) -> Result<&Path> {
    overlay.upper.as_deref().ok_or_else(|| {
        Error::unable(
            Text::new("this overlay has no upperdir", "이 오버레이에는 upperdir이 없습니다"),
            Text::new(
                "mount it with upperdir and workdir",
                "upperdir과 workdir을 지정해 마운트하십시오",
            ),
        )
    })
}

/// Where a lower layer has the file `name`.
///
/// # Errors
/// [`Error::Unable`] when none has; lstat(2)'s.
pub fn image_file(overlay: &Overlay, name: &str) -> Result<PathBuf> {
    let layer = overlay.image_of(name)?.ok_or_else(|| {
        Error::unable(
            text!("no image layer has {name}", "{name} 파일이 있는 이미지 레이어가 없습니다"),
            Text::new(
                "put it in an image layer, then mount",
                "이미지 레이어에 넣은 뒤 마운트하십시오",
            ),
        )
    })?;
    Ok(layer.join(name))
}

/// What a file says, of a long one its beginning. Anything else, such as a fifo, is not waited for.
///
/// # Errors
/// open(2)'s, read(2)'s; EINVAL for what is no regular file.
pub fn text_of(path: &Path) -> Result<String> {
    let meta = fs::symlink_metadata(path).context("lstat", path.display())?;
    if !meta.is_file() {
        return Err(Error::Sys(SysError::new("read", path.display(), Errno::EINVAL)));
    }
    let file = File::open(path).context("open", path.display())?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).context("read", path.display())?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// Names in a line.
pub fn joined(names: &BTreeSet<String>) -> Text {
    if names.is_empty() {
        return Text::new("nothing", "없음");
    }
    Text::plain(names.iter().cloned().collect::<Vec<_>>().join(" "))
}

/// A layer's name, or a file's under its layer's.
pub fn source(path: &Path) -> String {
    let name = super::short(path);
    match path.parent() {
        Some(layer) if !path.is_dir() => format!("{}/{name}", super::short(layer)),
        _ => name,
    }
}

/// Whether a folder is empty.
///
/// # Errors
/// open(2)'s.
pub fn empty(folder: &Path) -> Result<Seen> {
    let names = folder::names(folder)?;
    Ok(Seen::judge(names.is_empty(), Text::new("nothing", "없음"), joined(&names), source(folder)))
}

/// The name of a file that two lowers have with another text in each, and that nobody has written over
/// since.
///
/// # Errors
/// getdents(2)'s; [`overlay::entry`]'s.
pub fn file_in_two(overlay: &Overlay) -> Result<Option<String>> {
    for lower in &overlay.lowers {
        for name in folder::names(lower)? {
            let written = overlay.upper.iter().any(|upper| upper.join(&name).exists());
            let image = overlay.image_of(&name)?.filter(|_| !written);
            let Some(Ok(text)) = image.map(|image| text_of(&image.join(&name))) else { continue };
            let other = |lower: &PathBuf| text_of(&lower.join(&name)).is_ok_and(|it| it != text);
            if overlay.lowers.iter().any(other) {
                return Ok(Some(name));
            }
        }
    }
    Ok(None)
}

/// The text of that version of `name` which was written last. Of lower layers that have one written in
/// the same moment it is the topmost's.
///
/// # Errors
/// open(2)'s; [`Error::Unable`] when no layer has it.
pub fn newest(overlay: &Overlay, name: &str) -> Result<String> {
    let written = |layer: &PathBuf| {
        let path = layer.join(name);
        let meta = fs::symlink_metadata(&path).ok()?;
        Some(((meta.mtime(), meta.mtime_nsec()), path))
    };
    // Of equals, max_by_key takes the last: so from the bottom up.
    let versions = overlay.lowers.iter().rev().filter_map(written);
    match versions.max_by_key(|(time, _)| *time) {
        Some((_, path)) => text_of(&path),
        None => image_file(overlay, name).and_then(|path| text_of(&path)),
    }
}

/// What a layer has, in words.
pub fn described(entry: Entry) -> Text {
    match entry {
        Entry::Nothing => Text::new("nothing", "없음"),
        Entry::There => Text::new("a file or folder", "파일이나 디렉터리"),
        Entry::Whiteout => Text::new("device 0:0", "0:0 장치"),
        Entry::Opaque => Text::new("an opaque folder", "불투명(opaque) 디렉터리"),
    }
}

/// Whether two names stand for the same: the same text, or the same kind of what has none.
pub fn alike(one: &Path, other: &Path) -> bool {
    let kind = |path: &Path| fs::symlink_metadata(path).ok().map(|meta| meta.file_type());
    match (text_of(one), text_of(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => kind(one).is_some() && kind(one) == kind(other),
    }
}

//! An overlay mount: its layers, and which of them a name comes from (overlayfs.rst).

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use crate::error::{Context, Error, Result};
use crate::probe::mountinfo;
use crate::text;
use crate::text::Text;

/// The layers of an overlay, as its mount options name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// `lowerdir`: read-only layers, the topmost first.
    pub lowers: Vec<PathBuf>,
    /// `upperdir`: where all changes go; none for a read-only overlay.
    pub upper: Option<PathBuf>,
}

/// What a layer has under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing.
    Nothing,
    /// A file, or a folder that shows what is below it too.
    There,
    /// A whiteout: a character device 0:0, which hides the name in all layers below.
    Whiteout,
    /// An opaque folder: what layers below have in it does not show.
    Opaque,
}

/// The layers of the overlay that is mounted on `merged`, in this process's mount namespace.
///
/// # Errors
/// [`Error::Unable`] when there is no overlay, or when its layers were named by relative paths,
/// which say nothing to anybody but the process that mounted it.
pub fn layers(merged: &Path) -> Result<Layers> {
    let mounts = mountinfo::read()?;
    let top = mounts.iter().rfind(|mount| mount.target == merged);
    let shown = merged.display();
    let options = top.filter(|mount| mount.kind == "overlay").map(|mount| mount.options.as_str());
    let layers = parse(options.ok_or_else(|| {
        Error::unable(
            text!("no overlay is mounted on {shown}", "{shown}에 마운트된 오버레이가 없습니다"),
            Text::new("mount one there", "거기에 마운트하십시오"),
        )
    })?);
    if layers.lowers.iter().chain(&layers.upper).all(|path| path.is_absolute()) {
        return Ok(layers);
    }
    Err(Error::unable(
        text!(
            "the layers of {shown} have relative paths",
            "{shown}의 레이어 경로가 상대 경로입니다"
        ),
        Text::new("mount it with absolute paths", "절대 경로로 마운트하십시오"),
    ))
}

fn parse(options: &str) -> Layers {
    let mut layers = Layers { lowers: Vec::new(), upper: None };
    for option in split(options, ',') {
        match option.split_once('=') {
            Some(("lowerdir", list)) => {
                layers.lowers = split(list, ':').iter().map(|path| unescape(path)).collect();
            }
            // One a layer, as fsconfig(2) takes them.
            Some(("lowerdir+", path)) => layers.lowers.push(unescape(path)),
            Some(("upperdir", path)) => layers.upper = Some(unescape(path)),
            _ => {}
        }
    }
    layers
}

/// Parts at `separator`, but not where a backslash stands before it.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for letter in text.chars() {
        match parts.last_mut() {
            Some(part) if escaped || letter != separator => part.push(letter),
            _ => parts.push(String::new()),
        }
        escaped = letter == '\\' && !escaped;
    }
    parts
}

fn unescape(path: &str) -> PathBuf {
    let mut plain = String::with_capacity(path.len());
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().unwrap_or(letter) } else { letter });
    }
    PathBuf::from(plain)
}

/// What `layer` has under `name`.
///
/// # Errors
/// lstat(2)'s, but for ENOENT; getxattr(2)'s.
pub fn entry(layer: &Path, name: &str) -> Result<Entry> {
    let path = layer.join(name);
    let Ok(meta) = fs::symlink_metadata(&path) else { return Ok(Entry::Nothing) };
    if meta.file_type().is_char_device() && meta.rdev() == 0 {
        return Ok(Entry::Whiteout);
    }
    Ok(if meta.is_dir() && is_opaque(&path)? { Entry::Opaque } else { Entry::There })
}

/// Whether a folder of an upper layer carries `trusted.overlay.opaque=y`, or its `user.` form under
/// the `userxattr` option.
///
/// # Errors
/// getxattr(2)'s.
pub fn is_opaque(folder: &Path) -> Result<bool> {
    for name in ["trusted.overlay.opaque", "user.overlay.opaque"] {
        match xattr::get(folder, name).context("getxattr", folder.display()) {
            Ok(Some(value)) if value == b"y" => return Ok(true),
            Ok(_) => {}
            // A file system without this kind: tmpfs has no `user.` before Linux 6.6.
            Err(error) if error.errno() == Some(Errno::EOPNOTSUPP) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_read_in_order_with_their_escapes() {
        let layers = parse(r"rw,lowerdir=/b:/a\:1,upperdir=/up\,per,workdir=/w,userxattr");
        assert_eq!(layers.lowers, [PathBuf::from("/b"), PathBuf::from("/a:1")]);
        assert_eq!(layers.upper, Some(PathBuf::from("/up,per")));
    }

    #[test]
    fn layers_may_come_one_an_option() {
        let layers = parse("ro,lowerdir+=/b,lowerdir+=/a");
        assert_eq!(layers.lowers, [PathBuf::from("/b"), PathBuf::from("/a")]);
        assert_eq!(layers.upper, None);
    }
}

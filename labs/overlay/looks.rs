//! What the checks of this lab look at, and how they say what they saw.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{advice, remounts};
use crate::error::{Error, Result};
use crate::lab::check::Subject;
use crate::lab::finding::Seen;
use crate::probe::folder::Folder;
use crate::probe::mountinfo;
use crate::probe::overlay::{self, Entry, Found, Overlay};
use crate::text;
use crate::text::Text;

/// Judges the overlay that the subject's `dir` is the merged view of. Where its layers cannot be told,
/// neither can what is asked.
///
/// # Errors
/// [`overlay::find`]'s, `judge`'s.
pub fn judge(subject: &Subject, judge: impl FnOnce(&Overlay) -> Result<Seen>) -> Result<Seen> {
    let dir = subject.dir()?;
    let source = mountinfo::file_of(subject.pid).display().to_string();
    match overlay::find(subject.pid, &subject.root(), dir) {
        Ok(Found::Overlay(overlay)) => judge(&overlay),
        Ok(Found::Elsewhere(reason)) => {
            let expected = Text::new("layers that can be found", "찾을 수 있는 레이어");
            Ok(Seen::unknown(expected, reason, source))
        }
        Ok(Found::Gone(paths)) => Ok(gone(&paths, source)),
        Err(error @ Error::Unable { .. }) => {
            let expected = Text::new("an overlay", "오버레이");
            Ok(Seen::judge(false, expected, Text::plain(error), source)
                .advise(|| Some(advice::to_mount(dir)))
                .mend(|| remounts::mount_on(dir)))
        }
        Err(error) => Err(error),
    }
}

/// That image layers are gone from under the mount.
fn gone(paths: &[PathBuf], source: String) -> Seen {
    let names: BTreeSet<String> = paths.iter().map(|path| super::short(path)).collect();
    let names = joined(&names);
    let expected = Text::new("an overlay over image layers", "이미지 레이어 위의 오버레이");
    let seen = text!(
        "an overlay whose image layers are gone: {names}",
        "이미지 레이어가 없어진 오버레이: {names}"
    );
    Seen::judge(false, expected, seen, source).advise(|| Some(advice::for_gone()))
}

/// The container's layer.
///
/// # Errors
/// [`Error::Unable`] for a read-only overlay.
pub fn upper(overlay: &Overlay) -> Result<&Folder> {
    overlay.upper.as_ref().ok_or_else(|| {
        Error::unable(
            Text::new("this overlay has no upperdir", "이 오버레이에는 upperdir이 없습니다"),
            Text::new(
                "mount it with upperdir and workdir",
                "upperdir과 workdir을 지정해 마운트하십시오",
            ),
        )
    })
}

/// The lower layer that shows the file `name`.
///
/// # Errors
/// [`Error::Unable`] when none has it; as for [`overlay::entry`].
pub fn image<'a>(overlay: &'a Overlay, name: &str) -> Result<&'a Folder> {
    overlay.image_of(name)?.ok_or_else(|| {
        Error::unable(
            text!("no image layer has {name}", "{name} 파일이 있는 이미지 레이어가 없습니다"),
            Text::new(
                "put it in an image layer, then mount",
                "이미지 레이어에 넣은 뒤 마운트하십시오",
            ),
        )
    })
}

/// Names in a line.
pub fn joined(names: &BTreeSet<String>) -> Text {
    if names.is_empty() {
        return Text::new("nothing", "없음");
    }
    Text::plain(names.iter().cloned().collect::<Vec<_>>().join(" "))
}

/// A layer's name.
pub fn source(layer: &Folder) -> String {
    super::short(layer.path())
}

/// A file's name under its layer's.
pub fn file_in(layer: &Folder, name: &str) -> String {
    format!("{}/{name}", source(layer))
}

/// Whether a folder is empty.
///
/// # Errors
/// open(2)'s.
pub fn empty(folder: &Folder) -> Result<Seen> {
    let names = folder.names()?;
    Ok(Seen::judge(names.is_empty(), Text::new("nothing", "없음"), joined(&names), source(folder)))
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

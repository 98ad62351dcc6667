//! What to do about what a check of this lab saw. Names of files are not in commands here: they may be any.

use std::collections::BTreeSet;
use std::path::Path;

use super::looks::joined;
use super::{mount_command, short};
use crate::probe::overlay::Entry;
use crate::text;
use crate::text::Text;

/// Where no overlay is mounted: the command that mounts it, where it is one of the course's.
pub fn to_mount(merged: &Path) -> Text {
    let in_a_line = |command: String| Text::plain(command.replace("\\\n  ", ""));
    match short(merged).as_str() {
        "merge" => in_a_line(mount_command("", "container", "work", "merge")),
        "merge2" => in_a_line(mount_command("", "container2", "work2", "merge2")),
        _ => Text::new(
            "mount one there: `mount -t overlay overlay -o lowerdir=…,upperdir=…,workdir=… DIR`",
            "그 디렉터리에 마운트하십시오: `mount -t overlay overlay -o lowerdir=…,upperdir=…,workdir=… DIR`",
        ),
    }
}

/// Where an overlay cannot be written to.
pub fn to_write() -> Text {
    Text::new(
        "it was mounted without upperdir and workdir: name both in -o",
        "upperdir과 workdir 없이 마운트되었습니다. -o에 둘 다 적으십시오",
    )
}

/// Which names do not show, with both layers there.
pub fn for_names(missing: &BTreeSet<String>, layers: usize) -> Option<Text> {
    let names = joined(missing);
    (layers > 1 && !missing.is_empty()).then(|| {
        text!(
            "no more to be seen: {names}; deleted in merge, or in a layer under the mount? make it anew in its layer",
            "보이지 않는 것: {names}. merge에서, 또는 마운트된 채로 레이어에서 지웠습니까? 원래 레이어에 다시 만드십시오"
        )
    })
}

/// What keeps a file from being in the container's layer alone.
pub fn for_new_file(holders: &[String], upper: &str) -> Option<Text> {
    let others: Vec<&str> =
        holders.iter().map(String::as_str).filter(|layer| *layer != upper).collect();
    let layers = others.join(", ");
    match (holders.is_empty(), others.is_empty()) {
        (true, _) => Some(Text::new(
            "no layer has it: `echo 'Hello, d' > merge/d`",
            "어느 레이어에도 없습니다: `echo 'Hello, d' > merge/d`",
        )),
        (false, false) => Some(text!(
            "a file of that name is in {layers} too, so it is not new",
            "같은 이름의 파일이 {layers}에도 있어 새 파일이 아닙니다"
        )),
        (false, true) => None,
    }
}

/// Why the image layer's file and its copy do not differ as they should.
pub fn for_image(older: bool) -> Option<Text> {
    older.then_some(Text::new(
        "the copy says the same: write another text through merge",
        "사본의 내용이 같습니다. merge에서 다른 내용으로 수정하십시오",
    ))
}

/// What stands in the place of a whiteout.
pub fn for_whiteout(entry: Entry, below: bool) -> Option<Text> {
    match (entry, below) {
        (_, false) => Some(Text::new(
            "the layer below has it no more: it was deleted there, and not through merge",
            "하위 레이어에 그 파일이 없습니다. merge가 아니라 하위 레이어에서 지웠습니다",
        )),
        (Entry::Nothing, true) => Some(Text::new(
            "the whiteout is gone, and the file shows again: delete it once more, in merge",
            "화이트아웃이 없어져 파일이 다시 보입니다. merge에서 다시 지우십시오",
        )),
        (Entry::There | Entry::Opaque, true) => Some(Text::new(
            "it was made anew after it was deleted",
            "지운 뒤에 다시 만들어졌습니다",
        )),
        (Entry::Whiteout, true) => None,
    }
}

/// What keeps a folder from hiding what is below it.
pub fn for_opaque(entry: Entry, below: &BTreeSet<String>) -> Option<Text> {
    match entry {
        Entry::Opaque if below.is_empty() => Some(Text::new(
            "the layer below has nothing in that folder, so there is nothing to hide",
            "하위 레이어의 그 디렉터리가 비어 있어 가릴 것이 없습니다",
        )),
        Entry::There => Some(Text::new(
            "the folder has no such mark: it was not made in merge, where one was deleted before",
            "디렉터리에 표시가 없습니다. merge에서 지우고 다시 만든 디렉터리가 아닙니다",
        )),
        _ => None,
    }
}

/// Which of the container's changes are missing.
pub fn for_kept(kept: &BTreeSet<String>) -> Option<Text> {
    let names = joined(kept);
    (kept.len() < 2).then(|| {
        text!(
            "its layer holds only: {names}; what was changed before is there no more",
            "컨테이너 레이어에 있는 것: {names}. 앞에서 바꾼 내용이 남아 있지 않습니다"
        )
    })
}

/// Why a second container does not show what the image layers hold, beside a first that has changed it.
pub fn for_second(written: &BTreeSet<String>, first_differs: bool) -> Option<Text> {
    let names = joined(written);
    match (written.is_empty(), first_differs) {
        (false, _) => Some(text!(
            "its upperdir is not empty but holds: {names}",
            "upperdir이 비어 있지 않습니다: {names}"
        )),
        (true, false) => Some(Text::new(
            "no other container over these layers shows another a: `echo 'Hello, yumi' > merge/a`",
            "같은 레이어를 쓰는 다른 컨테이너에서 a가 바뀌지 않았습니다: `echo 'Hello, yumi' > merge/a`",
        )),
        (true, true) => None,
    }
}

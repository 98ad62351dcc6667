//! What to do about what a check of this lab saw. Names of files are in no commands here, for they may be any: those are
//! in `mends`.

use std::collections::BTreeSet;
use std::path::Path;

use super::copies::{Copy, Since, Way};
use super::looks::{joined, source};
use super::order::Common;
use super::{mount_command, short};
use crate::probe::folder::Folder;
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
pub fn to_write(has_upper: bool) -> Text {
    match has_upper {
        true => Text::new(
            "it is mounted read-only: mount it again without -o ro",
            "읽기 전용으로 마운트되었습니다. -o ro 없이 다시 마운트하십시오",
        ),
        false => Text::new(
            "it was mounted without upperdir and workdir: name both in -o",
            "upperdir과 workdir 없이 마운트되었습니다. -o에 둘 다 적으십시오",
        ),
    }
}

/// Where layers were taken away under the mount.
pub fn for_gone() -> Text {
    Text::new(
        "they were deleted or moved under the mount: make them anew, unmount, and mount again",
        "마운트된 채로 지우거나 옮겼습니다. 다시 만들고 마운트를 해제한 뒤 다시 마운트하십시오",
    )
}

/// That there are more overlays on the folder.
pub fn covered(count: usize) -> Option<Text> {
    (count > 0).then(|| {
        text!(
            "{count} more on the same folder, which this one covers: it was mounted more than once",
            "같은 디렉터리에 가려진 오버레이가 {count}개 더 있습니다. 여러 번 마운트했습니다"
        )
    })
}

/// A layer with nothing in it.
pub fn for_empty_layer(layer: &Folder) -> Text {
    let layer = source(layer);
    text!(
        "{layer} is in lowerdir and empty: was it emptied, or were lowerdir and upperdir mixed up?",
        "lowerdir에 있는 {layer} 디렉터리가 비어 있습니다. 안의 파일을 지웠거나 lowerdir과 upperdir을 바꾸어 적지 않았습니까?"
    )
}

/// What to do where the layers share no file.
pub fn for_common() -> Text {
    Text::new(
        "put a file of the same name into both image layers, with another text in each, before you mount",
        "마운트하기 전에 두 이미지 레이어에 같은 이름의 파일을 서로 다른 내용으로 만드십시오",
    )
}

/// Which layer lies above which.
pub fn for_order(common: &Common<'_>) -> Option<Text> {
    let (top, newest) = (source(common.top), source(common.newest));
    (top != newest).then(|| {
        text!(
            "{top} lies on top, and {newest} is the newer: the first folder in lowerdir is the topmost",
            "맨 위 레이어가 {top}인데 나중에 만든 레이어는 {newest}입니다. lowerdir에서 맨 앞이 맨 위 레이어입니다"
        )
    })
}

/// That the file which two layers have shows no more.
pub fn covered_file(path: &str) -> Text {
    text!(
        "{path} itself was changed since, so the layers were compared and not the merged view",
        "{path} 파일은 이후 변경되어 병합 뷰 대신 레이어끼리 비교했습니다"
    )
}

/// A file that was written into the container's layer itself.
pub fn for_past(copy: &Copy) -> Text {
    let path = &copy.change.path;
    text!(
        "{path} was written into the container's layer itself: take it out while nothing is mounted, and write through merge",
        "{path} 파일을 컨테이너 레이어에 직접 만들었습니다. 마운트를 해제하고 꺼낸 뒤 merge에서 수정하십시오"
    )
}

/// A copy that says what its original does.
pub fn for_same(path: &str) -> Text {
    text!(
        "{path} was copied up and says what it did: write another text through merge",
        "{path} 파일은 복사되었지만 내용이 그대로입니다. merge에서 다른 내용으로 수정하십시오"
    )
}

/// That a new file is in the place of the image's.
pub fn replaced(copy: &Copy) -> Option<Text> {
    let path = &copy.change.path;
    (copy.way == Way::Replaced).then(|| {
        text!(
            "{path} is a new file in the place of the image's, as sed -i and editors make it, and no copy",
            "{path} 파일은 사본이 아니라 sed -i나 편집기처럼 이미지 파일을 대신한 새 파일입니다"
        )
    })
}

/// A file of an image layer that was written to itself.
pub fn for_written_image(name: &str) -> Text {
    text!(
        "the new text went to {name} itself: write through merge",
        "새 내용이 {name} 파일에 직접 기록되었습니다. merge에서 수정하십시오"
    )
}

/// A new file that was made in an image layer.
pub fn for_made_in_image(name: &str) -> Text {
    text!(
        "{name} was made in the image layer itself: make one through merge",
        "{name} 파일을 이미지 레이어에 직접 만들었습니다. merge에서 만드십시오"
    )
}

/// A file that was deleted in an image layer.
pub fn for_deleted_below(folder: &str) -> Text {
    text!(
        "what was in {folder} was deleted there, and not through merge",
        "{folder} 안의 파일을 merge가 아니라 그 디렉터리에서 지웠습니다"
    )
}

/// A folder that was emptied.
pub fn for_emptied() -> Text {
    Text::new(
        "a folder that is emptied stays the same folder: delete the folder itself, and make it again",
        "안의 파일만 지우면 같은 디렉터리가 남습니다. 디렉터리까지 지우고 다시 만드십시오",
    )
}

/// That the new file was another before.
pub fn moved() -> Text {
    Text::new(
        "it is a file of an image that was moved, and none that is new",
        "새로 만든 것이 아니라 이미지의 파일을 옮긴 것입니다",
    )
}

/// What became of an image layer's file, behind what it says.
pub fn since(what: Since, differs: bool) -> Text {
    match (what, differs) {
        (Since::Nothing, true) => Text::plain(""),
        (Since::Nothing, false) => Text::new(", the same as in the copy", ", 사본과 같음"),
        (Since::Written, _) => Text::new(", changed since", ", 이후 변경됨"),
        (Since::Another, _) => {
            Text::new(", another file than the copied one", ", 복사한 것과 다른 파일")
        }
    }
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
pub fn for_image(what: Since, name: &str) -> Option<Text> {
    match what {
        Since::Nothing => Some(Text::new(
            "the copy says the same: write another text through merge",
            "사본의 내용이 같습니다. merge에서 다른 내용으로 수정하십시오",
        )),
        Since::Written => Some(text!(
            "{name} was written to after it was copied: give it back its text, and have the copy made anew",
            "{name} 파일이 복사된 뒤에 직접 수정되었습니다. 원래 내용으로 되돌리고 사본을 다시 만드십시오"
        )),
        Since::Another => Some(text!(
            "another file was put in the place of {name} after it was copied",
            "{name} 파일이 복사된 뒤에 다른 파일로 바뀌었습니다"
        )),
    }
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

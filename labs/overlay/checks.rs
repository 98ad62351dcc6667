//! What `lab overlay` claims.
//!
//! The subject's `dir` is the merged view; its layers are read from the kernel's mount table.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;

use super::looks::{
    alike, described, empty, file_in_two, image_file, joined, judge, source, text_of, upper,
};
use crate::error::Context;
use crate::lab::{Check, Seen};
use crate::probe::folder;
use crate::probe::overlay::{self, Entry};
use crate::text;
use crate::text::Text;

/// All of them, in the order in which the lab proves them.
pub static ALL: &[&Check] = &[
    &CONTAINER_EMPTY,
    &ALL_SHOWN,
    &LEFT_LOWER_WINS,
    &NOTHING_WRITTEN,
    &COPIED_UP,
    &IMAGE_UNTOUCHED,
    &NEW_FILE_ON_TOP,
    &WHITEOUT,
    &OPAQUE,
    &LAYER_KEPT,
    &IMAGES_AS_THEY_WERE,
];

/// The subject's `dir` is the layer itself.
pub static CONTAINER_EMPTY: Check = Check {
    id: "container-empty",
    claim: Text::new("the container's layer is empty", "컨테이너 레이어는 비어 있습니다"),
    hint: Text::new("remove what is in it", "안에 든 것을 지우십시오"),
    probe: |subject, _| empty(&overlay::reach(subject.pid, subject.dir()?)),
};

/// The merged view shows the names of all layers.
pub static ALL_SHOWN: Check = Check {
    id: "all-shown",
    claim: Text::new(
        "the merged view shows the files of both images",
        "합쳐진 모습에 두 이미지의 파일이 모두 보입니다",
    ),
    hint: Text::new("name both images in lowerdir", "lowerdir에 두 이미지를 모두 적으십시오"),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let mut expected = BTreeSet::new();
            for lower in &overlay.lowers {
                for name in folder::names(lower)? {
                    if overlay.image_of(&name)?.is_some() {
                        expected.insert(name);
                    }
                }
            }
            let seen = folder::names(&overlay.merged)?;
            let count = overlay.lowers.len();
            let (names, shown) = (joined(&expected), joined(&seen));
            Ok(Seen::judge(
                count > 1 && expected.is_subset(&seen),
                text!("{names}, from two images", "두 이미지의 {names}"),
                match count {
                    1 => text!("{shown}, from one image", "이미지 하나의 {shown}"),
                    _ => shown,
                },
                source(&overlay.merged),
            ))
        })
    },
};

/// A name that two lowers have shows the left one's.
pub static LEFT_LOWER_WINS: Check = Check {
    id: "left-lower-wins",
    claim: Text::new(
        "the file in both images shows the left one's text",
        "양쪽 이미지에 다 있는 파일은 왼쪽 것이 보입니다",
    ),
    hint: Text::new(
        "the first folder in lowerdir is the topmost",
        "lowerdir에서 맨 앞의 폴더가 맨 위입니다",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let Some((name, left)) = file_in_two(overlay)? else {
                let expected = Text::new("the left one's text", "왼쪽 것의 내용");
                let reason = Text::new(
                    "no two images have a file in common",
                    "두 이미지에 다 있는 파일이 없습니다",
                );
                return Ok(Seen::unknown(expected, reason, source(&overlay.merged)));
            };
            let merged = overlay.merged.join(name);
            Ok(Seen::equal(left, text_of(&merged)?, source(&merged)))
        })
    },
};

/// Mounting and reading has written nothing.
pub static NOTHING_WRITTEN: Check = Check {
    id: "nothing-written",
    claim: Text::new(
        "nothing is in the container's layer before a write",
        "쓰기 전에는 컨테이너 레이어에 아무것도 없습니다",
    ),
    hint: Text::new("something was written already", "이미 무언가 쓰였습니다"),
    probe: |subject, _| judge(subject, |overlay| empty(upper(overlay)?)),
};

/// The upper layer has the file, and it is what the merged view shows.
pub static COPIED_UP: Check = Check {
    id: "copied-up",
    claim: Text::new(
        "the container's layer holds the copy with the new text",
        "새 내용은 컨테이너 레이어의 사본에 있습니다",
    ),
    hint: Text::new(
        "write through the merged view, not to the image",
        "이미지가 아니라 합쳐진 쪽에 쓰십시오",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let copy = upper(overlay)?.join("a");
            let merged = text_of(&overlay.merged.join("a"))?;
            let seen = text_of(&copy).unwrap_or_else(|error| error.to_string());
            Ok(Seen::equal(merged, seen, source(&copy)))
        })
    },
};

/// The lower file is another inode, has other bytes, and has not changed since the copy was made:
/// its ctime, which no program can set, is older.
pub static IMAGE_UNTOUCHED: Check = Check {
    id: "image-untouched",
    claim: Text::new(
        "the image's file is untouched: another inode, its own bytes",
        "이미지의 파일은 그대로입니다. inode도 내용도 다릅니다",
    ),
    hint: Text::new("somebody wrote to the image itself", "누군가 이미지에 직접 썼습니다"),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let image = image_file(overlay, "a")?;
            let expected =
                Text::new("another inode, unchanged since", "다른 inode, 이후 변경 없음");
            let Ok(copy) = fs::symlink_metadata(upper(overlay)?.join("a")) else {
                let reason =
                    Text::new("there is no copy to compare with", "비교할 사본이 없습니다");
                return Ok(Seen::unknown(expected, reason, source(&image)));
            };
            let meta = fs::symlink_metadata(&image).context("lstat", image.display())?;
            let changed = |meta: &Metadata| (meta.ctime(), meta.ctime_nsec());
            let older = changed(&meta) <= changed(&copy);
            let (inode, text) = (meta.ino(), text_of(&image)?);
            let other = text != text_of(&overlay.merged.join("a"))?;
            let seen = match older {
                true => Text::plain(format!("inode {inode}, {text}")),
                false => text!(
                    "inode {inode}, {text}, changed since",
                    "inode {inode}, {text}, 이후 변경됨"
                ),
            };
            let holds = older && other && meta.ino() != copy.ino();
            Ok(Seen::judge(holds, expected, seen, source(&image)))
        })
    },
};

/// A name that no lower has is in the upper layer.
pub static NEW_FILE_ON_TOP: Check = Check {
    id: "new-file-on-top",
    claim: Text::new("d is in the container's layer only", "d는 컨테이너 레이어에만 있습니다"),
    hint: Text::new("make it through the merged view", "합쳐진 쪽에서 만드십시오"),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let mut holders = Vec::new();
            for layer in overlay.layers() {
                if overlay::entry(layer, "d", overlay.opaque)? != Entry::Nothing {
                    holders.push(super::short(layer));
                }
            }
            let upper = upper(overlay)?;
            let (expected, seen) = (super::short(upper), holders.join(" "));
            Ok(Seen::equal(expected, seen, source(&upper.join("d"))))
        })
    },
};

/// A deleted name is a whiteout on top, and still there below.
pub static WHITEOUT: Check = Check {
    id: "whiteout",
    claim: Text::new(
        "b is a 0:0 character device on top, gone from view, and still in the image",
        "b는 위 레이어에 0:0 문자 장치로 있어 보이지 않고, 이미지에는 그대로 있습니다",
    ),
    hint: Text::new(
        "delete it through the merged view, not in the image",
        "이미지가 아니라 합쳐진 쪽에서 지우십시오",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let upper = upper(overlay)?;
            let entry = overlay::entry(upper, "b", overlay.opaque)?;
            let shown = folder::names(&overlay.merged)?.contains("b");
            let image = overlay.image_of("b")?;
            let expected = [described(Entry::Whiteout), Text::plain("–"), Text::plain("b")];
            let has = |there| Text::plain(if there { "b" } else { "–" });
            let seen = [described(entry), has(shown), has(image.is_some())];
            let holds = expected == seen;
            let line = |[top, merged, image]: [Text; 3]| {
                text!(
                    "{top}; merged: {merged}; image: {image}",
                    "{top}; 합쳐진 쪽: {merged}; 이미지: {image}"
                )
            };
            Ok(Seen::judge(holds, line(expected), line(seen), source(&upper.join("b"))))
        })
    },
};

/// A folder that was deleted and made again is opaque.
pub static OPAQUE: Check = Check {
    id: "opaque",
    claim: Text::new(
        "the new dir is marked opaque, and shows nothing of the image's",
        "새 dir은 불투명 표시가 있고 이미지의 내용은 보이지 않습니다",
    ),
    hint: Text::new(
        "delete and make the folder through the merged view",
        "합쳐진 쪽에서 폴더를 지우고 다시 만드십시오",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let upper = upper(overlay)?;
            let (entry, image) =
                (overlay::entry(upper, "dir", overlay.opaque)?, image_file(overlay, "dir")?);
            let shown = folder::names(&overlay.merged.join("dir"))?;
            let below = folder::names(&image)?;
            let holds = entry == Entry::Opaque && !below.is_empty() && shown.is_disjoint(&below);
            let (entry, opaque) = (described(entry), described(Entry::Opaque));
            let (shown, nothing) = (joined(&shown), joined(&BTreeSet::new()));
            let line = |entry: Text, shown: Text| {
                text!("{entry}; shows {shown}", "{entry}; 보이는 것: {shown}")
            };
            Ok(Seen::judge(holds, line(opaque, nothing), line(entry, shown), overlay.opaque))
        })
    },
};

/// What the upper layer holds is what the merged view shows.
pub static LAYER_KEPT: Check = Check {
    id: "layer-kept",
    claim: Text::new(
        "after mounting again the container's changes are all there",
        "다시 마운트해도 컨테이너의 변경이 그대로입니다",
    ),
    hint: Text::new("mount it again with the same upperdir", "같은 upperdir로 다시 마운트하십시오"),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let upper = upper(overlay)?;
            let mut shown = BTreeSet::new();
            let kept = folder::names(upper)?;
            for name in &kept {
                let (above, below) = (overlay.merged.join(name), upper.join(name));
                let same = match overlay::entry(upper, name, overlay.opaque)? {
                    Entry::Whiteout => fs::symlink_metadata(&above).is_err(),
                    _ => alike(&above, &below),
                };
                shown.extend(same.then(|| name.clone()));
            }
            let holds = shown == kept && kept.len() > 1;
            Ok(Seen::judge(holds, joined(&kept), joined(&shown), source(upper)))
        })
    },
};

/// Another container over the same images sees none of what this one's neighbour has written.
pub static IMAGES_AS_THEY_WERE: Check = Check {
    id: "images-as-they-were",
    claim: Text::new(
        "the second container sees the images as they were",
        "두 번째 컨테이너에는 이미지가 처음 그대로 보입니다",
    ),
    hint: Text::new(
        "give it an upperdir of its own, empty; the first must have changed a",
        "비어 있는 자기만의 upperdir을 주십시오. 첫 번째에서는 a가 바뀌어 있어야 합니다",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let (image, merged) = (text_of(&image_file(overlay, "a")?)?, overlay.merged.join("a"));
            let texts = overlay.twins.iter().filter_map(|twin| text_of(&twin.join("a")).ok());
            let first = texts.into_iter().find(|text| *text != image);
            let seen = text_of(&merged).unwrap_or_else(|error| error.to_string());
            let written = joined(&folder::names(upper(overlay)?)?);
            let holds = seen == image && written == joined(&BTreeSet::new()) && first.is_some();
            let first = first.map_or_else(|| Text::new("the same", "같은 내용"), Text::plain);
            Ok(Seen::judge(
                holds,
                text!(
                    "{image}; written: nothing; another text in the first",
                    "{image}; 쓴 것: 없음; 첫 번째에는 다른 내용"
                ),
                text!(
                    "{seen}; written: {written}; in the first: {first}",
                    "{seen}; 쓴 것: {written}; 첫 번째에는: {first}"
                ),
                source(&merged),
            ))
        })
    },
};

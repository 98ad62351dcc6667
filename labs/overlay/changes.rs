//! What `lab overlay` claims of changes: where each goes, and what it leaves as it was.
//!
//! A claim is about the subject's `file`. Without one, it is about any file of the container's layer
//! that could show it.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use super::advice;
use super::looks::{described, file_in, image, joined, judge, source, upper};
use crate::error::Result;
use crate::lab::check::{Check, Subject};
use crate::lab::finding::Seen;
use crate::probe::overlay::{self, Entry, Overlay};
use crate::text;
use crate::text::Text;

/// The file that a claim is about: the subject's, or the first name in the container's layer that
/// `fits`.
fn file(
    subject: &Subject,
    overlay: &Overlay,
    fits: impl Fn(&str, Entry) -> Result<bool>,
) -> Result<Option<String>> {
    if let Some(name) = subject.file {
        return Ok(Some(name.to_owned()));
    }
    let upper = upper(overlay)?;
    for name in upper.names()? {
        if fits(&name, overlay::entry(upper, &name, overlay.opaque)?)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// A file of an image of which the container's layer has a copy; one that says something else there
/// is taken first.
fn copied(subject: &Subject, overlay: &Overlay) -> Result<Option<String>> {
    let is_copy = |name: &str, entry| {
        let file = upper(overlay)?.look(name)?.is_some_and(|found| found.meta.is_file());
        Ok(entry == Entry::There && file && overlay.image_of(name)?.is_some())
    };
    let changed = |name: &str, entry| {
        Ok(is_copy(name, entry)?
            && image(overlay, name)?.text(name)? != overlay.merged.text(name)?)
    };
    match file(subject, overlay, changed)? {
        Some(name) => Ok(Some(name)),
        None => file(subject, overlay, is_copy),
    }
}

/// Nothing in the container's layer shows what a claim is about.
fn none_yet(overlay: &Overlay, expected: Text) -> Result<Seen> {
    let upper = upper(overlay)?;
    let seen = joined(&upper.names()?);
    Ok(Seen::judge(false, expected, seen, source(upper)))
}

/// The upper layer has the file, and it is what the merged view shows.
pub static COPIED_UP: Check = Check {
    id: "copied-up",
    claim: Text::new(
        "the container's layer holds the copy with the new text",
        "새 내용은 컨테이너 레이어의 사본에 있습니다",
    ),
    hint: Text::new(
        "write through the merged view (merge), not to the image layer",
        "이미지 레이어가 아니라 병합 뷰(merge)에서 수정하십시오",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let Some(name) = copied(subject, overlay)? else {
                return none_yet(
                    overlay,
                    Text::new("a file of an image layer", "이미지 레이어에 있는 파일"),
                );
            };
            let upper = upper(overlay)?;
            let merged = overlay.merged.text(&name)?;
            let holds = upper.text(&name).is_ok_and(|text| text == merged);
            let (expected, seen) = (overlay.merged.quoted(&name)?, upper.quoted(&name)?);
            Ok(Seen::judge(holds, expected, seen, file_in(upper, &name)))
        })
    },
};

/// The lower file is another inode, has other bytes, and has not changed since the copy was made:
/// its ctime, which no program can set, is older.
pub static IMAGE_UNTOUCHED: Check = Check {
    id: "image-untouched",
    claim: Text::new(
        "the image layer's file is untouched: another inode than the copy's, other bytes",
        "이미지 레이어의 파일은 그대로이고, 사본과는 inode도 내용도 다릅니다",
    ),
    hint: Text::new(
        "was the image layer itself written to?",
        "이미지 레이어를 직접 수정하지 않았습니까?",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let expected = Text::new(
                "another inode than the copy's, unchanged since",
                "사본과 다른 inode, 이후 변경 없음",
            );
            let name = copied(subject, overlay)?.unwrap_or_default();
            let Some(copy) = upper(overlay)?.look(&name)? else {
                let reason =
                    Text::new("there is no copy to compare with", "비교할 사본이 없습니다");
                return Ok(Seen::unknown(expected, reason, source(upper(overlay)?)));
            };
            let image = image(overlay, &name)?;
            let Some(file) = image.look(&name)? else {
                let seen = Text::new("it is gone", "파일이 없어짐");
                return Ok(Seen::judge(false, expected, seen, file_in(image, &name)));
            };
            let changed = |meta: &Metadata| (meta.ctime(), meta.ctime_nsec());
            let older = changed(&file.meta) <= changed(&copy.meta);
            let (inode, text) = (file.meta.ino(), file.text()?);
            let other = text != overlay.merged.text(&name)?;
            let text = file.quoted();
            let seen = match (older, other) {
                (true, true) => text!("inode {inode}, {text}", "inode {inode}, {text}"),
                (true, false) => text!(
                    "inode {inode}, {text}, the same as in the copy",
                    "inode {inode}, {text}, 사본과 같음"
                ),
                (false, _) => text!(
                    "inode {inode}, {text}, changed since",
                    "inode {inode}, {text}, 이후 변경됨"
                ),
            };
            let holds = older && other && inode != copy.meta.ino();
            Ok(Seen::judge(holds, expected, seen, file_in(image, &name))
                .advise(|| advice::for_image(older)))
        })
    },
};

/// What is new is nowhere but in the upper layer.
pub static NEW_FILE_ON_TOP: Check = Check {
    id: "new-file-on-top",
    claim: Text::new(
        "the new file is in the container's layer only",
        "새 파일은 컨테이너 레이어에만 있습니다",
    ),
    hint: Text::new("make it through the merged view (merge)", "병합 뷰(merge)에서 만드십시오"),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let new = |name: &str, entry| {
                Ok(matches!(entry, Entry::There) && overlay.image_of(name)?.is_none())
            };
            let Some(name) = file(subject, overlay, new)? else {
                return none_yet(
                    overlay,
                    Text::new("a file that no image layer has", "이미지 레이어에 없는 파일"),
                );
            };
            let mut holders = Vec::new();
            for layer in overlay.layers() {
                if overlay::entry(layer, &name, overlay.opaque)? != Entry::Nothing {
                    holders.push(source(layer));
                }
            }
            let upper = upper(overlay)?;
            Ok(Seen::equal(source(upper), holders.join(" "), file_in(upper, &name))
                .advise(|| advice::for_new_file(&holders, &source(upper))))
        })
    },
};

/// A deleted name is a whiteout on top, and still there below.
pub static WHITEOUT: Check = Check {
    id: "whiteout",
    claim: Text::new(
        "the deleted file is a 0:0 character device on top, and still in the layer below",
        "지운 파일은 상위 레이어에 0:0 문자 장치로 있고, 하위 레이어에는 그대로 있습니다",
    ),
    hint: Text::new(
        "delete it through the merged view (merge), not in the image layer",
        "이미지 레이어가 아니라 병합 뷰(merge)에서 지우십시오",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let upper = upper(overlay)?;
            let Some(name) = file(subject, overlay, |_, entry| Ok(entry == Entry::Whiteout))?
            else {
                let reason = Text::new(
                    "nothing was deleted through the merged view",
                    "병합 뷰에서 지운 파일이 없습니다",
                );
                return Ok(Seen::open(described(Entry::Whiteout), reason, source(upper)));
            };
            let entry = overlay::entry(upper, &name, overlay.opaque)?;
            let shown = overlay.merged.names()?.contains(&name);
            let image = overlay.image_of(&name)?;
            let expected = [described(Entry::Whiteout), Text::plain("–"), Text::plain(&name)];
            let has = |there| Text::plain(if there { name.as_str() } else { "–" });
            let seen = [described(entry), has(shown), has(image.is_some())];
            let holds = expected == seen;
            let line = |[top, merged, image]: [Text; 3]| {
                text!(
                    "{top}; merged: {merged}; below: {image}",
                    "{top}; 병합 뷰: {merged}; 하위 레이어: {image}"
                )
            };
            Ok(Seen::judge(holds, line(expected), line(seen), file_in(upper, &name))
                .advise(|| advice::for_whiteout(entry, image.is_some())))
        })
    },
};

/// A folder that was deleted and made again is opaque.
pub static OPAQUE: Check = Check {
    id: "opaque",
    claim: Text::new(
        "the folder made anew is marked opaque, and shows nothing of the layers below",
        "다시 만든 디렉터리는 불투명(opaque)하고, 하위 레이어의 내용이 보이지 않습니다",
    ),
    hint: Text::new(
        "delete and make the folder through the merged view (merge)",
        "병합 뷰(merge)에서 디렉터리를 지우고 다시 만드십시오",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let upper = upper(overlay)?;
            let opaque = described(Entry::Opaque);
            let Some(name) = file(subject, overlay, |_, entry| Ok(entry == Entry::Opaque))? else {
                let reason = Text::new(
                    "no folder was deleted and made again",
                    "지웠다가 다시 만든 디렉터리가 없습니다",
                );
                return Ok(Seen::open(opaque, reason, overlay.opaque));
            };
            let entry = overlay::entry(upper, &name, overlay.opaque)?;
            let shown = overlay.merged.names_in(&name)?;
            let below = image(overlay, &name)?.names_in(&name)?;
            let holds = entry == Entry::Opaque && !below.is_empty() && shown.is_disjoint(&below);
            let (shown, nothing) = (joined(&shown), joined(&BTreeSet::new()));
            let line = |entry: Text, shown: Text| {
                text!("{entry}; shows {shown}", "{entry}; 보이는 내용: {shown}")
            };
            Ok(Seen::judge(
                holds,
                line(opaque, nothing),
                line(described(entry), shown),
                overlay.opaque,
            )
            .advise(|| advice::for_opaque(entry, &below)))
        })
    },
};

//! What `lab overlay` claims of changes: where each goes, and what it leaves as it was.
//!
//! A claim is about the subject's `file`. Without one, it is about any file of the container's layer, wherever in the tree,
//! that could show it.

use std::os::unix::fs::MetadataExt;

use super::advice;
use super::copies::{self, Copy, Since, Way, written_in_images};
use super::looks::{file_in, joined, judge, source, upper};
use super::mends::Mender;
use crate::error::Result;
use crate::lab::check::Check;
use crate::lab::finding::Seen;
use crate::probe::overlay::{self, Change, Entry, Overlay};
use crate::text;
use crate::text::Text;

/// The upper layer has the file, the kernel has made it of the image's, and it is what the merged view shows.
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
            let mender = Mender::of(subject, overlay)?;
            let changes = overlay.changes()?;
            let copies = copies::all(subject, overlay, &changes)?;
            if let Some(past) = copies.iter().find(|copy| copy.way == Way::Past) {
                let expected = Text::new("a copy that the kernel made", "커널이 만든 사본");
                let seen = Text::new(
                    "a file that was written there past the merged view",
                    "병합 뷰를 거치지 않고 직접 만든 파일",
                );
                let source = file_in(upper(overlay)?, &past.change.path);
                return Ok(Seen::judge(false, expected, seen, source)
                    .advise(|| Some(advice::for_past(past)))
                    .mend(|| mender.copy_anew(past)));
            }
            match copies::best(&copies) {
                Some(copy) => judge_copy(&mender, overlay, copy),
                None => judge_no_copy(&mender, overlay, &changes),
            }
        })
    },
};

fn judge_copy(mender: &Mender<'_>, overlay: &Overlay, copy: &Copy) -> Result<Seen> {
    let (upper, path) = (upper(overlay)?, copy.change.path.as_str());
    if !copy.differs && since(overlay, copy)? == Some(Since::Nothing) {
        let expected = Text::new("another text than the image's", "이미지와 다른 내용");
        let seen = Text::new("the same text", "같은 내용");
        return Ok(Seen::judge(false, expected, seen, file_in(upper, path))
            .advise(|| Some(advice::for_same(&copy.change.path)))
            .mend(|| mender.append(path)));
    }
    let merged = overlay.merged.text(path)?;
    let holds = upper.text(path).is_ok_and(|text| text == merged);
    let (expected, seen) = (overlay.merged.quoted(path)?, upper.quoted(path)?);
    Ok(Seen::judge(holds, expected, seen, file_in(upper, path)).remark(|| advice::replaced(copy)))
}

/// Nothing was copied: either nobody has tried, or what was written is elsewhere.
fn judge_no_copy(mender: &Mender<'_>, overlay: &Overlay, changes: &[Change]) -> Result<Seen> {
    let upper = upper(overlay)?;
    let expected = || Text::new("a file of an image layer", "이미지 레이어에 있는 파일");
    if let Some((layer, path)) = written_in_images(overlay, false)? {
        let name = file_in(layer, &path);
        let seen =
            text!("none, but {name} was written to itself", "없음, {name} 파일이 직접 수정됨");
        return Ok(Seen::judge(false, expected(), seen, source(upper))
            .advise(|| Some(advice::for_written_image(&name)))
            .mend(|| mender.append(&path)));
    }
    let names = joined(&changes.iter().map(|change| change.path.clone()).collect());
    let seen = match changes.iter().any(Change::is_file) {
        true => Seen::judge(false, expected(), names, source(upper)),
        false => Seen::open(expected(), names, source(upper)),
    };
    Ok(seen.mend(|| mender.append_to_any()))
}

/// What became of the file that `copy` was made of; none where there is none.
fn since(overlay: &Overlay, copy: &Copy) -> Result<Option<Since>> {
    let (_, original) = copies::original(overlay, copy)?;
    let made = upper(overlay)?.look(&copy.change.path)?;
    let both = made.zip(original);
    both.map(|(made, original)| copies::since(overlay, &made, &original)).transpose()
}

/// The lower file is another inode, has other bytes, and none of them was written since the copy was made: another
/// name or other rights leave them as they were.
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
            let changes = overlay.changes()?;
            let copies = copies::all(subject, overlay, &changes)?;
            let mut touched = None;
            for copy in copies.iter().filter(|copy| copy.way != Way::Past) {
                if since(overlay, copy)? != Some(Since::Nothing) {
                    touched = Some(copy);
                    break;
                }
            }
            let Some(copy) = touched.or_else(|| copies::best(&copies)) else {
                let reason =
                    Text::new("there is no copy to compare with", "비교할 사본이 없습니다");
                return Ok(Seen::unknown(expected, reason, source(upper(overlay)?)));
            };
            let (image, original) = copies::original(overlay, copy)?;
            let at = file_in(image, &copy.below);
            let Some(original) = original else {
                let seen = Text::new("it is gone", "파일이 없어짐");
                return Ok(Seen::judge(false, expected, seen, at));
            };
            let what = since(overlay, copy)?.unwrap_or(Since::Nothing);
            let (inode, text) = (original.meta.ino(), original.quoted());
            let state = advice::since(what, copy.differs);
            let seen = text!("inode {inode}, {text}{state}", "inode {inode}, {text}{state}");
            let other = inode != copy.change.meta.ino() && copy.differs;
            let mender = Mender::of(subject, overlay)?;
            Ok(Seen::judge(what == Since::Nothing && other, expected, seen, at)
                .advise(|| advice::for_image(what, &file_in(image, &copy.below)))
                .mend(|| mender.copy_anew(copy)))
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
            let upper = upper(overlay)?;
            let mender = Mender::of(subject, overlay)?;
            let changes = overlay.changes()?;
            let mut new: Vec<&Change> = Vec::new();
            for change in changes.iter().filter(|it| it.entry == Entry::There && !it.meta.is_dir())
            {
                if overlay.image_of(&change.path)?.is_none() {
                    new.push(change);
                }
            }
            // What was only moved has been somewhere before.
            let best = new.iter().min_by_key(|change| change.is_copy);
            let named = subject.file.map(str::to_owned);
            let Some(name) = named.or_else(|| best.map(|change| change.path.clone())) else {
                return no_new_file(&mender, overlay, &changes);
            };
            let moved = best.is_some_and(|change| change.is_copy && change.path == name);
            let mut holders = Vec::new();
            for layer in overlay.layers() {
                if overlay::entry(layer, &name, overlay.opaque)? != Entry::Nothing {
                    holders.push(source(layer));
                }
            }
            Ok(Seen::equal(source(upper), holders.join(" "), file_in(upper, &name))
                .advise(|| advice::for_new_file(&holders, &source(upper)))
                .mend(|| mender.new_file())
                .remark(|| moved.then(advice::moved)))
        })
    },
};

fn no_new_file(mender: &Mender<'_>, overlay: &Overlay, changes: &[Change]) -> Result<Seen> {
    let upper = upper(overlay)?;
    let expected = Text::new("a file that no image layer has", "이미지 레이어에 없는 파일");
    if let Some((layer, path)) = written_in_images(overlay, true)? {
        let name = file_in(layer, &path);
        let seen = text!("none, but {name} was made there", "없음, {name} 파일이 새로 생김");
        return Ok(Seen::judge(false, expected, seen, source(upper))
            .advise(|| Some(advice::for_made_in_image(&name)))
            .mend(|| mender.new_file()));
    }
    let names = joined(&changes.iter().map(|change| change.path.clone()).collect());
    Ok(Seen::open(expected, names, source(upper)).mend(|| mender.new_file()))
}

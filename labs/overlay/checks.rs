//! What `lab overlay` claims.
//!
//! The subject's `dir` is the merged view; its layers are read from the kernel's mount table.

use std::collections::BTreeSet;

use super::looks::{empty, file_in, image, joined, judge, source, upper};
use super::mends::Mender;
use super::order::file_in_two;
use super::{advice, changes, deletions};
use crate::error::Result;
use crate::lab::check::Check;
use crate::lab::finding::Seen;
use crate::probe::folder::Folder;
use crate::probe::overlay::{self, Entry, Overlay};
use crate::text;
use crate::text::Text;

/// All of them, in the order in which the lab proves them.
pub static ALL: &[&Check] = &[
    &CONTAINER_EMPTY,
    &MOUNTED,
    &ALL_SHOWN,
    &NEWER_ON_TOP,
    &NOTHING_WRITTEN,
    &changes::COPIED_UP,
    &changes::IMAGE_UNTOUCHED,
    &changes::NEW_FILE_ON_TOP,
    &deletions::WHITEOUT,
    &deletions::OPAQUE,
    &LAYER_KEPT,
    &IMAGES_AS_THEY_WERE,
];

/// The subject's `dir` is the layer itself.
pub static CONTAINER_EMPTY: Check = Check {
    id: "container-empty",
    claim: Text::new("the container's layer is empty", "컨테이너 레이어는 비어 있습니다"),
    hint: Text::new("remove what is in it", "컨테이너 레이어의 내용을 지우십시오"),
    probe: |subject, _| empty(&Folder::open(&subject.root())?.inside(subject.dir()?)?),
};

/// There is an overlay, with a layer to write to.
pub static MOUNTED: Check = Check {
    id: "mounted",
    claim: Text::new(
        "an overlay that can be written to is mounted",
        "쓰기 가능한 오버레이가 마운트되어 있습니다",
    ),
    hint: Text::new(
        "mount refuses an upperdir and a workdir on different file systems; `dmesg` has its reasons",
        "upperdir과 workdir의 파일 시스템이 다르면 mount가 거부합니다. 이유는 `dmesg`에 있습니다",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let mender = Mender::of(subject, overlay)?;
            let seen = match (&overlay.upper, overlay.is_read_only) {
                (Some(_), false) => Text::plain("lowerdir, upperdir"),
                (Some(_), true) => {
                    Text::new("lowerdir, upperdir, read-only", "lowerdir, upperdir, 읽기 전용")
                }
                (None, _) => Text::plain("lowerdir"),
            };
            let holds = overlay.upper.is_some() && !overlay.is_read_only;
            Ok(Seen::judge(holds, Text::plain("lowerdir, upperdir"), seen, "mountinfo")
                .advise(|| Some(advice::to_write(overlay.upper.is_some())))
                .mend(|| mender.make_writable())
                .remark(|| advice::covered(overlay.covered)))
        })
    },
};

fn is_empty(layer: &Folder) -> bool {
    layer.names().is_ok_and(|names| names.is_empty())
}

/// Whether the container has deleted the name.
fn deleted(overlay: &Overlay, name: &str) -> Result<bool> {
    let Some(upper) = &overlay.upper else { return Ok(false) };
    Ok(overlay::entry(upper, name, overlay.opaque)? == Entry::Whiteout)
}

/// The merged view shows the names of all layers, but for what was deleted in it.
pub static ALL_SHOWN: Check = Check {
    id: "all-shown",
    claim: Text::new(
        "the merged view shows the files of both image layers",
        "병합 뷰에 두 이미지 레이어의 파일이 모두 보입니다",
    ),
    hint: Text::new(
        "name both image layers in lowerdir",
        "lowerdir에 두 이미지 레이어를 모두 적으십시오",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let mut expected: BTreeSet<String> =
                subject.names.iter().map(|name| (*name).to_owned()).collect();
            for lower in &overlay.lowers {
                for name in lower.names()? {
                    if overlay.image_of(&name)?.is_some() && !deleted(overlay, &name)? {
                        expected.insert(name);
                    }
                }
            }
            let seen = overlay.merged.names()?;
            let mut filled = Vec::new();
            for lower in &overlay.lowers {
                filled.extend((!lower.names()?.is_empty()).then_some(lower));
            }
            let empty = overlay.lowers.iter().find(|lower| filled.len() < 2 && is_empty(lower));
            let missing: BTreeSet<String> = expected.difference(&seen).cloned().collect();
            let (names, shown) = (joined(&expected), joined(&seen));
            let mender = Mender::of(subject, overlay)?;
            Ok(Seen::judge(
                filled.len() > 1 && missing.is_empty(),
                text!("{names}, from two layers", "두 레이어의 {names}"),
                match filled.len() {
                    0 | 1 => text!("{shown}, from one layer", "레이어 하나의 {shown}"),
                    _ => shown,
                },
                source(&overlay.merged),
            )
            .advise(|| empty.map(advice::for_empty_layer))
            .advise(|| advice::for_names(&missing, filled.len()))
            .mend(|| empty.map_or_else(|| mender.add_layer(), |empty| mender.swap(empty))))
        })
    },
};

/// A name that two lowers have shows the left one's text. Images are built from the bottom up, so the
/// left one should be the newer.
pub static NEWER_ON_TOP: Check = Check {
    id: "newer-on-top",
    claim: Text::new(
        "the file in both layers shows the newer one's text",
        "두 레이어에 모두 있는 파일은 위 레이어의 것이 보입니다",
    ),
    hint: Text::new(
        "the first folder in lowerdir is the topmost: name the newer layer first",
        "lowerdir에서 맨 앞의 디렉터리가 맨 위 레이어입니다. 나중에 만든 레이어를 앞에 적으십시오",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let mender = Mender::of(subject, overlay)?;
            let expected =
                || Text::new("a file in both layers", "두 이미지 레이어에 모두 있는 파일");
            if overlay.lowers.len() < 2 {
                let reason = Text::new(
                    "there is one layer only, which nothing lies on",
                    "레이어가 하나뿐이라 비교할 수 없습니다",
                );
                return Ok(Seen::unknown(expected(), reason, source(&overlay.merged)));
            }
            let Some(common) = file_in_two(overlay)? else {
                let reason = Text::new(
                    "no two image layers have a file in common",
                    "두 이미지 레이어에 모두 있는 파일이 없습니다",
                );
                return Ok(Seen::open(expected(), reason, source(&overlay.merged))
                    .advise(|| Some(advice::for_common()))
                    .mend(|| mender.share_a_file()));
            };
            let (path, newest) = (common.path.as_str(), common.newest.quoted(&common.path)?);
            // Where the container's layer has another, it is the layers themselves that tell.
            let showing = if common.shows { &overlay.merged } else { common.top };
            let holds = common.newest.text(path)? == showing.text(path)?;
            Ok(Seen::judge(holds, newest, showing.quoted(path)?, file_in(showing, path))
                .advise(|| advice::for_order(&common))
                .mend(|| mender.reorder())
                .remark(|| (!common.shows).then(|| advice::covered_file(path))))
        })
    },
};

/// Mounting and reading has written nothing.
pub static NOTHING_WRITTEN: Check = Check {
    id: "nothing-written",
    claim: Text::new(
        "nothing is in the container's layer before a write",
        "수정하기 전에는 컨테이너 레이어에 아무것도 없습니다",
    ),
    hint: Text::new("was something written already?", "컨테이너 레이어에 이미 파일이 있습니까?"),
    probe: |subject, _| {
        judge(subject, |overlay| match &overlay.upper {
            Some(upper) => empty(upper),
            None => {
                let reason = Text::new("it has no upperdir", "upperdir이 없습니다");
                Ok(Seen::unknown(Text::new("nothing", "없음"), reason, source(&overlay.merged)))
            }
        })
    },
};

/// What the upper layer holds is what the merged view shows.
pub static LAYER_KEPT: Check = Check {
    id: "layer-kept",
    claim: Text::new(
        "after mounting again the container's changes are all there",
        "다시 마운트해도 컨테이너의 변경 내용이 그대로 있습니다",
    ),
    hint: Text::new("mount it again with the same upperdir", "같은 upperdir로 다시 마운트하십시오"),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let upper = upper(overlay)?;
            let mut shown = BTreeSet::new();
            let kept = upper.names()?;
            for name in &kept {
                let (above, below) = (overlay.merged.look(name)?, upper.look(name)?);
                let same = match overlay::entry(upper, name, overlay.opaque)? {
                    Entry::Whiteout => above.is_none(),
                    _ => above.zip(below).is_some_and(|(above, below)| above.is_like(&below)),
                };
                shown.extend(same.then(|| name.clone()));
            }
            let holds = shown == kept && kept.len() > 1;
            Ok(Seen::judge(holds, joined(&kept), joined(&shown), source(upper))
                .advise(|| advice::for_kept(&kept)))
        })
    },
};

/// Another container over the same images sees none of what this one's neighbour has written.
pub static IMAGES_AS_THEY_WERE: Check = Check {
    id: "images-as-they-were",
    claim: Text::new(
        "the second container sees the image layers as they were",
        "두 번째 컨테이너에는 이미지 레이어가 처음 그대로 보입니다",
    ),
    hint: Text::new(
        "give it an upperdir of its own, empty; the first container must have changed a",
        "비어 있는 전용 upperdir을 지정하십시오. 첫 번째 컨테이너에서는 a가 바뀌어 있어야 합니다",
    ),
    probe: |subject, _| {
        judge(subject, |overlay| {
            let (image, merged) = (image(overlay, "a")?.text("a")?, &overlay.merged);
            let texts = overlay.twins.iter().filter_map(|twin| twin.text("a").ok());
            let first = texts.into_iter().find(|text| *text != image);
            let seen = merged.text("a").unwrap_or_else(|error| error.to_string());
            let names = upper(overlay)?.names()?;
            let holds = seen == image && names.is_empty() && first.is_some();
            let (written, first_differs) = (joined(&names), first.is_some());
            let first = first.map_or_else(|| Text::new("the same", "같은 내용"), Text::plain);
            Ok(Seen::judge(
                holds,
                text!(
                    "{image}; written: nothing; another text in the first",
                    "{image}; 변경: 없음; 첫 번째 컨테이너: 다른 내용"
                ),
                text!(
                    "{seen}; written: {written}; in the first: {first}",
                    "{seen}; 변경: {written}; 첫 번째 컨테이너: {first}"
                ),
                file_in(merged, "a"),
            )
            .advise(|| advice::for_second(&names, first_differs)))
        })
    },
};

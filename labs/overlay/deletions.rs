//! What `lab overlay` claims of what is deleted: what hides it, and what is left of it below.

use std::collections::BTreeSet;

use super::looks::{described, file_in, joined, judge, source, upper};
use super::mends::Mender;
use super::{advice, folders};
use crate::error::Result;
use crate::lab::check::Check;
use crate::lab::finding::Seen;
use crate::probe::overlay::{self, Entry, Overlay};
use crate::text;
use crate::text::Text;

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
            let mender = Mender::of(subject, overlay)?;
            let Some((name, below)) = folders::whited_out(subject, overlay)? else {
                return nothing_deleted(&mender, overlay);
            };
            let entry = overlay::entry(upper, &name, overlay.opaque)?;
            let shown = overlay.merged.look(&name)?.is_some();
            let image = overlay.image_of(&below)?;
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
                .advise(|| advice::for_whiteout(entry, image.is_some()))
                .mend(|| mender.delete()))
        })
    },
};

/// Nothing was deleted through the merged view: nobody has tried, or an image layer has lost something.
fn nothing_deleted(mender: &Mender<'_>, overlay: &Overlay) -> Result<Seen> {
    let upper = upper(overlay)?;
    let expected = described(Entry::Whiteout);
    if let Some(folder) = folders::lost_something(overlay)? {
        let seen = text!(
            "none, but something was deleted in {folder}",
            "없음, {folder} 안에서 파일이 지워짐"
        );
        return Ok(Seen::judge(false, expected, seen, source(upper))
            .advise(|| Some(advice::for_deleted_below(&folder)))
            .mend(|| mender.delete()));
    }
    let reason = Text::new(
        "nothing was deleted through the merged view",
        "병합 뷰에서 지운 파일이 없습니다",
    );
    Ok(Seen::open(expected, reason, source(upper)).mend(|| mender.delete()))
}

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
            let mender = Mender::of(subject, overlay)?;
            let made = folders::made_anew(subject, overlay)?;
            let Some(path) = made else {
                return no_folder_made_anew(&mender, overlay);
            };
            let upper = upper(overlay)?;
            let entry = overlay::entry(upper, &path, overlay.opaque)?;
            let shown = overlay.merged.names_in(&path)?;
            let below = overlay.names_below(&path)?;
            // What was put into it since is its own, whatever it is called.
            let own = folders::own_names(overlay, &path)?;
            let strange: BTreeSet<String> = shown.difference(&own).cloned().collect();
            let holds = entry == Entry::Opaque && !below.is_empty() && strange.is_empty();
            let line = |entry: Text, shown: Text| {
                text!("{entry}; shows {shown}", "{entry}; 보이는 내용: {shown}")
            };
            Ok(Seen::judge(
                holds,
                line(described(Entry::Opaque), joined(&own)),
                line(described(entry), joined(&shown)),
                overlay.opaque,
            )
            .advise(|| advice::for_opaque(entry, &below))
            .mend(|| mender.remake()))
        })
    },
};

/// No folder was made anew: nobody has tried, or a folder was emptied, which is something else.
fn no_folder_made_anew(mender: &Mender<'_>, overlay: &Overlay) -> Result<Seen> {
    let opaque = described(Entry::Opaque);
    if let Some(path) = folders::emptied(overlay)? {
        let seen = text!(
            "{path} was emptied, and no folder made anew",
            "{path} 디렉터리를 비웠을 뿐, 다시 만든 디렉터리가 없음"
        );
        return Ok(Seen::judge(false, opaque, seen, overlay.opaque)
            .advise(|| Some(advice::for_emptied()))
            .mend(|| mender.remake()));
    }
    let reason =
        Text::new("no folder was deleted and made again", "지웠다가 다시 만든 디렉터리가 없습니다");
    Ok(Seen::open(opaque, reason, overlay.opaque).mend(|| mender.remake()))
}

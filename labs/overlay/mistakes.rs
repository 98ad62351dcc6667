//! What people get wrong with this lab, by what the kernel shows.

use std::path::Path;

use super::copies::{self, Since, Way, written_in_images};
use super::{changes, checks, deletions, folders, layout, order};
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::Mistake;
use crate::probe::folder::Folder;
use crate::probe::mountinfo;
use crate::probe::overlay::{self, Found, Overlay};
use crate::text::Text;

/// All of them; of one check the first that fits is it.
pub static ALL: &[Mistake] = &[
    Mistake {
        id: "nowhere-to-write",
        check: &checks::MOUNTED,
        name: Text::new("an overlay without upperdir", "upperdir 없이 마운트한 오버레이"),
        what_happened: Text::new(
            "with lowerdir alone the merged view is read-only, and no change can be made in it",
            "lowerdir만 있으면 병합 뷰가 읽기 전용이라 아무것도 수정할 수 없습니다",
        ),
        looks_like: |subject| with(subject, |overlay| Ok(overlay.upper.is_none())),
    },
    Mistake {
        id: "work-on-another-file-system",
        check: &checks::MOUNTED,
        name: Text::new(
            "a workdir on another file system than upperdir",
            "upperdir과 다른 파일 시스템에 있는 workdir",
        ),
        what_happened: Text::new(
            "the kernel moves files from workdir to upperdir, which works on one file system only: mount refused",
            "커널은 workdir에서 upperdir로 파일을 옮기는데, 같은 파일 시스템 안에서만 됩니다. 그래서 mount가 거부했습니다",
        ),
        looks_like: |subject| Ok(!is_mounted(subject)? && has_a_mount_beside(subject.dir()?)?),
    },
    Mistake {
        id: "one-image-only",
        check: &checks::ALL_SHOWN,
        name: Text::new("a forgotten image layer", "빠뜨린 이미지 레이어"),
        what_happened: Text::new(
            "lowerdir names one folder, and what is in the other shows nowhere",
            "lowerdir에 디렉터리가 하나뿐이라 다른 레이어의 파일이 보이지 않습니다",
        ),
        looks_like: |subject| with(subject, |overlay| Ok(overlay.lowers.len() == 1)),
    },
    Mistake {
        id: "images-in-the-wrong-order",
        check: &checks::NEWER_ON_TOP,
        name: Text::new("image layers in the wrong order", "순서가 뒤바뀐 이미지 레이어"),
        what_happened: Text::new(
            "the first folder in lowerdir is the topmost, and here that is the older layer: it hides what the newer one has",
            "lowerdir에서 맨 앞이 맨 위 레이어인데, 먼저 만든 레이어가 맨 위에서 나중 것을 가리고 있습니다",
        ),
        looks_like: |subject| {
            with(subject, |overlay| {
                let common = order::file_in_two(overlay)?;
                Ok(common.is_some_and(|common| common.top.path() != common.newest.path()))
            })
        },
    },
    Mistake {
        id: "written-past-the-view",
        check: &changes::COPIED_UP,
        name: Text::new(
            "a file written into the container's layer itself",
            "컨테이너 레이어에 직접 만든 파일",
        ),
        what_happened: Text::new(
            "upperdir was written to instead of the merged view: the kernel copied nothing, and does not know of it",
            "병합 뷰가 아니라 upperdir에 직접 기록했습니다. 커널은 아무것도 복사하지 않았고 이 변경을 모릅니다",
        ),
        looks_like: |subject| {
            with(subject, |overlay| {
                let copies = copies::all(subject, overlay, &overlay.changes()?)?;
                Ok(copies.iter().any(|copy| copy.way == Way::Past))
            })
        },
    },
    Mistake {
        id: "written-to-the-image",
        check: &changes::COPIED_UP,
        name: Text::new("a text written to the image layer", "이미지 레이어에 직접 기록한 내용"),
        what_happened: Text::new(
            "the file was changed in the image layer itself, where every other container sees it too",
            "이미지 레이어의 파일을 직접 수정해, 같은 이미지를 쓰는 다른 컨테이너에도 보입니다",
        ),
        looks_like: |subject| {
            with(subject, |overlay| Ok(written_in_images(overlay, false)?.is_some()))
        },
    },
    Mistake {
        id: "image-changed-afterwards",
        check: &changes::IMAGE_UNTOUCHED,
        name: Text::new(
            "an image layer that was written to after the copy was made",
            "복사된 뒤에 수정한 이미지 레이어",
        ),
        what_happened: Text::new(
            "an image layer stays as it is for good: other containers rest on it, and this one's copy hides the change",
            "이미지 레이어는 바뀌면 안 됩니다. 다른 컨테이너가 그 위에 있고, 이 컨테이너에서는 사본이 그 변경을 가립니다",
        ),
        looks_like: |subject| {
            with(subject, |overlay| {
                for copy in copies::all(subject, overlay, &overlay.changes()?)? {
                    let made = overlay.upper.as_ref().map(|upper| upper.look(&copy.change.path));
                    let both = made.transpose()?.flatten().zip(copies::original(overlay, &copy)?.1);
                    if let Some((made, original)) = both
                        && copies::since(overlay, &made, &original)? != Since::Nothing
                    {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
        },
    },
    Mistake {
        id: "made-in-the-image",
        check: &changes::NEW_FILE_ON_TOP,
        name: Text::new("a file made in the image layer", "이미지 레이어에 직접 만든 파일"),
        what_happened: Text::new(
            "the new file is in the image layer, where every other container will see it too",
            "새 파일이 이미지 레이어에 있어, 같은 이미지를 쓰는 다른 컨테이너에도 보입니다",
        ),
        looks_like: |subject| {
            with(subject, |overlay| Ok(written_in_images(overlay, true)?.is_some()))
        },
    },
    Mistake {
        id: "deleted-in-the-image",
        check: &deletions::WHITEOUT,
        name: Text::new("a file deleted in the image layer", "이미지 레이어에서 지운 파일"),
        what_happened: Text::new(
            "it was deleted in the image layer itself: no container has it any more, and no whiteout was needed",
            "이미지 레이어에서 직접 지워 어느 컨테이너에도 없고, 화이트아웃도 필요 없었습니다",
        ),
        looks_like: |subject| {
            with(subject, |overlay| Ok(folders::lost_something(overlay)?.is_some()))
        },
    },
    Mistake {
        id: "folder-emptied",
        check: &deletions::OPAQUE,
        name: Text::new("a folder that was only emptied", "비우기만 한 디렉터리"),
        what_happened: Text::new(
            "each file in it got a whiteout, and the folder is still the image's: only one that is made anew is opaque",
            "안의 파일마다 화이트아웃이 생겼을 뿐 디렉터리는 이미지의 것 그대로입니다. 다시 만든 디렉터리만 불투명해집니다",
        ),
        looks_like: |subject| with(subject, |overlay| Ok(folders::emptied(overlay)?.is_some())),
    },
];

/// What an overlay looks like, where there is one.
fn with(subject: &Subject, look: impl Fn(&Overlay) -> Result<bool>) -> Result<bool> {
    match overlay::find(subject.pid, &subject.root(), subject.dir()?)? {
        Found::Overlay(overlay) => look(&overlay),
        Found::Gone(_) | Found::Elsewhere(_) => Ok(false),
    }
}

fn is_mounted(subject: &Subject) -> Result<bool> {
    let dir = subject.dir()?;
    Ok(mountinfo::read()?.iter().any(|mount| mount.target == dir && overlay::is_overlay(mount)))
}

/// Whether a folder beside `dir` is on a file system of its own, and others beside it look like layers.
fn has_a_mount_beside(dir: &Path) -> Result<bool> {
    let Some(parent) = dir.parent() else { return Ok(false) };
    let mounts = mountinfo::read()?;
    let mut beside = mounts.iter().filter(|mount| mount.target.parent() == Some(parent));
    if !beside.any(|mount| !overlay::is_overlay(mount) && mount.target != dir) {
        return Ok(false);
    }
    let beside = layout::Beside::look(&Folder::open(Path::new("/"))?, parent)?;
    Ok(beside.images(dir).is_some())
}

//! What `lab overlay` claims.
//!
//! The subject's `dir` is the merged view; its layers are read from the kernel's mount table.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error, Result};
use crate::lab::{Check, Seen, Subject};
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

/// An overlay with its parts.
struct Parts {
    merged: PathBuf,
    upper: PathBuf,
    lowers: Vec<PathBuf>,
}

fn parts(subject: &Subject) -> Result<Parts> {
    let merged = subject.dir()?.to_owned();
    let layers = overlay::layers(&merged)?;
    let upper = layers.upper.ok_or_else(|| {
        Error::unable(
            Text::new("this overlay has no upperdir", "이 오버레이에는 upperdir이 없습니다"),
            Text::new(
                "mount it with upperdir and workdir",
                "upperdir과 workdir을 주고 마운트하십시오",
            ),
        )
    })?;
    Ok(Parts { merged, upper, lowers: layers.lowers })
}

impl Parts {
    /// The topmost lower that has `name`, and where.
    fn image_file(&self, name: &str) -> Option<PathBuf> {
        self.lowers.iter().map(|lower| lower.join(name)).find(|path| path.exists())
    }
}

fn text_of(path: &Path) -> Result<String> {
    Ok(fs::read_to_string(path).context("read", path.display())?.trim().to_owned())
}

fn joined(names: &BTreeSet<String>) -> Text {
    if names.is_empty() {
        return Text::new("nothing", "없음");
    }
    Text::plain(names.iter().cloned().collect::<Vec<_>>().join(" "))
}

/// A layer's name, or a file's under its layer's.
fn source(path: &Path) -> String {
    let name = super::short(path);
    match path.parent() {
        Some(layer) if !path.is_dir() => format!("{}/{name}", super::short(layer)),
        _ => name,
    }
}

fn empty(folder: &Path) -> Result<Seen> {
    let names = folder::names(folder)?;
    Ok(Seen::judge(names.is_empty(), Text::new("nothing", "없음"), joined(&names), source(folder)))
}

/// The subject's `dir` is the layer itself.
pub static CONTAINER_EMPTY: Check = Check {
    id: "container-empty",
    claim: Text::new("the container's layer is empty", "컨테이너 레이어는 비어 있습니다"),
    hint: Text::new("remove what is in it", "안에 든 것을 지우십시오"),
    probe: |subject, _| empty(subject.dir()?),
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
        let parts = parts(subject)?;
        let mut expected = BTreeSet::new();
        for lower in &parts.lowers {
            expected.extend(folder::names(lower)?);
        }
        let seen = folder::names(&parts.merged)?;
        let missing = expected.iter().any(|name| !seen.contains(name));
        Ok(Seen::judge(
            !missing && parts.lowers.len() > 1,
            joined(&expected),
            joined(&seen),
            source(&parts.merged),
        ))
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
        let parts = parts(subject)?;
        let left = parts.image_file("both").unwrap_or_default();
        let merged = parts.merged.join("both");
        Ok(Seen::equal(text_of(&left)?, text_of(&merged)?, source(&merged)))
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
    probe: |subject, _| empty(&parts(subject)?.upper),
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
        let parts = parts(subject)?;
        let copy = parts.upper.join("a");
        let merged = text_of(&parts.merged.join("a"))?;
        let seen = text_of(&copy).unwrap_or_else(|error| error.to_string());
        Ok(Seen::equal(merged, seen, source(&copy)))
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
        let parts = parts(subject)?;
        let image = parts.image_file("a").unwrap_or_default();
        let expected = Text::new("another inode, unchanged since", "다른 inode, 이후 변경 없음");
        let Ok(copy) = fs::metadata(parts.upper.join("a")) else {
            let reason = Text::new("there is no copy to compare with", "비교할 사본이 없습니다");
            return Ok(Seen::unknown(expected, reason, source(&image)));
        };
        let meta = fs::metadata(&image).context("stat", image.display())?;
        let changed = |meta: &Metadata| (meta.ctime(), meta.ctime_nsec());
        let older = changed(&meta) <= changed(&copy);
        let other = text_of(&image)? != text_of(&parts.merged.join("a"))?;
        let (inode, text) = (meta.ino(), text_of(&image)?);
        let since = match older {
            true => text!("inode {inode}, {text}", "inode {inode}, {text}"),
            false => text!("inode {inode}, {text}, changed", "inode {inode}, {text}, 변경됨"),
        };
        let holds = older && other && meta.ino() != copy.ino();
        Ok(Seen::judge(holds, expected, since, source(&image)))
    },
};

/// A name that no lower has is in the upper layer.
pub static NEW_FILE_ON_TOP: Check = Check {
    id: "new-file-on-top",
    claim: Text::new("d is in the container's layer only", "d는 컨테이너 레이어에만 있습니다"),
    hint: Text::new("make it through the merged view", "합쳐진 쪽에서 만드십시오"),
    probe: |subject, _| {
        let parts = parts(subject)?;
        let layers = std::iter::once(&parts.upper).chain(&parts.lowers);
        let holders: Vec<String> = layers
            .filter(|layer| layer.join("d").exists())
            .map(|layer| super::short(layer))
            .collect();
        let expected = super::short(&parts.upper);
        Ok(Seen::equal(expected, holders.join(" "), source(&parts.upper.join("d"))))
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
        let parts = parts(subject)?;
        let (entry, shown) = (overlay::entry(&parts.upper, "b")?, parts.merged.join("b").exists());
        let kept = parts.image_file("b").is_some();
        let seen = format!("{entry:?}, merge: {shown}, image: {kept}");
        let expected = format!("{:?}, merge: false, image: true", Entry::Whiteout);
        Ok(Seen::equal(expected, seen, source(&parts.upper.join("b"))))
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
        let parts = parts(subject)?;
        let (entry, shown) =
            (overlay::entry(&parts.upper, "dir")?, folder::names(&parts.merged.join("dir"))?);
        let below = parts.image_file("dir/old").is_some();
        let seen = format!("{entry:?}, {} shown, image has old: {below}", shown.len());
        let expected = format!("{:?}, 0 shown, image has old: true", Entry::Opaque);
        Ok(Seen::equal(expected, seen, "trusted.overlay.opaque"))
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
        let parts = parts(subject)?;
        let mut shown = BTreeSet::new();
        let mut kept = BTreeSet::new();
        for name in folder::names(&parts.upper)? {
            let (above, below) = (parts.merged.join(&name), parts.upper.join(&name));
            let same = match overlay::entry(&parts.upper, &name)? {
                Entry::Whiteout => !above.exists(),
                _ if below.is_dir() => above.is_dir(),
                _ => text_of(&above).is_ok_and(|text| text_of(&below).is_ok_and(|it| it == text)),
            };
            kept.insert(name.clone());
            shown.extend(same.then_some(name));
        }
        let holds = shown == kept && kept.len() > 1;
        Ok(Seen::judge(holds, joined(&kept), joined(&shown), source(&parts.upper)))
    },
};

/// Another container over the same images sees none of it.
pub static IMAGES_AS_THEY_WERE: Check = Check {
    id: "images-as-they-were",
    claim: Text::new(
        "the second container sees the images as they were",
        "두 번째 컨테이너에는 이미지가 처음 그대로 보입니다",
    ),
    hint: Text::new(
        "give it an upperdir of its own, empty",
        "비어 있는 자기만의 upperdir을 주십시오",
    ),
    probe: |subject, _| {
        let parts = parts(subject)?;
        let shown = |path: &Path| text_of(path).unwrap_or_else(|_| "–".to_owned());
        let of = |name: &str| {
            (shown(&parts.image_file(name).unwrap_or_default()), shown(&parts.merged.join(name)))
        };
        let ((a, seen_a), (b, seen_b)) = (of("a"), of("b"));
        let written = folder::names(&parts.upper)?.len();
        Ok(Seen::equal(
            format!("{a} | {b} | 0"),
            format!("{seen_a} | {seen_b} | {written}"),
            source(&parts.merged),
        ))
    },
};

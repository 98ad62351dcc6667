//! What by hand looks like this lab, and what it must meet.

use std::collections::HashMap;
use std::path::Path;

use nix::unistd::Pid;

use super::strangers::Strangers;
use super::{changes, checks, deletions};
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::{Candidate, Goal, Rights, Wanted};
use crate::probe::mountinfo::{self, Mount};
use crate::probe::overlay;
use crate::probe::process::{Inode, reach};
use crate::probe::survey::{Origin, Resident, Survey};
use crate::text;
use crate::text::Text;

const COMMAND: Text = Text::new(
    "mount -t overlay overlay -o lowerdir=image2:image1,upperdir=container,workdir=work merge \
     (without root, in unshare -Urm bash, and with userxattr as one more option)",
    "mount -t overlay overlay -o lowerdir=image2:image1,upperdir=container,workdir=work merge \
     (root 권한이 없다면 unshare -Urm bash 안에서, userxattr 옵션도 함께)",
);

/// What must hold at the end of the exercise.
pub static GOALS: &[Goal] = &[
    Goal {
        check: &checks::MOUNTED,
        after: &[],
        hints: &[
            Text::new(
                "what does mount -t overlay show, and which options does it lack?",
                "mount -t overlay를 실행하면 무엇이 보이고, 어떤 옵션이 빠져 있습니까?",
            ),
            Text::new(
                "an overlay that can be written to has lowerdir, upperdir and workdir; the last two on one file system",
                "쓰기 가능한 오버레이에는 lowerdir, upperdir, workdir이 모두 필요하고, upperdir과 workdir은 같은 파일 시스템에 있어야 합니다",
            ),
            COMMAND,
        ],
    },
    Goal {
        check: &checks::ALL_SHOWN,
        after: &[&checks::MOUNTED],
        hints: &[
            Text::new("how many layers are in lowerdir?", "lowerdir에 레이어가 몇 개 있습니까?"),
            Text::new(
                "lowerdir takes several folders, with a colon between them",
                "lowerdir에는 여러 디렉터리를 콜론으로 이어 적을 수 있습니다",
            ),
            COMMAND,
        ],
    },
    Goal {
        check: &checks::NEWER_ON_TOP,
        after: &[&checks::MOUNTED, &checks::ALL_SHOWN],
        hints: &[
            Text::new(
                "cat merge/both: whose text is it?",
                "cat merge/both를 실행하면 어느 레이어의 내용이 나옵니까?",
            ),
            Text::new(
                "lowerdir is read from the left, and the left one is the topmost",
                "lowerdir은 왼쪽부터 찾고, 맨 왼쪽이 맨 위 레이어입니다",
            ),
            COMMAND,
        ],
    },
    Goal {
        check: &changes::COPIED_UP,
        after: &[&checks::MOUNTED],
        hints: &[
            Text::new(
                "change a file that an image layer has: where do you write, and where does it land?",
                "이미지 레이어에 있는 파일을 수정해 보십시오. 어디에서 수정하고, 어디에 기록됩니까?",
            ),
            Text::new(
                "only what goes through the merged view is copied on write",
                "병합 뷰(merge)를 거쳐 수정해야 copy-on-write가 일어납니다",
            ),
            Text::new(
                "echo Hello, yumi >> merge/FILE, where FILE is one that an image layer has",
                "이미지 레이어에 있는 파일 FILE에 대해 echo Hello, yumi >> merge/FILE",
            ),
        ],
    },
    Goal {
        check: &changes::IMAGE_UNTOUCHED,
        after: &[&changes::COPIED_UP],
        hints: &[
            Text::new(
                "cat the file in the image layer: is it as you made it?",
                "이미지 레이어의 파일을 cat으로 확인해 보십시오. 만든 그대로입니까?",
            ),
            Text::new(
                "an image layer is never written to once it is mounted",
                "마운트한 이미지 레이어는 직접 수정하지 않습니다",
            ),
            Text::new(
                "give the image layer's file its text back; then unmount, put the copy in upperdir aside, mount again, and write through the merged view",
                "이미지 레이어의 파일을 원래 내용으로 되돌리십시오. 그런 다음 마운트를 해제하고 upperdir의 사본을 다른 곳으로 옮긴 뒤, 다시 마운트해 병합 뷰에서 수정하십시오",
            ),
        ],
    },
    Goal {
        check: &changes::NEW_FILE_ON_TOP,
        after: &[&checks::MOUNTED],
        hints: &[
            Text::new(
                "make a file that no image layer has",
                "이미지 레이어에 없는 파일을 하나 만드십시오",
            ),
            Text::new(
                "make it in merge, then look into container",
                "merge에서 만든 뒤 ls container로 확인하십시오",
            ),
            Text::new("echo Hello, d > merge/d", "echo Hello, d > merge/d"),
        ],
    },
    Goal {
        check: &deletions::WHITEOUT,
        after: &[&checks::MOUNTED],
        hints: &[
            Text::new(
                "delete a file that an image layer has",
                "이미지 레이어에 있는 파일을 지워 보십시오",
            ),
            Text::new(
                "delete it in merge, then ls -l container",
                "merge에서 지운 뒤 ls -l container로 확인하십시오",
            ),
            Text::new(
                "rm merge/FILE, where FILE is one that an image layer has",
                "이미지 레이어에 있는 파일 FILE에 대해 rm merge/FILE",
            ),
        ],
    },
    Goal {
        check: &deletions::OPAQUE,
        after: &[&checks::MOUNTED],
        hints: &[
            Text::new(
                "delete a folder that an image layer has, and make it again",
                "이미지 레이어에 있는 디렉터리를 지웠다가 다시 만들어 보십시오",
            ),
            Text::new(
                "do both in merge; the mark is an extended attribute of container/dir",
                "둘 다 merge에서 하십시오. 표시는 container/dir의 확장 속성입니다",
            ),
            Text::new(
                "rm -r merge/DIR; mkdir merge/DIR, where DIR is one that an image layer has",
                "이미지 레이어에 있는 디렉터리 DIR에 대해 rm -r merge/DIR; mkdir merge/DIR",
            ),
        ],
    },
];

/// Where whoever asks stands on an overlay, mount refuses to make another.
pub fn not_found() -> Option<Text> {
    let here = std::env::current_dir().ok()?;
    let mounts = mountinfo::read().ok()?;
    overlay::is_overlay(mountinfo::nearest(&mounts, &here)?).then_some(Text::new(
        "the folder that you are in lies on an overlay itself, as everything in a container does, and none can be \
         written to that lies on another: mount a tmpfs, and work in there",
        "현재 디렉터리가 컨테이너 안처럼 오버레이 위에 있는데, 오버레이 위에는 쓰기 가능한 오버레이를 다시 마운트할 수 \
         없습니다. tmpfs를 마운트하고 그 안에서 작업하십시오",
    ))
}

/// Each overlay that is mounted, in whatever mount namespace: once, by the device that it is, with all folders where it
/// shows.
pub fn find(survey: &Survey, wanted: &Wanted) -> Result<Vec<Candidate>> {
    let homes = homes(survey);
    let mut found = Vec::new();
    // By device; nothing where it is nobody's work whoever shows it.
    let mut seen: HashMap<String, Option<usize>> = HashMap::new();
    let mut add = |mount: &Mount, new: &dyn Fn() -> Option<Candidate>, pid, pids: &[Pid]| {
        let at = *seen.entry(mount.device.clone()).or_insert_with(|| {
            let one = new()?;
            found.push(one);
            Some(found.len() - 1)
        });
        if let Some(one) = at.and_then(|at| found.get_mut(at)) {
            let dirs = [mount.target.clone(), reach(pid, &mount.target)];
            one.dirs.extend(dirs);
            one.dirs.dedup();
            one.pids.extend(pids);
        }
    };
    let own = mountinfo::read()?;
    let strangers = Strangers::look();
    for mount in visible_overlays(&own).filter(|mount| mount.target != Path::new("/")) {
        let is_asked_for = wanted.dir.as_deref() == Some(&mount.target);
        let is_ours = !strangers.covers(mount) || is_asked_for;
        let origin = origin_of(mount, homes.get(&mount.device).copied());
        add(mount, &|| is_ours.then(|| candidate(None, mount, origin)), None, &[]);
    }
    for (resident, pids) in survey.in_other_mounts() {
        // One that ends meanwhile is left out.
        let table = mountinfo::file_of(Some(resident.pid));
        let mounts = mountinfo::read_file(&table).unwrap_or_default();
        for mount in visible_overlays(&mounts) {
            let origin = homes.get(&mount.device).copied().unwrap_or(resident.origin);
            let one = || Some(candidate(Some(resident), mount, origin));
            add(mount, &one, Some(resident.pid), &pids);
        }
    }
    let named = wanted.dir.as_deref().filter(|dir| found.iter().all(|one| !one.is_at(dir)));
    found.extend(named.map(bare_folder));
    Ok(found)
}

/// The overlays of a mount table that no other mount on the same folder covers.
fn visible_overlays(mounts: &[Mount]) -> impl Iterator<Item = &Mount> {
    mounts.iter().enumerate().filter_map(|(at, mount)| {
        let later = mounts.get(at + 1..).unwrap_or_default();
        let covered = later.iter().any(|other| other.target == mount.target);
        (overlay::is_overlay(mount) && !covered).then_some(mount)
    })
}

/// Overlays in which processes have their root, by device, and the likeliest origin of those: that is
/// what a runtime's container looks like.
fn homes(survey: &Survey) -> HashMap<String, Origin> {
    let mut homes: HashMap<String, Origin> = HashMap::new();
    let ours = Inode::of(Path::new("/")).ok();
    for resident in survey.residents() {
        let root = Inode::of_root(resident.pid).ok().filter(|root| Some(*root) != ours);
        let Some(root) = root else { continue };
        let device = format!("{}:{}", root.device.0, root.device.1);
        let origin = homes.entry(device).or_insert(resident.origin);
        *origin = resident.origin.min(*origin);
    }
    homes
}

/// One that nobody lives in was mounted by somebody here, unless it cannot be written to, as a system's
/// own extensions.
fn origin_of(mount: &Mount, home: Option<Origin>) -> Origin {
    let writable = mount.options.split(',').any(|option| option.starts_with("upperdir="));
    home.unwrap_or(if writable { Origin::Kin } else { Origin::Elsewhere })
}

fn candidate(resident: Option<&Resident>, mount: &Mount, origin: Origin) -> Candidate {
    let pid = resident.map(|resident| resident.pid);
    let (target, subject) = (mount.target.display(), Subject { pid, ..Subject::default() });
    let what = match resident.map(Resident::named) {
        None => Text::plain(target),
        Some(named) => {
            text!("{target}, seen by {named}", "{target} ({named}의 마운트 네임스페이스)")
        }
    };
    let mut candidate = Candidate::named(subject.at(&mount.target), what);
    candidate.origin = origin;
    candidate.pids.extend(pid);
    candidate.rights = pid.map_or(Rights::Asker, Rights::Process);
    candidate.dirs.clear();
    candidate
}

fn bare_folder(dir: &Path) -> Candidate {
    let shown = dir.display();
    let what = text!("{shown}, no overlay", "{shown}, 오버레이 아님");
    Candidate::owned(Subject::directory(dir), what)
}

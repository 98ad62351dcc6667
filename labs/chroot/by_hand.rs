//! What by hand looks like this lab, and what it must meet.

use std::collections::HashMap;
use std::path::Path;

use nix::unistd::Pid;

use super::{checks, content, libraries, trees};
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::{Candidate, Goal, Wanted};
use crate::probe::namespace;
use crate::probe::process::{self, Inode};
use crate::probe::survey::{Origin, Resident, Survey};
use crate::text;
use crate::text::Text;
use crate::visit::kind::Kind;

const COMMAND: Text = Text::new(
    "chroot newroot /bin/bash (without root: unshare -Ur /usr/sbin/chroot newroot /bin/bash)",
    "chroot newroot /bin/bash (root 권한이 없다면 unshare -Ur /usr/sbin/chroot newroot /bin/bash)",
);

const TAKE_OUT: Text = Text::new(
    "take out what you have copied there beside bash, ls and what they need; what is mounted there (findmnt), unmount first: rm would delete what it shows",
    "bash와 ls, 그 둘에 필요한 파일 말고 직접 복사한 것을 빼십시오. 마운트된 것(findmnt로 확인)은 먼저 마운트를 해제해야 합니다. rm을 쓰면 원본이 지워집니다",
);

/// What must hold at the end of the exercise.
pub static GOALS: &[Goal] = &[
    Goal {
        check: &libraries::LIBRARIES_RESOLVE,
        after: &[],
        hints: &[
            Text::new(
                "bash and ls are dynamically linked: which files do they need to start?",
                "bash와 ls는 동적 링크 프로그램입니다. 실행하려면 어떤 파일이 더 필요합니까?",
            ),
            Text::new(
                "ldd /bin/bash /bin/ls lists them; the line without => is the loader, and it must be copied too",
                "ldd /bin/bash /bin/ls로 알 수 있습니다. =>가 없는 줄이 로더이고, 이것도 복사해야 합니다",
            ),
            Text::new(
                "for f in $(ldd /bin/bash /bin/ls | grep -o '/lib[^ )]*' | sort -u); do mkdir -p newroot${f%/*}; cp $f newroot$f; done",
                "for f in $(ldd /bin/bash /bin/ls | grep -o '/lib[^ )]*' | sort -u); do mkdir -p newroot${f%/*}; cp $f newroot$f; done",
            ),
        ],
    },
    Goal {
        check: &checks::BASH_RUNS,
        after: &[&libraries::LIBRARIES_RESOLVE],
        hints: &[
            Text::new(
                "which error does the kernel return when you start it?",
                "직접 실행하면 커널이 어떤 오류를 반환합니까?",
            ),
            Text::new(
                "a file must be executable, and built for this processor: ls -l newroot/bin/bash",
                "실행 권한이 있고 이 CPU용으로 만들어진 파일이어야 합니다. ls -l newroot/bin/bash",
            ),
            Text::new("cp /bin/bash newroot/bin/bash", "cp /bin/bash newroot/bin/bash"),
        ],
    },
    Goal {
        check: &checks::ROOT_MOVED,
        after: &[&checks::BASH_RUNS],
        hints: &[
            Text::new(
                "a tree is only a tree: some process must have it as its root",
                "디렉터리 트리를 만들었을 뿐입니다. 이 트리를 루트로 쓰는 프로세스가 있어야 합니다",
            ),
            Text::new(
                "chroot starts a program there; leave it open and verify in another terminal",
                "chroot로 그 안에서 프로그램을 실행하고, 종료하지 않은 채 다른 터미널에서 확인하십시오",
            ),
            COMMAND,
        ],
    },
    Goal {
        check: &content::ONLY_THREE,
        after: &[&checks::ROOT_MOVED],
        hints: &[
            Text::new(
                "ls /bin in the new root: what is there beside bash and ls?",
                "새 루트 안에서 ls /bin을 실행하면 bash와 ls 말고 무엇이 더 보입니까?",
            ),
            Text::new(
                "a container's root holds what it needs and no more",
                "컨테이너의 루트에는 필요한 것만 있어야 합니다",
            ),
            TAKE_OUT,
        ],
    },
    Goal {
        check: &content::OUTSIDE_UNREACHABLE,
        after: &[&checks::ROOT_MOVED],
        hints: &[
            Text::new(
                "type date in the new root: why does it work?",
                "새 루트 안에서 date를 실행해 보십시오. 왜 실행됩니까?",
            ),
            Text::new(
                "only bash and ls were to be copied, and no folder bound into the tree",
                "bash와 ls만 복사하고, 어떤 디렉터리도 트리에 바인드 마운트하지 않습니다",
            ),
            TAKE_OUT,
        ],
    },
    Goal {
        check: &checks::PID_NAMESPACE_SHARED,
        after: &[&checks::ROOT_MOVED],
        hints: &[
            Text::new(
                "this lab is about the root alone: what else was separated?",
                "이 실습에서는 루트만 바꿉니다. 그 밖에 무엇이 더 격리되었습니까?",
            ),
            Text::new(
                "unshare belongs to the next lab; start bash with chroot alone",
                "unshare는 다음 실습의 내용입니다. chroot만으로 bash를 실행하십시오",
            ),
            COMMAND,
        ],
    },
];

/// Where whoever asks is in a chroot, they may stand in what was to be judged.
pub fn not_found() -> Option<Text> {
    let ours = Inode::of(Path::new("/")).ok();
    let first = Inode::of_root(Pid::from_raw(1)).ok();
    (first.is_some() && first != ours).then(|| {
        Text::new(
            "this shell is in a new root itself: if it is what you mean, open a second terminal outside, and verify there",
            "이 셸의 루트가 이미 새 루트입니다. 이것을 검증하려면 바깥에서 두 번째 터미널을 열고 실행하십시오",
        )
    })
}

/// Each directory other than ours that is the root of some process, by the process that shows most; and where nobody of
/// theirs lives in any, the trees in which somebody could.
pub fn find(survey: &Survey, wanted: &Wanted) -> Result<Vec<Candidate>> {
    let ours = Inode::of(Path::new("/"))?;
    let mut homes: Vec<Vec<&Resident>> = Vec::new();
    let mut known: HashMap<Inode, usize> = HashMap::new();
    for resident in survey.residents() {
        // One that ends, or that we may not look into, is left out.
        let root = Inode::of_root(resident.pid).ok().filter(|root| *root != ours);
        let Some(root) = root else { continue };
        let at = *known.entry(root).or_insert(homes.len());
        homes.resize_with(homes.len().max(at + 1), Vec::new);
        homes.get_mut(at).into_iter().for_each(|home| home.push(resident));
    }
    let mut found: Vec<Candidate> =
        homes.iter().filter_map(|home| candidate(home, wanted)).collect();
    // A tree that no process lives in yet, because its bash does not start.
    let named = wanted.dir.as_deref().filter(|dir| found.iter().all(|one| !one.is_at(dir)));
    found.extend(named.map(|dir| bare_tree(survey, dir)));
    if !wanted.is_any() && found.iter().all(|one| one.origin > Origin::Login) {
        let folders = trees::working_folders(survey);
        // Where nothing tells whose a process is, the place of its root does.
        let is_there = |one: &Candidate| {
            let root = one.subject.pid.and_then(|pid| process::root(pid).ok());
            root.is_some_and(|root| trees::is_in(&root, &folders))
        };
        if !found.iter().any(is_there) {
            let is_known = |inode| inode == ours || known.contains_key(&inode);
            let trees = trees::unused(&folders, &is_known);
            found.extend(trees.iter().map(|dir| bare_tree(survey, dir)));
        }
    }
    Ok(found)
}

/// The processes `home` of one root, by the one that was asked for; or the oldest of those that were set apart least, for
/// one that was started anew, with the root alone, mends what another has too much.
fn candidate(home: &[&Resident], wanted: &Wanted) -> Option<Candidate> {
    let ours = |kind| namespace::of(Pid::this(), kind).ok();
    let (numbers, mounts) = (ours(Kind::Pid), ours(Kind::Mnt));
    let is_apart = |pid, kind, ours: &Option<String>| namespace::of(pid, kind).ok() != *ours;
    // The oldest come first, and of equals the first is taken.
    let chosen = home.iter().copied().min_by_key(|resident| {
        let pid = resident.pid;
        let is_other = wanted.pid.is_some_and(|wanted| wanted != pid);
        (is_other, is_apart(pid, Kind::Pid, &numbers), is_apart(pid, Kind::Mnt, &mounts))
    })?;
    let root = process::root_dir(chosen.pid).ok()?;
    let (named, shown) = (chosen.named(), root.display());
    let mut candidate = Candidate::of(
        chosen,
        Subject::process(chosen.pid).at(&root),
        text!("{named}, its root {shown}", "{named}, 루트 {shown}"),
    );
    home.iter().for_each(|resident| candidate.take_in(resident));
    Some(candidate)
}

fn bare_tree(survey: &Survey, dir: &Path) -> Candidate {
    let shown = dir.display();
    let outside = trees::outside_of(survey, dir).map(|resident| resident.pid);
    Candidate::owned(
        Subject::directory(dir).with(outside),
        text!("{shown}, the root of no process", "{shown}, 아무 프로세스의 루트도 아님"),
    )
}

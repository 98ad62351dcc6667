//! What `lab chroot` claims of what is in the new root: just enough, and nothing of the machine's.

use std::path::{Path, PathBuf};

use super::programs::{self, OUTSIDE};
use super::{advice, holds, mends, outside};
use crate::error::Result;
use crate::lab::check::{Check, Subject};
use crate::lab::finding::Seen;
use crate::probe::{folder, process, tree};
use crate::text;
use crate::text::Text;

/// The root of the process itself: a copy of it has lost what is mounted in it, once a program was tried in there.
///
/// # Errors
/// When there is no process.
pub fn inside(subject: &Subject) -> Result<PathBuf> {
    Ok(process::reach(Some(subject.pid()?), Path::new("/")))
}

/// The tree holds what the two programs need, and is not the machine's own programs once more.
pub static ONLY_THREE: Check = Check {
    id: "only-three",
    claim: Text::new(
        "of the host's programs the new root holds bash and ls, and few others",
        "호스트의 프로그램은 bash와 ls 정도입니다",
    ),
    hint: Text::new(
        "only bash and ls were to be copied, and what they need to start",
        "bash와 ls, 그리고 실행에 필요한 파일만 복사해야 합니다",
    ),
    probe: |subject, _| {
        let (root, source) = (subject.root(), format!("/proc/{}/root", subject.pid()?));
        let (expected, dir) = (Text::plain("bin lib lib64"), subject.dir()?);
        let top = folder::names(&root)?.into_iter().collect::<Vec<_>>().join(" ");
        // A system of its own is not this machine's programs, however many it has.
        if holds::is_distribution(&root) {
            return Ok(Seen::judge(true, expected, Text::plain(top), source)
                .remark(|| Some(holds::DISTRIBUTION)));
        }
        // A copy has lost what is mounted in it, and what the programs need was claimed of it before.
        let is_copy = subject.seen_from.is_some();
        if !is_copy && !programs::missing(&root).is_empty() {
            let seen = Seen::judge(false, expected, Text::plain(top), source);
            return Ok(advice::to_copy(seen, &root, dir));
        }
        let held = holds::look(&root)?;
        let (count, names) = (held.programs.len(), held.program_names());
        if count > holds::A_FEW {
            let seen = text!(
                "{count} more of the host's programs: {names}",
                "호스트의 다른 프로그램 {count}개: {names}"
            );
            return Ok(Seen::judge(false, expected, seen, source)
                .mend(|| mends::without(dir, &held.programs)));
        }
        Ok(Seen::judge(true, expected, Text::plain(top), source).remark(|| held.remark()))
    },
};

/// Nothing of the machine's is there inside: no path of it, and nothing by a mount or a link.
pub static OUTSIDE_UNREACHABLE: Check = Check {
    id: "outside-unreachable",
    claim: Text::new(
        "a path outside cannot be named",
        "새 루트 바깥의 파일은 어떤 경로로도 가리킬 수 없습니다",
    ),
    hint: Text::new(
        "a bind mount leads out, or the file was copied in",
        "바깥으로 이어지는 바인드 마운트가 있거나, 파일이 복사되어 있습니다",
    ),
    probe: |subject, _| {
        let (pid, dir) = (subject.pid()?, subject.dir()?);
        let (enoent, source) = (|| Text::plain("ENOENT"), format!("/proc/{pid}/root{OUTSIDE}"));
        let mounted = outside::mounted(pid, dir)?;
        if let Some(bound) = mounted.bound.first() {
            let (target, shown) = (bound.mount.target.display(), bound.source.display());
            let seen = text!(
                "{target} is the host's {shown}",
                "새 루트 안의 {target} 경로가 호스트의 {shown} 경로와 같음"
            );
            return Ok(Seen::judge(false, enoent(), seen, format!("/proc/{pid}/mountinfo"))
                .advise(|| Some(advice::for_bound(dir, bound)))
                .mend(|| mends::unbound(subject, pid, &mounted.bound)));
        }
        let linked = outside::linked(&tree::look_through(&subject.root())?.files);
        if let Some(one) = linked.first() {
            let (inside, shown) = (one.inside.display(), one.outside.display());
            let seen = text!(
                "/{inside} is the host's {shown}, the same inode",
                "새 루트 안의 /{inside} 파일이 호스트의 {shown} 파일과 같은 inode"
            );
            return Ok(Seen::judge(false, enoent(), seen, "statx")
                .advise(|| Some(advice::LINKED))
                .mend(|| mends::unlinked(dir, &linked)));
        }
        let reached =
            outside::has_date(&inside(subject)?)? && !holds::is_distribution(&subject.root());
        let seen = if reached { Text::new("it opens", "열림") } else { enoent() };
        Ok(Seen::judge(!reached, enoent(), seen, source)
            .advise(|| advice::for_reached(pid, OUTSIDE))
            .mend(|| mends::without_date(dir))
            .remark(|| mounted.remark()))
    },
};

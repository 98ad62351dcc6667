//! What `lab chroot` claims of the way out: that a chroot has one, and that after pivot_root(2) there is none.

use super::advice;
use super::programs::OUTSIDE;
use crate::lab::check::Check;
use crate::lab::finding::Seen;
use crate::probe::{mountinfo, process};
use crate::text::Text;

/// The process has the machine's root again.
pub static WALKED_OUT: Check = Check {
    id: "walked-out",
    claim: Text::new(
        "once it is out, its root is the host's root again",
        "탈출한 뒤에는 루트가 다시 호스트의 루트입니다",
    ),
    hint: Text::new(
        "the way out needs root and an open directory",
        "탈출하려면 root 권한과 열어 둔 디렉터리가 있어야 합니다",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let out = process::shares_our_root(pid)?;
        let root = process::root(pid)?;
        let seen = Text::plain(root.display());
        Ok(Seen::judge(out, Text::plain("/"), seen, format!("/proc/{pid}/root")))
    },
};

/// The walk has not led out.
pub static PIVOT_HOLDS: Check = Check {
    id: "pivot-holds",
    claim: Text::new(
        "after pivot_root the same way up ends in the new root",
        "pivot_root 뒤에는 같은 방법을 써도 새 루트를 벗어나지 못합니다",
    ),
    hint: Text::new(
        "the old root must be unmounted after pivot_root",
        "pivot_root 뒤에 옛 루트의 마운트를 해제해야 합니다",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let reached = process::reaches(pid, OUTSIDE)?;
        let out = process::shares_our_root(pid)?;
        let seen = if reached {
            Text::new("the host's files", "호스트의 파일")
        } else {
            Text::plain("ENOENT")
        };
        let expected = Text::plain("ENOENT");
        Ok(Seen::judge(!out && !reached, expected, seen, format!("/proc/{pid}/root{OUTSIDE}"))
            .advise(|| if out { None } else { advice::for_reached(pid, OUTSIDE) }))
    },
};

/// The host's file systems are not even mounted in there.
pub static HOST_NOT_MOUNTED: Check = Check {
    id: "host-not-mounted",
    claim: Text::new(
        "the new root is the only mount in its mount namespace",
        "이 마운트 네임스페이스에는 새 루트 마운트 하나만 남아 있습니다",
    ),
    hint: Text::new(
        "after pivot_root the old root has to be detached, and nothing be mounted in the new one",
        "pivot_root 뒤에 옛 루트를 떼어 내야 하고, 새 루트에 더 마운트된 것이 없어야 합니다",
    ),
    probe: |subject, _| {
        let source = mountinfo::file_of(Some(subject.pid()?));
        let targets: Vec<String> = mountinfo::read_file(&source)?
            .iter()
            .map(|mount| mount.target.display().to_string())
            .collect();
        let seen = match targets.len() {
            1 => targets.join(" "),
            count => format!(
                "{count}: {}",
                targets.iter().take(3).cloned().collect::<Vec<_>>().join(" ")
            ),
        };
        let source = source.display().to_string();
        Ok(Seen::judge(targets == ["/"], Text::plain("/"), Text::plain(seen), source))
    },
};

//! What to do about what a check of this lab saw: in the lab, the new root is called newroot, as the course calls it; to a
//! student it is called as they call it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::Pid;

use super::mends;
use super::outside::Bound;
use super::programs;
use crate::error::Error;
use crate::lab::check::Subject;
use crate::lab::finding::{Seen, Verdict};
use crate::probe::process::{self, Inode};
use crate::text;
use crate::text::Text;
use crate::visit::program::Output;
use crate::visit::view;

/// The command that puts `program` in, where it is not there.
pub fn absent(root: &Path, program: &str) -> Option<Text> {
    let answer = view::open_in(root, Path::new(program)).err()?.errno();
    (answer == Some(Errno::ENOENT)).then(|| Text::plain(format!("cp {program} newroot/bin/")))
}

/// Why bash did not fail as it should for want of its interpreter.
pub fn for_no_interpreter(root: &Path, answer: Option<Errno>) -> Option<Text> {
    match answer {
        Some(Errno::EACCES) => Some(Text::plain("chmod +x newroot/bin/bash")),
        _ => absent(root, "/bin/bash"),
    }
}

/// Which of the three folders is not there.
pub fn for_folders(names: &[String]) -> Option<Text> {
    let missing =
        ["bin", "lib", "lib64"].into_iter().find(|name| names.iter().all(|it| it != name))?;
    Some(Text::plain(format!("mkdir newroot/{missing}")))
}

/// `seen`, with the command that copies what the programs lack in the tree `root` as advice and as mend.
pub fn to_copy(seen: Seen, root: &Path, dir: &Path) -> Seen {
    if seen.verdict() == Verdict::Pass {
        return seen;
    }
    let command = mends::to_start(root, dir);
    seen.advise(|| command.clone().map(Text::plain)).mend(|| command)
}

/// `seen`, with why bash did not start, or how it ended, and what mends it.
pub fn for_bash(
    seen: Seen,
    root: &Path,
    subject: &Subject,
    answer: &Result<Output, Error>,
) -> Seen {
    let Ok(dir) = subject.dir() else { return seen };
    let (bash, shown) = (programs::bash(root), dir.display());
    let file = programs::file(root, Path::new(bash));
    match answer.as_ref().err().and_then(Error::errno) {
        Some(Errno::EACCES) if file.as_ref().is_some_and(mends::is_noexec) => seen
            .advise(|| {
                Some(text!(
                    "{shown} is on a file system that is mounted noexec: build the tree elsewhere, or mount it with exec",
                    "{shown} 디렉터리가 noexec로 마운트한 파일 시스템에 있습니다. 다른 곳에 트리를 만들거나 exec로 마운트하십시오"
                ))
            })
            .mend(|| mends::allow_programs(dir)),
        Some(Errno::EACCES) if file.and_then(|it| it.metadata().ok()).is_some_and(|it| it.mode() & 0o111 != 0o111) => {
            let command = mends::make_executable(dir, bash);
            seen.advise(|| command.clone().map(Text::plain)).mend(|| command)
        }
        Some(Errno::ENOEXEC) => {
            let command = mends::copy(dir, &[PathBuf::from("/bin/bash")]);
            let advised = command.clone();
            seen.advise(|| {
                let command = advised?;
                Some(text!(
                    "{shown}{bash} is no program of this machine's: `{command}`",
                    "{shown}{bash}: 이 시스템의 프로그램이 아닙니다. `{command}`"
                ))
            })
            .mend(|| command)
        }
        _ => to_copy(seen, root, dir).mend(|| mends::copy_all(dir)),
    }
}

/// How a file of the machine's came to be in the root of `pid`: over a mount, or as a copy.
pub fn for_reached(pid: Pid, path: &str) -> Option<Text> {
    let root = format!("/proc/{pid}/root");
    let inode = |path: &Path| Inode::of(path).ok();
    let file = inode(&process::within(Path::new(&root), Path::new(path)))?;
    match inode(Path::new(path)) == Some(file) {
        true => Some(text!(
            "{path} in there is the host's own file, seen through a mount: /proc/{pid}/mountinfo shows it",
            "새 루트 안의 {path} 파일은 마운트를 통해 보이는 호스트의 파일입니다. /proc/{pid}/mountinfo를 확인하십시오"
        )),
        false => Some(text!(
            "a {path} was put into the new root: only bash and ls belong there",
            "새 루트에 {path} 파일이 들어 있습니다. bash와 ls만 있어야 합니다"
        )),
    }
}

/// What to do about hard links.
pub const LINKED: Text = Text::new(
    "ln gives the host's own file another name: what is changed in there is changed on the host; copy it with cp",
    "ln은 호스트의 파일에 이름을 하나 더 붙일 뿐이라, 새 루트 안에서 고치면 호스트의 파일이 바뀝니다. cp로 복사하십시오",
);

/// What to do about what is bound into the tree.
pub fn for_bound(dir: &Path, bound: &Bound) -> Text {
    let (target, source, dir) =
        (bound.mount.target.display(), bound.source.display(), dir.display());
    text!(
        "{target} in there is the host's {source}, seen through a mount: look with `findmnt --submounts --target {dir}`, unmount that, and copy what is needed; rm would delete what it shows",
        "새 루트 안의 {target} 경로에 호스트의 {source} 경로가 마운트되어 있습니다. `findmnt --submounts --target {dir}` 명령으로 확인하고 마운트를 해제한 뒤 필요한 파일만 복사하십시오. rm을 쓰면 원본이 지워집니다"
    )
}

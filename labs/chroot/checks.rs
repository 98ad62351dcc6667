//! What `lab chroot` claims.
//!
//! The subject's `dir` is the new root, its `pid` a process that lives there.

use std::path::Path;

use nix::errno::Errno;

use super::{advice, content, libraries, mends, programs, trees, walks};
use crate::error::Error;
use crate::lab::check::{Check, Subject};
use crate::lab::finding::Seen;
use crate::probe::{elf, folder, namespace, process};
use crate::text;
use crate::text::Text;
use crate::visit::kind::Kind;
use crate::visit::place::Place;
use crate::visit::program::{self, Output};
use crate::visit::view;

/// All of them, in the order in which the lab proves them.
pub static ALL: &[&Check] = &[
    &TREE_EMPTY,
    &NO_INTERPRETER,
    &libraries::PROGRAMS_RESOLVE,
    &libraries::LIBRARIES_RESOLVE,
    &BASH_RUNS,
    &ROOT_MOVED,
    &content::ONLY_THREE,
    &content::OUTSIDE_UNREACHABLE,
    &PID_NAMESPACE_SHARED,
    &walks::WALKED_OUT,
    &walks::PIVOT_HOLDS,
    &walks::HOST_NOT_MOUNTED,
];

/// The tree is there, with nothing in it but empty folders.
pub static TREE_EMPTY: Check = Check {
    id: "tree-empty",
    claim: Text::new("the new root holds no file yet", "새 루트에는 아직 파일이 없습니다"),
    hint: Text::new(
        "take out again what you have put into newroot/bin, newroot/lib or newroot/lib64",
        "newroot/bin, newroot/lib, newroot/lib64에 직접 넣은 파일을 빼십시오",
    ),
    probe: |subject, _| {
        let dir = subject.dir()?;
        let source = "newroot/{bin,lib,lib64}";
        let there: Vec<String> = folder::names(dir)?.into_iter().collect();
        if let Some(hint) = advice::for_folders(&there) {
            let expected = Text::new("three folders", "디렉터리 셋");
            let seen = Text::plain(there.join(" "));
            return Ok(Seen::judge(false, expected, seen, source).advise(|| Some(hint)));
        }
        let mut files = 0;
        for name in ["bin", "lib", "lib64"] {
            files += folder::names(&dir.join(name))?.len();
        }
        Ok(Seen::judge(
            files == 0,
            Text::new("0 files", "파일 0개"),
            text!("{files} files", "파일 {files}개"),
            source,
        ))
    },
};

/// bash cannot start for want of its interpreter.
pub static NO_INTERPRETER: Check = Check {
    id: "no-interpreter",
    claim: Text::new(
        "bash is there, and cannot start because its interpreter is not",
        "bash는 있지만 인터프리터가 없어 실행되지 않습니다",
    ),
    hint: Text::new(
        "its interpreter, the loader, is in the new root already: a later step puts it there",
        "인터프리터인 로더가 새 루트에 이미 있습니다. 로더는 뒤의 단계에서 복사합니다",
    ),
    probe: |subject, _| {
        let root = subject.dir()?;
        let there = view::open_in(root, Path::new("/bin/bash")).is_ok();
        let answer = match program::run(&Place::root(root), &["/bin/bash", "-c", "exit"]) {
            Err(error) if error.is_stop() => return Err(error),
            other => other.err(),
        };
        let errno = answer.and_then(|error| error.errno());
        let shown = errno.map_or_else(|| "0".to_owned(), |errno| format!("{errno:?}"));
        Ok(Seen::judge(
            there && errno == Some(Errno::ENOENT),
            Text::plain("newroot/bin/bash, ENOENT"),
            match there {
                true => Text::plain(format!("newroot/bin/bash, {shown}")),
                false => Text::new("no newroot/bin/bash", "newroot/bin/bash가 없음"),
            },
            "execve(\"/bin/bash\")",
        )
        .advise(|| advice::for_no_interpreter(root, errno)))
    },
};

/// bash starts in the new root.
pub static BASH_RUNS: Check = Check {
    id: "bash-runs",
    claim: Text::new(
        "bash starts in the new root and exits with 0",
        "새 루트 안에서 bash가 종료 코드 0으로 끝납니다",
    ),
    hint: Text::new(
        "chroot into it by hand and read what bash says",
        "직접 chroot해서 bash의 메시지를 읽어 보십시오",
    ),
    probe: |subject, _| {
        let (expected, source) = (Text::plain("exit 0"), "execve, waitpid");
        let root = subject.tree()?;
        let bash = programs::bash(&root);
        // Before it is tried: what is mounted in a tree goes with the trial.
        let for_some_only = elf::is_for_some_only(&root, bash);
        let answer = program::try_out(&root, &[bash, "-c", "exit 0"]);
        let seen = match &answer {
            Ok(Output { status: None, .. }) => {
                let seen = Text::new("a signal ended it", "시그널로 종료됨");
                Seen::judge(false, expected, seen, source)
            }
            Ok(Output { status: Some(status), text }) => {
                let seen = format!("exit {status} {}", beginning(text));
                Seen::judge(*status == 0, expected, Text::plain(seen.trim_end()), source)
            }
            Err(error) if error.is_stop() => return Err(error.clone()),
            Err(error) if says_nothing(error, for_some_only) => {
                Seen::unknown(expected, Text::plain(error), source)
            }
            Err(error) => Seen::judge(false, expected, Text::plain(error), source),
        };
        Ok(advice::for_bash(seen, &root, subject, &answer))
    },
};

/// Whether an error tells nothing of the program: it was not come to, or those who tried it may not run what others
/// may.
fn says_nothing(error: &Error, for_some_only: bool) -> bool {
    match error {
        Error::Sys(sys) if sys.call != "execve" => true,
        Error::Sys(sys) if sys.errno() == Errno::EACCES => for_some_only,
        _ => error.errno() != Some(Errno::ENOENT) && error.is_refusal(),
    }
}

/// The first letters of what may be long.
fn beginning(text: &str) -> String {
    const LETTERS: usize = 120;
    text.chars().take(LETTERS).collect()
}

/// The root of the process is the new root, and not ours.
pub static ROOT_MOVED: Check = Check {
    id: "root-moved",
    claim: Text::new("the new root is the root of the process", "프로세스의 루트가 새 루트입니다"),
    hint: Text::new("start a program with `chroot DIR`", "`chroot DIR`로 프로그램을 실행하십시오"),
    probe: |subject, _| {
        let dir = subject.dir()?;
        let expected = Text::plain(dir.display());
        let Some(pid) = subject.pid else {
            return Ok(nobody_inside(subject, expected).mend(|| mends::enter(subject)));
        };
        Ok(Seen::judge(
            process::has_root(pid, dir)? && !process::shares_our_root(pid)?,
            expected,
            Text::plain(process::root(pid)?.display()),
            format!("/proc/{pid}/root"),
        )
        .mend(|| mends::enter(subject)))
    },
};

/// That no process lives in the tree: somebody has started its bash without it, or nobody has tried yet.
fn nobody_inside(subject: &Subject, expected: Text) -> Seen {
    let source = "/proc/*/root";
    let seen = match subject.others.first() {
        Some(pid) => {
            let seen = text!(
                "{pid} runs the bash in it, and has another root",
                "PID {pid} 프로세스는 그 안의 bash를 실행하지만 루트가 다름"
            );
            Seen::judge(false, expected, seen, format!("/proc/{pid}/root"))
        }
        // Who may copy its mounts is root, and sees everybody's processes.
        None if subject.seen_from.is_none() && !subject.dir().is_ok_and(trees::is_for_us) => {
            let seen = Text::new(
                "it is another user's, whose processes only root sees: `sudo lab verify chroot`",
                "다른 사용자의 디렉터리이고, 그 사용자의 프로세스는 root만 볼 수 있습니다: `sudo lab verify chroot`",
            );
            Seen::unknown(expected, seen, source)
        }
        None => {
            let seen = Text::new(
                "no process has it as its root",
                "이 디렉터리를 루트로 쓰는 프로세스 없음",
            );
            Seen::open(expected, seen, source)
        }
    };
    seen.advise(|| {
        let command = mends::enter(subject)?;
        Some(text!(
            "start bash with `{command}`, leave it open, and verify in another terminal",
            "`{command}` 명령으로 bash를 실행해 둔 채 다른 터미널에서 확인하십시오"
        ))
    })
}

/// chroot is no namespace.
pub static PID_NAMESPACE_SHARED: Check = Check {
    id: "pid-namespace-shared",
    claim: Text::new(
        "the PID namespace in the new root is the one outside",
        "새 루트 안의 프로세스도 바깥과 같은 PID 네임스페이스를 씁니다",
    ),
    hint: Text::new("was unshare used as well?", "unshare도 함께 사용하지 않았습니까?"),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let ours = namespace::ours(Kind::Pid)?;
        Ok(Seen::equal(ours, namespace::of(pid, Kind::Pid)?, format!("/proc/{pid}/ns/pid"))
            .mend(|| mends::enter(subject)))
    },
};

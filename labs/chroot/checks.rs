//! What `lab chroot` claims.
//!
//! The subject's `dir` is the new root, its `pid` a process that lives there.

use std::path::Path;

use nix::errno::Errno;

use crate::error::{Error, Result};
use crate::kernel::place::Place;
use crate::kernel::program::{self, Output};
use crate::lab::{Check, Seen};
use crate::probe::namespace::Kind;
use crate::probe::{elf, folder, mountinfo, namespace, process};
use crate::text;
use crate::text::Text;

/// All of them, in the order in which the lab proves them.
pub static ALL: &[&Check] = &[
    &TREE_EMPTY,
    &NO_INTERPRETER,
    &PROGRAMS_RESOLVE,
    &LIBRARIES_RESOLVE,
    &BASH_RUNS,
    &ROOT_MOVED,
    &ONLY_THREE,
    &OUTSIDE_UNREACHABLE,
    &PID_NAMESPACE_SHARED,
    &WALKED_OUT,
    &PIVOT_HOLDS,
    &HOST_NOT_MOUNTED,
];

/// A program that a machine has and a new root has not, unless somebody put it there.
const OUTSIDE: &str = "/bin/date";
const BASH: &str = "/bin/bash";

/// The tree is there, with nothing in it but empty folders.
pub static TREE_EMPTY: Check = Check {
    id: "tree-empty",
    claim: Text::new("the new root holds no file yet", "새 루트에는 아직 파일이 없습니다"),
    hint: Text::new("remove what is in bin, lib and lib64", "bin, lib, lib64 안의 것을 지우십시오"),
    probe: |subject, _| {
        let dir = subject.dir()?;
        let mut files = 0;
        for name in ["bin", "lib", "lib64"] {
            files += folder::names(&dir.join(name))?.len();
        }
        Ok(Seen::judge(
            files == 0,
            Text::new("0 files", "파일 0개"),
            text!("{files} files", "파일 {files}개"),
            "newroot/{bin,lib,lib64}",
        ))
    },
};

/// bash cannot start for want of its interpreter.
pub static NO_INTERPRETER: Check = Check {
    id: "no-interpreter",
    claim: Text::new(
        "bash is there, and cannot start because its interpreter is not",
        "bash는 있지만 인터프리터가 없어 시작하지 못합니다",
    ),
    hint: Text::new(
        "the interpreter is in the new root already",
        "인터프리터가 이미 새 루트에 있습니다",
    ),
    probe: |subject, _| {
        let root = subject.dir()?;
        let there = elf::open_in(root, Path::new("/bin/bash")).is_ok();
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
        ))
    },
};

/// The machine itself has all that the programs need.
pub static PROGRAMS_RESOLVE: Check = Check {
    id: "programs-resolve",
    claim: Text::new(
        "every library that bash and ls need was found",
        "bash와 ls에 필요한 라이브러리를 모두 찾았습니다",
    ),
    hint: Text::new("reinstall bash and coreutils", "bash와 coreutils를 다시 설치하십시오"),
    probe: |subject, _| resolved(subject.dir()?),
};

/// The same inside the new root.
pub static LIBRARIES_RESOLVE: Check = Check {
    id: "libraries-resolve",
    claim: Text::new(
        "inside the new root, too, every library is found",
        "새 루트 안에서도 라이브러리를 모두 찾습니다",
    ),
    hint: Text::new(
        "copy the file that is named to the same path below the new root",
        "이름이 나온 파일을 새 루트 아래 같은 경로로 복사하십시오",
    ),
    probe: |subject, _| resolved(&subject.tree()?),
};

fn resolved(root: &Path) -> Result<Seen> {
    let libraries = elf::libraries(root, &["/bin/bash", "/bin/ls"])?;
    let count = libraries.len();
    let missing: Vec<String> = libraries
        .into_iter()
        .filter(|library| library.path.is_none())
        .map(|library| library.name)
        .collect();
    let names = missing.join(" ");
    Ok(Seen::judge(
        missing.is_empty(),
        Text::new("none missing", "빠진 것 없음"),
        match missing.is_empty() {
            true => text!("{count} resolved", "{count}개 모두 찾음"),
            false => text!("missing: {names}", "빠짐: {names}"),
        },
        "DT_NEEDED, PT_INTERP",
    ))
}

/// bash starts in the new root.
pub static BASH_RUNS: Check = Check {
    id: "bash-runs",
    claim: Text::new(
        "bash inside starts and exits with 0",
        "안에서 bash가 시작되고 0으로 끝납니다",
    ),
    hint: Text::new(
        "chroot into it by hand and read what bash says",
        "직접 chroot해서 bash의 메시지를 읽어 보십시오",
    ),
    probe: |subject, _| {
        let (expected, source) = (Text::plain("exit 0"), "execve, waitpid");
        let root = subject.tree()?;
        match program::try_out(&root, &["/bin/bash", "-c", "exit 0"]) {
            Ok(Output { status: None, .. }) => {
                let seen = Text::new("a signal ended it", "시그널로 끝남");
                Ok(Seen::judge(false, expected, seen, source))
            }
            Ok(Output { status: Some(status), text }) => {
                let seen = format!("exit {status} {}", beginning(&text));
                Ok(Seen::judge(status == 0, expected, Text::plain(seen.trim_end()), source))
            }
            Err(error) if error.is_stop() => Err(error),
            Err(error) if says_nothing(&error, &root) => {
                Ok(Seen::unknown(expected, Text::plain(error), source))
            }
            Err(error) => Ok(Seen::judge(false, expected, Text::plain(error), source)),
        }
    },
};

/// Whether an error tells nothing of the program: it was not come to, or those who tried it may not run what others
/// may.
fn says_nothing(error: &Error, root: &Path) -> bool {
    match error {
        Error::Sys(sys) if sys.call != "execve" => true,
        Error::Sys(sys) if sys.errno() == Errno::EACCES => elf::is_for_some_only(root, BASH),
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
    hint: Text::new(
        "start a program with `chroot DIR`",
        "`chroot 디렉터리`로 프로그램을 시작하십시오",
    ),
    probe: |subject, _| {
        let dir = subject.dir()?;
        let expected = Text::plain(dir.display());
        let Some(pid) = subject.pid else {
            let seen =
                Text::new("no process has it as its root", "이곳을 루트로 쓰는 프로세스가 없음");
            return Ok(Seen::judge(false, expected, seen, "/proc/*/root"));
        };
        Ok(Seen::judge(
            process::has_root(pid, dir)? && !process::shares_our_root(pid)?,
            expected,
            Text::plain(process::root(pid)?.display()),
            format!("/proc/{pid}/root"),
        ))
    },
};

/// The root of the process holds what was put there, and no more.
pub static ONLY_THREE: Check = Check {
    id: "only-three",
    claim: Text::new("its / holds bin, lib and lib64 only", "그 /에는 bin, lib, lib64만 있습니다"),
    hint: Text::new(
        "look what else was put into the new root",
        "새 루트에 무엇이 더 들어갔는지 보십시오",
    ),
    probe: |subject, _| {
        let path = format!("/proc/{}/root", subject.pid()?);
        let names: Vec<String> = folder::names(Path::new(&path))?.into_iter().collect();
        Ok(Seen::equal("bin lib lib64".to_owned(), names.join(" "), path))
    },
};

/// A path that is there outside is not there inside.
pub static OUTSIDE_UNREACHABLE: Check = Check {
    id: "outside-unreachable",
    claim: Text::new("a path outside cannot be reached", "바깥의 경로에는 닿을 수 없습니다"),
    hint: Text::new(
        "a symbolic link or a bind mount leads out, or the file was copied in",
        "심볼릭 링크나 바인드 마운트가 밖으로 이어지거나 파일이 복사되어 있습니다",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let source = format!("/proc/{pid}/root{OUTSIDE}");
        let reached = process::reaches(pid, OUTSIDE)?;
        let seen = if reached { Text::new("it opens", "열림") } else { Text::plain("ENOENT") };
        Ok(Seen::judge(!reached, Text::plain("ENOENT"), seen, source))
    },
};

/// chroot is no namespace.
pub static PID_NAMESPACE_SHARED: Check = Check {
    id: "pid-namespace-shared",
    claim: Text::new(
        "the PID namespace inside is the one outside",
        "안의 PID 네임스페이스는 밖과 같습니다",
    ),
    hint: Text::new("unshare was used as well", "unshare도 함께 쓰였습니다"),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let ours = namespace::ours(Kind::Pid)?;
        Ok(Seen::equal(ours, namespace::of(pid, Kind::Pid)?, format!("/proc/{pid}/ns/pid")))
    },
};

/// The process has the machine's root again.
pub static WALKED_OUT: Check = Check {
    id: "walked-out",
    claim: Text::new(
        "after the walk its root is the machine's root again",
        "걷고 나니 루트가 다시 머신의 루트입니다",
    ),
    hint: Text::new(
        "the walk needs root and an open directory",
        "root 권한과 열어 둔 디렉터리가 있어야 나올 수 있습니다",
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
        "after pivot_root the same walk ends in the new root",
        "pivot_root 뒤에는 똑같이 걸어도 새 루트입니다",
    ),
    hint: Text::new(
        "the old root must be unmounted after pivot_root",
        "pivot_root 뒤에 옛 루트를 마운트 해제해야 합니다",
    ),
    probe: |subject, _| {
        let pid = subject.pid()?;
        let reached = process::reaches(pid, OUTSIDE)?;
        let held = !process::shares_our_root(pid)? && !reached;
        let seen = if reached {
            Text::new("the host's files", "호스트의 파일")
        } else {
            Text::plain("ENOENT")
        };
        let expected = Text::plain("ENOENT");
        Ok(Seen::judge(held, expected, seen, format!("/proc/{pid}/root{OUTSIDE}")))
    },
};

/// The host's file systems are not even mounted in there.
pub static HOST_NOT_MOUNTED: Check = Check {
    id: "host-not-mounted",
    claim: Text::new(
        "its mount namespace holds the new root and nothing else",
        "그 마운트 네임스페이스에는 새 루트 하나뿐입니다",
    ),
    hint: Text::new(
        "`umount -l` what is left of the old root",
        "남은 옛 루트를 `umount -l`로 떼어 내십시오",
    ),
    probe: |subject, _| {
        let source = format!("/proc/{}/mountinfo", subject.pid()?);
        let targets: Vec<String> = mountinfo::read_file(Path::new(&source))?
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
        Ok(Seen::judge(targets == ["/"], Text::plain("/"), Text::plain(seen), source))
    },
};

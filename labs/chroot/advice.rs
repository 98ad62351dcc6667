//! What to do about what a check of this lab saw. The new root is called newroot here, as the course calls
//! it; a path in a command is the machine's own, never one that somebody else's file names.

use std::path::Path;

use nix::errno::Errno;
use nix::unistd::Pid;

use super::PROGRAMS;
use crate::error::Error;
use crate::probe::elf::{self, Library};
use crate::probe::process::{self, Inode};
use crate::text;
use crate::text::Text;
use crate::visit::program::Output;
use crate::visit::view;

/// What the tree `root` lacks for its programs to start: one of them, or the libraries.
pub fn to_start(root: &Path) -> Option<Text> {
    PROGRAMS.iter().find_map(|program| absent(root, program)).or_else(|| to_copy(root))
}

/// The command that puts `program` in, where it is not there.
pub fn absent(root: &Path, program: &str) -> Option<Text> {
    let answer = view::open_in(root, Path::new(program)).err()?.errno();
    (answer == Some(Errno::ENOENT)).then(|| Text::plain(format!("cp {program} newroot/bin/")))
}

/// The commands that copy the missing libraries, from where this machine has them.
fn to_copy(root: &Path) -> Option<Text> {
    let missing: Vec<Library> = elf::libraries(root, &PROGRAMS).ok()?;
    let missing: Vec<Library> = missing.into_iter().filter(|one| one.path.is_none()).collect();
    let ours = elf::libraries(Path::new("/"), &PROGRAMS).ok()?;
    let copy = |library: &Library| {
        let path =
            library.path.as_deref().filter(|_| missing.iter().any(|it| it.name == library.name))?;
        let folder = path.parent()?.display();
        let path = path.display();
        Some(format!("mkdir -p newroot{folder}; cp {path} newroot{folder}/"))
    };
    let commands: Vec<String> = ours.iter().filter_map(copy).collect();
    (!commands.is_empty()).then(|| Text::plain(commands.join("; ")))
}

/// Why bash did not start, or how it ended.
pub fn for_bash(root: &Path, answer: &Result<Output, Error>) -> Option<Text> {
    match answer {
        Err(error) if error.errno() == Some(Errno::EACCES) => {
            Some(Text::plain("chmod +x newroot/bin/bash"))
        }
        Err(error) if error.errno() == Some(Errno::ENOEXEC) => Some(Text::new(
            "newroot/bin/bash is no program of this machine's: `cp /bin/bash newroot/bin/`",
            "newroot/bin/bash는 이 시스템의 프로그램이 아닙니다: `cp /bin/bash newroot/bin/`",
        )),
        _ => to_start(root),
    }
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

/// How a file of the machine's came to be in the root of `pid`: over a mount, or as a copy.
pub fn for_reached(pid: Pid, path: &str) -> Option<Text> {
    let root = format!("/proc/{pid}/root");
    let inode = |path: &Path| Inode::of(path).ok();
    let file = inode(&process::within(Path::new(&root), Path::new(path)))?;
    match inode(Path::new(path)) == Some(file) {
        true => Some(text!(
            "{path} in there is the host's own file, seen through a mount: /proc/{pid}/mountinfo shows it",
            "새 루트 안의 {path}는 마운트를 통해 보이는 호스트의 파일입니다. /proc/{pid}/mountinfo를 확인하십시오"
        )),
        false => Some(text!(
            "a {path} was put into the new root: only bash and ls belong there",
            "새 루트에 {path} 파일이 들어 있습니다. bash와 ls만 있어야 합니다"
        )),
    }
}

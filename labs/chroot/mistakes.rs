//! What people get wrong with this lab, by what the kernel and the tree show.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{checks, content, holds, libraries, outside, programs};
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::Mistake;
use crate::probe::elf::Library;
use crate::probe::folder::Folder;
use crate::probe::namespace;
use crate::probe::tree;
use crate::text::Text;
use crate::visit::kind::Kind;
use crate::visit::view;

/// All of them; of one check the first that fits is it.
pub static ALL: &[Mistake] = &[
    Mistake {
        id: "not-in-bin",
        check: &libraries::LIBRARIES_RESOLVE,
        name: Text::new("programs beside bin", "bin 디렉터리 밖에 둔 프로그램"),
        what_happened: Text::new(
            "bash was copied to another folder of the tree than bin, and in there /bin/bash is not to be found",
            "bash를 트리의 bin이 아닌 다른 디렉터리에 복사해서 새 루트 안에는 /bin/bash가 없습니다",
        ),
        looks_like: |subject| {
            let root = subject.tree()?;
            let files = tree::look_through(&root)?.files;
            let has_bash = files.iter().any(|entry| entry.path.ends_with("bash"));
            Ok(lacks(&root, programs::bash(&root)) && has_bash)
        },
    },
    Mistake {
        id: "ls-forgotten",
        check: &libraries::LIBRARIES_RESOLVE,
        name: Text::new("a tree without ls", "ls가 없는 트리"),
        what_happened: Text::new(
            "bash was copied and ls was not: it is a program of its own, and no part of bash",
            "bash만 복사하고 ls는 복사하지 않았습니다. ls는 bash의 일부가 아니라 별도의 프로그램입니다",
        ),
        looks_like: |subject| {
            let root = subject.tree()?;
            let [bash, ls] = programs::places(&root);
            Ok(!lacks(&root, bash) && lacks(&root, ls))
        },
    },
    Mistake {
        id: "links-copied-as-links",
        check: &libraries::LIBRARIES_RESOLVE,
        name: Text::new("links that were copied as links", "링크인 채로 복사한 링크"),
        what_happened: Text::new(
            "what lies at the path of a file, or of its folder, is a symbolic link, and what it leads to is not in the tree",
            "파일이나 그 디렉터리의 경로에 심볼릭 링크만 있고, 링크가 가리키는 대상은 트리 안에 없습니다",
        ),
        looks_like: |subject| {
            let root = subject.tree()?;
            let missing = programs::missing(&root);
            Ok(missing.iter().any(|path| has_dangling_link(&root, path)))
        },
    },
    Mistake {
        id: "libraries-elsewhere",
        check: &libraries::LIBRARIES_RESOLVE,
        name: Text::new("libraries in another folder", "다른 디렉터리에 둔 라이브러리"),
        what_happened: Text::new(
            "the libraries are in the tree, and not in a folder that the loader searches: each has to be at the path that ldd shows",
            "라이브러리가 트리 안에 있지만 로더가 찾는 디렉터리가 아닙니다. ldd가 보여 주는 경로에 그대로 있어야 합니다",
        ),
        looks_like: |subject| {
            let root = subject.tree()?;
            let missing = unresolved(&root)?;
            let files = tree::look_through(&root)?.files;
            let is_there = |one: &Library| {
                files.iter().any(|entry| entry.path.ends_with(file_name(&one.name)))
            };
            Ok(missing.iter().any(is_there))
        },
    },
    Mistake {
        id: "loader-missing",
        check: &libraries::LIBRARIES_RESOLVE,
        name: Text::new("a forgotten loader", "복사하지 않은 로더"),
        what_happened: Text::new(
            "the loader, the line of ldd without =>, is not in the tree: the kernel says ENOENT about bash, which is there",
            "ldd 출력에서 =>가 없는 줄인 로더가 트리에 없습니다. 커널은 분명히 있는 bash에 대해 ENOENT를 반환합니다",
        ),
        looks_like: |subject| {
            let missing = unresolved(&subject.tree()?)?;
            Ok(missing.iter().any(|library| library.name.contains('/')))
        },
    },
    Mistake {
        id: "library-missing",
        check: &libraries::LIBRARIES_RESOLVE,
        name: Text::new("a forgotten library", "복사하지 않은 라이브러리"),
        what_happened: Text::new(
            "the loader is there and not every library: bash and ls do not need the same ones",
            "로더는 있지만 빠진 라이브러리가 있습니다. bash와 ls에 필요한 라이브러리는 서로 다릅니다",
        ),
        looks_like: |subject| Ok(!unresolved(&subject.tree()?)?.is_empty()),
    },
    Mistake {
        id: "not-executable",
        check: &checks::BASH_RUNS,
        name: Text::new("a bash that may not be executed", "실행 권한이 없는 bash"),
        what_happened: Text::new(
            "its mode has no x: it came through a file system, or an archive, that keeps no modes",
            "실행 권한(x)이 없습니다. 권한을 보존하지 않는 파일 시스템이나 아카이브를 거쳐 복사된 것으로 보입니다",
        ),
        looks_like: |subject| {
            let root = subject.tree()?;
            let meta = programs::meta(&root, Path::new(programs::bash(&root)));
            Ok(meta.is_some_and(|meta| meta.permissions().mode() & 0o111 == 0))
        },
    },
    Mistake {
        id: "never-entered",
        check: &checks::ROOT_MOVED,
        name: Text::new("a bash that was started outside", "바깥에서 실행한 bash"),
        what_happened: Text::new(
            "the bash of the tree runs, and its root is the host's: cd changes where it stands, and not its root",
            "트리 안의 bash가 실행 중이지만 루트는 호스트의 루트입니다. cd는 현재 디렉터리만 바꾸고 루트는 바꾸지 않습니다",
        ),
        looks_like: |subject| Ok(subject.pid.is_none() && !subject.others.is_empty()),
    },
    Mistake {
        id: "whole-bin",
        check: &content::ONLY_THREE,
        name: Text::new("a copy of the host's bin", "통째로 복사한 bin 디렉터리"),
        what_happened: Text::new(
            "many of the host's programs were copied, and bash and ls were enough",
            "bash와 ls면 충분한데 호스트의 프로그램을 여럿 복사했습니다",
        ),
        looks_like: |subject| Ok(holds::look(&subject.root())?.programs.len() > holds::A_FEW),
    },
    Mistake {
        id: "folder-bound",
        check: &content::OUTSIDE_UNREACHABLE,
        name: Text::new("a folder that was bound", "바인드 마운트한 디렉터리"),
        what_happened: Text::new(
            "a folder of the host's is mounted in the new root, so its files can be reached, and changed, from in there",
            "호스트의 디렉터리가 새 루트 안에 마운트되어 있어, 안에서 호스트의 파일에 접근하고 수정할 수 있습니다",
        ),
        looks_like: is_bound,
    },
    Mistake {
        id: "all-of-bin",
        check: &content::OUTSIDE_UNREACHABLE,
        name: Text::new("a date that was copied as well", "함께 복사한 date"),
        what_happened: Text::new(
            "more programs were copied than the two, date among them: a path of the host's leads to a program in there too",
            "두 프로그램 말고 date까지 복사해서, 호스트에 있는 경로가 새 루트 안에서도 열립니다",
        ),
        looks_like: |subject| {
            let root = content::inside(subject)?;
            let linked = outside::linked(&tree::look_through(&root)?.files);
            Ok(!is_bound(subject)? && linked.is_empty() && outside::has_date(&root)?)
        },
    },
    Mistake {
        id: "unshared-too",
        check: &checks::PID_NAMESPACE_SHARED,
        name: Text::new("unshare and chroot at once", "unshare와 chroot를 함께 실행"),
        what_happened: Text::new(
            "the bash has a PID namespace of its own, which chroot does not make: unshare was called as well",
            "bash가 독립된 PID 네임스페이스에 있습니다. chroot는 네임스페이스를 만들지 않으므로 unshare도 실행한 것입니다",
        ),
        looks_like: |subject| namespace::is_apart(subject.pid()?, Kind::Pid),
    },
];

fn lacks(root: &Path, path: &str) -> bool {
    programs::file(root, Path::new(path)).is_none()
}

/// What both programs need and do not find, where both are there.
fn unresolved(root: &Path) -> Result<Vec<Library>> {
    let mut libraries = programs::libraries(root)?;
    libraries.retain(|library| library.path.is_none());
    Ok(libraries)
}

fn file_name(name: &str) -> PathBuf {
    Path::new(name).file_name().map(PathBuf::from).unwrap_or_default()
}

/// Whether `path`, or a folder on the way to it, is a link that leads nowhere in `root`.
fn has_dangling_link(root: &Path, path: &Path) -> bool {
    let Ok(top) = Folder::open(root) else { return false };
    let path = path.strip_prefix("/").unwrap_or(path);
    path.ancestors().filter(|way| !way.as_os_str().is_empty()).any(|way| {
        let found = top.look(&way.to_string_lossy()).ok().flatten();
        found.is_some_and(|found| found.meta.is_symlink() && leads_nowhere(root, way))
    })
}

fn leads_nowhere(root: &Path, way: &Path) -> bool {
    view::open_in(root, way).is_err()
}

fn is_bound(subject: &Subject) -> Result<bool> {
    Ok(!outside::mounted(subject.pid()?, subject.dir()?)?.bound.is_empty())
}

//! What `lab chroot` claims of the libraries: that they are found, on the machine and then in the new root.

use std::path::Path;

use nix::errno::Errno;

use super::{advice, programs};
use crate::error::{Error, Result};
use crate::lab::check::Check;
use crate::lab::finding::Seen;
use crate::probe::folder::Folder;
use crate::probe::tree;
use crate::text;
use crate::text::Text;
use crate::visit::view;

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
        "in the new root, too, every library is found",
        "새 루트 안에서도 라이브러리를 모두 찾습니다",
    ),
    hint: Text::new(
        "copy the file that is named above to the same path below the new root",
        "위에 표시된 파일을 새 루트 아래 같은 경로로 복사하십시오",
    ),
    probe: |subject, _| {
        let (tree, dir) = (subject.tree()?, subject.dir()?);
        let seen = match resolved(&tree) {
            Err(error) if error.errno() == Some(Errno::ENOENT) => not_there(&tree, dir, &error),
            Err(error) if error.is_stop() || error.is_refusal() => return Err(error),
            Err(error) => {
                let seen = text!("not there: {error}", "확인할 대상이 없습니다: {error}");
                Seen::judge(false, none_missing(), seen, "DT_NEEDED, PT_INTERP")
            }
            Ok(seen) => seen,
        };
        Ok(advice::to_copy(seen, &tree, dir))
    },
};

/// One of the programs is not in the tree; where neither is, nothing was begun yet.
fn not_there(tree: &Path, dir: &Path, error: &Error) -> Seen {
    let lacks = |path: &&str| view::open_in(tree, Path::new(path)).is_err();
    let missing: Vec<String> = programs::places(tree)
        .into_iter()
        .filter(lacks)
        .map(|path| format!("{}{path}", dir.display()))
        .collect();
    let is_begun = missing.len() < programs::PROGRAMS.len() || has_files(tree);
    let names = match missing.is_empty() {
        true => error.to_string(),
        false => missing.join(" "),
    };
    let seen = text!("not there: {names}", "확인할 대상이 없습니다: {names}");
    match is_begun {
        true => Seen::judge(false, none_missing(), seen, "openat2"),
        false => Seen::open(none_missing(), seen, "openat2"),
    }
}

/// Whether there is more in it than empty folders.
fn has_files(tree: &Path) -> bool {
    let is_link = |top: &Folder, name: &str| {
        top.look(name).ok().flatten().is_some_and(|found| found.meta.is_symlink())
    };
    let has_link = Folder::open(tree)
        .and_then(|top| Ok(top.names()?.iter().any(|name| is_link(&top, name))))
        .unwrap_or(false);
    has_link || tree::look_through(tree).is_ok_and(|contents| !contents.files.is_empty())
}

fn none_missing() -> Text {
    Text::new("none missing", "빠진 것 없음")
}

fn resolved(root: &Path) -> Result<Seen> {
    let libraries = programs::libraries(root)?;
    let count = libraries.len();
    let missing: Vec<String> = libraries
        .into_iter()
        .filter(|library| library.path.is_none())
        .map(|library| library.name)
        .collect();
    let names = missing.join(" ");
    Ok(Seen::judge(
        missing.is_empty(),
        none_missing(),
        match missing.is_empty() {
            true => text!("{count} resolved", "{count}개 모두 찾음"),
            false => text!("missing: {names}", "빠짐: {names}"),
        },
        "DT_NEEDED, PT_INTERP",
    ))
}

//! The way out of a chroot, and what closes it.

use std::path::Path;

use indoc::indoc;
use nix::mount::{MntFlags, umount2};
use nix::sched::CloneFlags;
use nix::unistd::{Pid, chdir, pivot_root};

use super::enter::go_in;
use super::walks;
use crate::error::{Context, Result};
use crate::kernel::{mount, process};
use crate::lab::check::Subject;
use crate::lab::event::View;
use crate::lab::scene::Scene;
use crate::probe;
use crate::text::Text;
use crate::visit::kind::Kind;
use crate::visit::mounts;
use crate::visit::place::Place;
use crate::visit::root::walk_up;

/// Root in a chroot gets out, and is seen outside.
pub fn walk_out_of_chroot(scene: &mut Scene<'_>, root: &Path) -> Result<()> {
    scene.step("escape", Text::new(
            indoc! {"
                chroot(2) moves the root, but neither a directory that is open nor the working
                directory. So root in there keeps / open, makes /bin its root, and goes back to the
                open directory: that one is now outside of the root, where nothing stops `..` any
                more. Up to the top, chroot there, and it is out. chroot says where paths begin; it
                was never a wall.
            "},
            indoc! {"
                chroot(2)는 루트만 옮길 뿐, 이미 열어 둔 디렉터리나 작업 디렉터리는 옮기지 않습니다.
                새 루트 안의 root가 /를 열어 둔 채 /bin을 루트로 삼고 열어 둔 디렉터리로 돌아가면,
                그곳은 이제 루트 바깥이라 `..`를 막을 것이 없습니다. 맨 위까지 올라가 다시 chroot하면
                탈출입니다. chroot는 경로의 출발점을 바꿀 뿐, 벽이 아닙니다.
            "},
        ))?;
    // A backslash at the end of a line: Python would take the indentation for a block.
    scene.shell(indoc! {r#"
        python3 -c 'import os; os.chroot("newroot"); fd = os.open("/", 0); \
          os.chroot("/bin"); os.fchdir(fd); [os.chdir("..") for _ in range(99)]; \
          os.chroot("."); os.execlp("ls", "ls", "/")'
    "#})?;
    let walker = scene.act(|cleanup| {
        process::spawn(cleanup, CloneFlags::empty(), |inside| {
            go_in(root)?;
            walk_up(Path::new("/bin"))?;
            inside.hold()
        })
    })?;
    scene.inside(Place::of(walker.pid, &[]));
    observe_root(scene, walker.pid)?;
    scene.prove(&[&walks::WALKED_OUT], &Subject::process(walker.pid))
}

/// The same way up after pivot_root(2) leads nowhere.
pub fn walk_against_pivot_root(scene: &mut Scene<'_>, root: &Path) -> Result<()> {
    scene.step("pivot", Text::new(
            indoc! {"
                Container runtimes use pivot_root(2) instead. In a mount namespace of its own it puts
                newroot, which must be a mount point for that, where the old root was, and the old
                root is unmounted. The same way up then ends in newroot: above it there is nothing,
                for the host's file systems are not mounted in there at all.
            "},
            indoc! {"
                컨테이너 런타임은 chroot 대신 pivot_root(2)를 씁니다. 전용 마운트 네임스페이스에서,
                마운트 지점으로 만든 newroot를 옛 루트 자리에 놓고 옛 루트의 마운트를 해제합니다.
                그러면 같은 방법으로 올라가도 newroot에서 끝납니다. 호스트의 파일 시스템이 이
                네임스페이스에는 아예 마운트되어 있지 않아 올라갈 곳이 없습니다.
            "},
        ))?;
    // Not pivot_root(8) and umount(8): the latter would have to be in newroot, with its libraries and
    // a /proc. 2 is MNT_DETACH.
    scene.shell(indoc! {r#"
        unshare -m bash -c 'mount --bind newroot newroot; cd newroot
          python3 -c "import ctypes; c = ctypes.CDLL(None); \
            c.pivot_root(b\".\", b\".\"); c.umount2(b\".\", 2)"; ls ../../../..'
    "#})?;
    let walker = scene.act(|cleanup| {
        process::spawn(cleanup, CloneFlags::CLONE_NEWNS, |inside| {
            pivot_into(root)?;
            walk_up(Path::new("/bin"))?;
            inside.hold()
        })
    })?;
    scene.inside(Place::of(walker.pid, &[Kind::Mnt]));
    observe_root(scene, walker.pid)?;
    scene.prove(
        &[&walks::PIVOT_HOLDS, &walks::HOST_NOT_MOUNTED],
        &Subject::process(walker.pid).at(root),
    )
}

/// pivot_root(".", "."): the old root ends up on top of the new one, and is detached from there
/// (man 2 pivot_root, NOTES).
fn pivot_into(root: &Path) -> Result<()> {
    // EINVAL under shared propagation, EBUSY where the new root is no mount point.
    mounts::make_private()?;
    mount::bind_to_itself(root)?;
    chdir(root).context("chdir", root.display())?;
    pivot_root(".", ".").context("pivot_root", ". .")?;
    umount2(".", MntFlags::MNT_DETACH).context("umount2", ". MNT_DETACH")?;
    chdir("/").context("chdir", "/")
}

fn observe_root(scene: &mut Scene<'_>, walker: Pid) -> Result<()> {
    let path = format!("/proc/{walker}/root");
    let names: Vec<String> = probe::folder::names(Path::new(&path))?.into_iter().collect();
    let (few, more) = names.split_at(names.len().min(10));
    let rest = if more.is_empty() { "" } else { " …" };
    scene.observe(
        Text::new("after the way up, / holds", "탈출을 시도한 뒤 /의 내용"),
        View::lines(&format!("{}{rest}", few.join("  "))),
    )
}

//! The way out of a chroot, and what closes it.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use indoc::indoc;
use nix::mount::{MntFlags, umount2};
use nix::sched::CloneFlags;
use nix::unistd::{Pid, chdir, chroot, fchdir, pivot_root};

use super::{checks, go_in};
use crate::error::{Context, Result};
use crate::event::View;
use crate::kernel::place::Place;
use crate::kernel::{mount, process};
use crate::lab::Subject;
use crate::probe;
use crate::scene::Scene;
use crate::text::Text;

/// Root inside a chroot walks out, and is seen outside.
pub fn walk_out_of_chroot(scene: &mut Scene<'_>, root: &Path) -> Result<()> {
    scene.step(
        "escape",
        Text::new("Walk out again", "다시 걸어 나오기"),
        Text::new(
            indoc! {"
                chroot(2) moves the root but not an open directory. So root inside keeps / open, makes
                bin its root, and goes back to the open directory: that one is now outside of the
                root, where nothing stops `..` any more. Up to the top, chroot there, and out. It was
                never a wall: it only says where paths begin.
            "},
            indoc! {"
                chroot(2)는 루트를 옮길 뿐, 이미 열어 둔 디렉터리는 옮기지 않습니다. 안의 root가 /를
                열어 두고 bin을 루트로 삼은 뒤 열어 둔 곳으로 돌아가면, 거기는 루트 바깥이라 `..`를
                막을 것이 없습니다. 꼭대기까지 올라가 chroot하면 밖입니다. chroot는 벽이 아니라 경로의
                시작점일 뿐입니다.
            "},
        ),
    )?;
    scene.shell(
        "python3 -c 'import os; os.chroot(\"newroot\"); fd = os.open(\"/\", 0)\n  \
         os.chroot(\"bin\"); os.fchdir(fd); [os.chdir(\"..\") for _ in range(99)]\n  \
         os.chroot(\".\"); os.execlp(\"ls\", \"ls\", \"/\")'",
    )?;
    let walker = scene.act(|cleanup| {
        process::spawn(cleanup, CloneFlags::empty(), |inside| {
            go_in(root)?;
            walk_up()?;
            inside.hold()
        })
    })?;
    scene.inside(Place::of(walker.pid, &[]));
    observe_root(scene, walker.pid)?;
    scene.prove(&[&checks::WALKED_OUT], &Subject::process(walker.pid))
}

/// The same walk after pivot_root(2) leads nowhere.
pub fn walk_against_pivot_root(scene: &mut Scene<'_>, root: &Path) -> Result<()> {
    scene.step(
        "pivot",
        Text::new("The answer: pivot_root", "해답: pivot_root"),
        Text::new(
            indoc! {"
                Container runtimes do not rely on chroot. In a mount namespace of its own, pivot_root(2)
                puts newroot where the old root was, and the old root is unmounted. The same walk
                then ends in newroot: above it there is nothing to walk to, for the host's files are
                not mounted in there at all.
            "},
            indoc! {"
                컨테이너 런타임은 chroot에 기대지 않습니다. 전용 마운트 네임스페이스에서
                pivot_root(2)로 newroot를 옛 루트 자리에 놓고 옛 루트를 마운트 해제합니다. 그러면 똑같이
                걸어도 newroot에서 끝납니다. 호스트의 파일이 그 안에는 아예 마운트되어 있지 않아서
                위로 갈 곳이 없습니다.
            "},
        ),
    )?;
    scene.shell(
        "unshare -m bash -c 'mount --bind newroot newroot; cd newroot\n  \
         pivot_root . .; umount -l .'   # needs umount and its libraries inside",
    )?;
    let walker = scene.act(|cleanup| {
        process::spawn(cleanup, CloneFlags::CLONE_NEWNS, |inside| {
            pivot_into(root)?;
            walk_up()?;
            inside.hold()
        })
    })?;
    scene.inside(Place::of(walker.pid, &[probe::namespace::Kind::Mnt]));
    observe_root(scene, walker.pid)?;
    scene.prove(
        &[&checks::PIVOT_HOLDS, &checks::HOST_NOT_MOUNTED],
        &Subject::process(walker.pid).at(root),
    )
}

/// The way out of a chroot, as chroot(2) itself warns: "the superuser can escape".
fn walk_up() -> Result<()> {
    let open = File::open("/").context("open", "/")?;
    chroot("/bin").context("chroot", "/bin")?;
    fchdir(&open).context("fchdir", "/")?;
    loop {
        let inode = |path: &str| {
            fs::metadata(path).map(|meta| (meta.dev(), meta.ino())).context("stat", path)
        };
        if inode(".")? == inode("..")? {
            return chroot(".").context("chroot", ".");
        }
        chdir("..").context("chdir", "..")?;
    }
}

/// pivot_root(".", "."): the old root ends up on top of the new one, and is detached from there
/// (man 2 pivot_root, NOTES).
fn pivot_into(root: &Path) -> Result<()> {
    // EINVAL under shared propagation, EBUSY where the new root is no mount point.
    mount::make_private()?;
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
        Text::new("after the walk, / holds", "걷고 난 뒤 /의 내용"),
        View::lines(&format!("{}{rest}", few.join("  "))),
    )
}

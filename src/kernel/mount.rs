//! Mounts, made in a mount namespace of the lab's own, so that the kernel takes them down when the
//! lab dies.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::fchdir;

use crate::error::{Context, Error, Result};
use crate::kernel::cleanup::{Cleanup, Undo};
use crate::probe::mountinfo;
use crate::text;
use crate::text::Text;
use crate::visit::mounts;
use crate::visit::user::{self, is_initial};

/// The mount namespace that this process came from, and where it stood in it.
#[derive(Debug)]
pub struct Home {
    namespace: File,
    /// Open, not by its path: it may have been removed.
    directory: File,
}

impl Home {
    /// Gives this process a mount namespace of its own, and cuts propagation: under systemd `/` is
    /// shared, and without `MS_PRIVATE` our mounts would appear outside (man 7 mount_namespaces). None
    /// where there is no way back.
    ///
    /// # Errors
    /// unshare(2)'s, mount(2)'s.
    pub fn leave() -> Result<Option<Home>> {
        let path = "/proc/self/ns/mnt";
        let namespace = File::open(path).context("open", path)?;
        let directory = File::open(".").context("open", ".")?;
        unshare(CloneFlags::CLONE_NEWNS).context("unshare", "CLONE_NEWNS")?;
        mounts::make_private()?;
        Ok(user::may_come_back_to(&namespace)?.then_some(Home { namespace, directory }))
    }

    /// Goes back. The last process to leave takes the namespace's mounts with it.
    ///
    /// # Errors
    /// setns(2)'s, chdir(2)'s.
    pub fn come_back(self) -> Result<()> {
        setns(&self.namespace, CloneFlags::CLONE_NEWNS).context("setns", "CLONE_NEWNS")?;
        // setns(2) moves the working directory to the namespace's root.
        fchdir(&self.directory).context("fchdir", "the former working directory")
    }
}

/// The source of what [`tmpfs`] mounts, by which it is known again.
pub fn source(cleanup: &Cleanup) -> String {
    format!("lab-{}", cleanup.token())
}

/// A file system in memory on `target`. Unlike `/run` it may hold programs and devices (Debian
/// mounts `/run` noexec), and it is gone with the last process that sees it.
///
/// # Errors
/// The journal's, mount(2)'s.
pub fn tmpfs(cleanup: &mut Cleanup, target: &Path, options: &str) -> Result<()> {
    let source = source(cleanup);
    attach(cleanup, &source, target, "tmpfs", MsFlags::empty(), options)
}

/// mount(2), written down first. `source` is how the mount is known again.
///
/// # Errors
/// The journal's, mount(2)'s.
pub fn attach(
    cleanup: &mut Cleanup,
    source: &str,
    target: &Path,
    kind: &str,
    flags: MsFlags,
    options: &str,
) -> Result<()> {
    let undo = Undo::Unmount { target: target.to_owned(), source: source.to_owned() };
    cleanup.make(undo, || {
        mount(Some(source), target, Some(kind), flags, Some(options))
            .context("mount", format!("-t {kind} {}", target.display()))
    })
}

/// Mounts an overlay (overlayfs.rst): `lowers`, the topmost first, under `upper`, seen on `merged`.
///
/// # Errors
/// [`Error::Unable`] for a path that mount(2)'s options cannot hold; mount(2)'s: EINVAL when upper
/// and work are not on one mount.
pub fn overlay(
    cleanup: &mut Cleanup,
    lowers: &[PathBuf],
    upper: &Path,
    work: &Path,
    merged: &Path,
) -> Result<()> {
    let lowers =
        lowers.iter().map(|path| option_value(path)).collect::<Result<Vec<_>>>()?.join(":");
    let (upper, work) = (option_value(upper)?, option_value(work)?);
    let marks = own_attributes();
    let options = format!("lowerdir={lowers},upperdir={upper},workdir={work}{marks}");
    let source = source(cleanup);
    attach(cleanup, &source, merged, "overlay", MsFlags::empty(), &options)
}

/// The option without which an overlay keeps its marks in `trusted.` attributes: those belong to the
/// machine's own root, and any other needs `userxattr` (overlayfs.rst, "User xattr").
pub fn own_attributes() -> &'static str {
    if is_initial() { "" } else { ",userxattr" }
}

/// A path as an option's value: a comma would end it, and a colon part it.
fn option_value(path: &Path) -> Result<String> {
    let text = path.to_string_lossy();
    if text.contains([',', ':', '\\']) {
        return Err(Error::unable(
            text!(
                "an overlay's options cannot hold the path {text}",
                "오버레이 옵션에 사용할 수 없는 경로입니다: {text}"
            ),
            Text::new(
                "use a folder without , : \\ in its name",
                "이름에 , : \\ 문자가 없는 경로를 사용하십시오",
            ),
        ));
    }
    Ok(text.into_owned())
}

/// Unmounts what is on `target`, as a step of a lab. Not detached: an overlay that lives on would
/// share its upper folder with the next one, which the kernel calls undefined (overlayfs.rst).
///
/// # Errors
/// [`Error::Unable`] while somebody stands in it or has a file open; umount2(2)'s.
pub fn detach(target: &Path) -> Result<()> {
    let shown = target.display();
    match umount2(target, MntFlags::UMOUNT_NOFOLLOW) {
        Err(Errno::EBUSY) => Err(Error::unable(
            text!("{shown} is still in use", "{shown} 마운트를 아직 사용하는 프로세스가 있습니다"),
            Text::new(
                "leave it in the other terminal, then run the lab again",
                "다른 터미널에서 그곳을 벗어난 뒤 다시 실행하십시오",
            ),
        )),
        other => other.context("umount2", shown),
    }
}

/// Makes `path` a mount point by binding it onto itself, for pivot_root(2), in a child's own mount
/// namespace.
///
/// # Errors
/// mount(2)'s.
pub fn bind_to_itself(path: &Path) -> Result<()> {
    mount(Some(path), path, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>)
        .context("mount", format!("--bind {0} {0}", path.display()))
}

/// Unmounts what is on `target`, if it came from `source`; `true` when it was there. It is detached
/// even while somebody looks into it from another terminal: what they hold goes when they let go.
///
/// # Errors
/// umount2(2)'s.
pub fn unmount(target: &Path, source: &str) -> Result<bool> {
    let top = mountinfo::read()?.into_iter().rfind(|mount| mount.target == target);
    if top.is_none_or(|mount| mount.source != source) {
        return Ok(false);
    }
    let flags = MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW;
    umount2(target, flags).context("umount2", target.display())?;
    Ok(true)
}

//! Commands that mend what a check of this lab saw. What they name is the student's own: it lies in their tree and on its own
//! mount, no link leads out of it there, and it is none of the machine's files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use super::outside::{self, Bound, Linked};
use super::programs::{self, OUTSIDE};
use crate::lab::check::Subject;
use crate::lab::mend;
use crate::probe::mountinfo;
use crate::probe::namespace;
use crate::probe::process;
use crate::probe::tree::{self, Entry};
use crate::visit::kind::Kind;
use crate::visit::view;

/// More files than these are taken out by no command.
const MOST: usize = 100;

/// The tree, where it has a path of its own that will mean the same tomorrow: `/proc/PID/root` may be another process's by
/// then, and the machine's folders are nobody's tree.
fn own(dir: &Path) -> Option<&Path> {
    (dir.is_absolute() && outside::is_nothing_of_the_hosts(dir)).then_some(dir)
}

/// Starts bash in there, as whoever asked may.
pub fn enter(subject: &Subject) -> Option<String> {
    let dir = subject.dir().ok()?;
    let bash = programs::bash(&subject.tree().ok()?);
    let has_users = |pid| namespace::is_apart(pid, Kind::User).unwrap_or(false);
    // Who may not copy mounts may not change the root either.
    let is_capable = subject.seen_from.is_some() && !subject.pid.is_some_and(has_users);
    let way: &[&str] =
        if is_capable { &["chroot"] } else { &["unshare", "-Ur", "/usr/sbin/chroot"] };
    let words = way.iter().map(Path::new).chain([dir, Path::new(bash)]);
    mend::command(&words.collect::<Vec<_>>())
}

/// Copies what the programs lack in the tree `seen`, which the student calls `dir`.
pub fn to_start(seen: &Path, dir: &Path) -> Option<String> {
    copy(dir, &programs::missing(seen))
}

/// Copies the programs and all that they need anew.
pub fn copy_all(dir: &Path) -> Option<String> {
    copy(dir, &programs::all_on_host())
}

/// Copies `files` of the machine's to the same paths in `dir`; links that lead nowhere in there are taken away before.
pub fn copy(dir: &Path, files: &[PathBuf]) -> Option<String> {
    let dir = own(dir).filter(|_| !files.is_empty())?;
    let (mut links, mut is_replaced) = (Vec::new(), false);
    for file in files {
        let folder = file.parent()?;
        if let Some(link) = bad_link(dir, folder)? {
            if !links.contains(&link) {
                links.push(link);
            }
            continue;
        }
        is_replaced |= fs::symlink_metadata(process::within(dir, file)).is_ok();
    }
    let mut words: Vec<&Path> =
        vec![Path::new("cp"), "--parents".as_ref(), "--dereference".as_ref()];
    words.extend(is_replaced.then_some(Path::new("--remove-destination")));
    words.extend(files.iter().map(PathBuf::as_path));
    words.push(dir);
    let copy = mend::command(&words)?;
    if links.is_empty() {
        return Some(copy);
    }
    let remove = std::iter::once(Path::new("rm")).chain(links.iter().map(PathBuf::as_path));
    mend::steps([mend::command(&remove.collect::<Vec<_>>()), Some(copy)])
}

/// The link on the way to `folder` that does not lead to a folder of the tree. None where the way is barred by something else.
#[allow(clippy::option_option, reason = "a way without a bad link, and no way")]
fn bad_link(dir: &Path, folder: &Path) -> Option<Option<PathBuf>> {
    if tree::stays_inside(dir, folder) {
        return Some(None);
    }
    let folder = folder.strip_prefix("/").unwrap_or(folder);
    let mut ways: Vec<&Path> =
        folder.ancestors().filter(|way| !way.as_os_str().is_empty()).collect();
    ways.reverse();
    let bad = ways.into_iter().find(|way| !tree::stays_inside(dir, way))?;
    let path = dir.join(bad);
    let is_link = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_symlink());
    // One that leads on in there does its work, and out here it would lead out.
    (is_link && view::open_in(dir, bad).is_err()).then_some(Some(path))
}

/// Makes bash executable, where it is the student's copy.
pub fn make_executable(dir: &Path, bash: &str) -> Option<String> {
    let path = own_file(dir, Path::new(bash))?;
    mend::command(&[Path::new("chmod"), "a+x".as_ref(), &path])
}

/// Where the student has the file `path` of the tree `dir`, which is none of the machine's.
fn own_file(dir: &Path, path: &Path) -> Option<PathBuf> {
    let dir = own(dir)?;
    let is_own = tree::stays_inside(dir, path) && !programs::is_the_hosts(dir, path);
    is_own.then(|| process::within(dir, path))
}

/// Takes `/bin/date` out again.
pub fn without_date(dir: &Path) -> Option<String> {
    let path = own_file(dir, Path::new(OUTSIDE))?;
    mend::command(&[Path::new("rm"), &path])
}

/// Takes these programs out again, unless one of them is the machine's own file.
pub fn without(dir: &Path, programs: &[Entry]) -> Option<String> {
    let dir = own(dir)?;
    let may_go = |entry: &Entry| {
        tree::stays_inside(dir, &entry.path) && outside::on_machine(entry).is_none()
    };
    if programs.len() > MOST || !programs.iter().all(may_go) {
        return None;
    }
    let go = mend::command(&[Path::new("cd"), dir])?;
    let words = [Path::new("rm"), "--".as_ref()].into_iter();
    let words = words.chain(programs.iter().map(|entry| entry.path.as_path()));
    Some(format!("({go} && {})", mend::command(&words.collect::<Vec<_>>())?))
}

/// Puts copies in the place of links to the machine's files.
pub fn unlinked(dir: &Path, linked: &[Linked]) -> Option<String> {
    let dir = own(dir).filter(|_| linked.len() <= MOST)?;
    let replace = |link: &Linked| {
        let way = [Path::new("cp"), "--dereference".as_ref(), "--remove-destination".as_ref()];
        let target = tree::stays_inside(dir, &link.inside).then(|| dir.join(&link.inside))?;
        mend::command(&[way.as_slice(), &[&link.outside, &target]].concat())
    };
    mend::after_each_other(linked.iter().map(replace))
}

/// Unmounts what was bound into the tree, where it was mounted in the mount namespace of whoever asks; what bash and ls then
/// lack is copied. In another namespace the mount stays, and bash is started anew in this one.
pub fn unbound(subject: &Subject, pid: Pid, bound: &[Bound]) -> Option<String> {
    if namespace::is_apart(pid, Kind::Mnt).ok()? {
        return enter(subject);
    }
    let dir = own(subject.dir().ok()?)?;
    let ours = mountinfo::read().ok()?;
    let mut commands = Vec::new();
    for Bound { mount, .. } in bound {
        let target = process::within(dir, &mount.target);
        // What is mounted in a mount that goes, goes with it.
        if bound.iter().any(|other| is_below(&mount.target, &other.mount.target)) {
            continue;
        }
        ours.iter().find(|our| our.target == target && our.id == mount.id)?;
        if ours.iter().any(|our| is_below(&our.target, &target)) {
            // Or what is mounted below would be unmounted on the machine as well (man 7 mount_namespaces).
            let words = [Path::new("mount"), "--make-rprivate".as_ref(), &target];
            commands.push(mend::command(&words));
        }
        commands.push(mend::command(&[Path::new("umount"), "--lazy".as_ref(), &target]));
    }
    // The tree may have the machine's links: lib into usr/lib.
    let real = |path: &PathBuf| fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    let hides = |one: &Bound, path: &Path| path.starts_with(&one.mount.target);
    let hidden =
        |path: &PathBuf| bound.iter().any(|one| hides(one, path) || hides(one, &real(path)));
    let files: Vec<PathBuf> = programs::all_on_host().into_iter().filter(hidden).collect();
    if !files.is_empty() {
        let words = ["cp", "--parents", "--dereference"].map(Path::new);
        let words = words.into_iter().chain(files.iter().map(PathBuf::as_path)).chain([dir]);
        commands.push(mend::command(&words.collect::<Vec<_>>()));
    }
    // Without the first the next would write to the machine's own folder.
    mend::steps(commands)
}

fn is_below(path: &Path, other: &Path) -> bool {
    path != other && path.starts_with(other)
}

/// Lets programs run in a mount of the student's, on which none may.
pub fn allow_programs(dir: &Path) -> Option<String> {
    let dir = own(dir)?;
    let mount = mountinfo::on(dir).ok()??;
    mend::command(&[Path::new("mount"), "-o".as_ref(), "remount,exec".as_ref(), &mount.target])
}

/// Whether no program may be run where the file is (man 2 statvfs).
pub fn is_noexec(file: &File) -> bool {
    use nix::sys::statvfs::{FsFlags, fstatvfs};
    fstatvfs(file).is_ok_and(|stat| stat.flags().contains(FsFlags::ST_NOEXEC))
}

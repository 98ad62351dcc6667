//! An overlay mount: its layers, and which of them a name comes from (overlayfs.rst).

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::Pid;

use crate::error::{Context, Error, Result};
use crate::probe::mountinfo::{self, unescape};
use crate::probe::process::{reach, within};
use crate::probe::user::is_initial;
use crate::text;
use crate::text::Text;

/// The extended attribute that marks a folder opaque, with the value `y`.
const OPAQUE: &str = "trusted.overlay.opaque";
/// The same for an overlay that was mounted with `userxattr`, as an ordinary user does.
const USER_OPAQUE: &str = "user.overlay.opaque";

/// The extended attribute by which an overlay that is mounted here marks a folder opaque.
pub fn opaque() -> &'static str {
    if is_initial() { OPAQUE } else { USER_OPAQUE }
}

/// An overlay and its layers, as paths that this process can open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// The merged view.
    pub merged: PathBuf,
    /// `lowerdir`: read-only layers, the topmost first.
    pub lowers: Vec<PathBuf>,
    /// `upperdir`: where all changes go; none for a read-only overlay.
    pub upper: Option<PathBuf>,
    /// The attribute by which this overlay marks a folder opaque.
    pub opaque: &'static str,
    /// The merged views of other overlays over the same lower layers.
    pub twins: Vec<PathBuf>,
}

/// What came of looking for an overlay.
#[derive(Clone, Debug)]
pub enum Found {
    /// It is there, and so are its layers.
    Overlay(Overlay),
    /// It is there, but where its layers are cannot be told, and why.
    Elsewhere(Text),
}

/// What a layer has under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing.
    Nothing,
    /// A file, or a folder that shows what is below it too.
    There,
    /// A whiteout: a character device 0:0, which hides the name in all layers below.
    Whiteout,
    /// An opaque folder: what layers below have in it does not show.
    Opaque,
}

/// The mount options that name layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Options {
    lowers: Vec<PathBuf>,
    upper: Option<PathBuf>,
    work: Option<PathBuf>,
    userxattr: bool,
}

impl Overlay {
    /// The layers, the topmost first.
    pub fn layers(&self) -> impl Iterator<Item = &Path> {
        self.upper.iter().chain(&self.lowers).map(PathBuf::as_path)
    }

    /// The lower layer that shows `name` when no upper layer is there.
    ///
    /// # Errors
    /// As for [`entry`].
    pub fn image_of(&self, name: &str) -> Result<Option<&Path>> {
        for layer in &self.lowers {
            match entry(layer, name, self.opaque)? {
                Entry::There | Entry::Opaque => return Ok(Some(layer)),
                Entry::Whiteout => return Ok(None),
                Entry::Nothing => {}
            }
            // A folder above `name` may end the looking as well.
            let above = Path::new(name).ancestors().skip(1).filter_map(Path::to_str);
            for folder in above.filter(|folder| !folder.is_empty()) {
                if matches!(entry(layer, folder, self.opaque)?, Entry::Whiteout | Entry::Opaque) {
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }
}

/// The overlay that `pid` (none: this process) sees on `merged`, a path in its root. Its layers are
/// in the mount table as whoever mounted it named them:
///
/// - absolute, seen from that process's root, which for a container is mostly the host's;
/// - relative, to the folder it stood in. The kernel does not say which, so the merged folder's
///   parent and the working directory of `pid` are tried: it is the one where all layers are, and
///   where the kernel has made `work` in the working folder.
///
/// # Errors
/// [`Error::Unable`] when there is no overlay; open(2)'s.
pub fn find(pid: Option<Pid>, merged: &Path) -> Result<Found> {
    let proc =
        PathBuf::from(pid.map_or_else(|| "/proc/self".to_owned(), |pid| format!("/proc/{pid}")));
    let mounts = mountinfo::read_file(&proc.join("mountinfo"))?;
    let top = mounts.iter().rfind(|mount| mount.target == merged);
    let shown = merged.display();
    let top = top.filter(|mount| mount.kind == "overlay").ok_or_else(|| {
        Error::unable(
            text!("no overlay is mounted on {shown}", "{shown}에 마운트된 오버레이가 없습니다"),
            Text::new("mount one there", "그 디렉터리에 오버레이를 마운트하십시오"),
        )
    })?;
    let options = parse(&top.options);
    let twins = mounts.iter().filter(|mount| mount.kind == "overlay" && mount.target != merged);
    let twins = twins.filter(|mount| parse(&mount.options).lowers == options.lowers);
    let root = reach(pid, Path::new("/"));
    let place = |root: &Path, base: &Path| options.seen_from(root, base);
    let beside = within(&root, merged.parent().unwrap_or(merged));
    let candidates = [
        place(&root, &beside),
        place(&root, &proc.join("cwd")),
        place(Path::new("/"), Path::new("/")),
    ];
    let fits = candidates.iter().find(|options| options.are_there());
    // Absolute paths leave no doubt where a layer should be, so that it is gone will be seen there.
    let settled = fits.or_else(|| candidates.first().filter(|_| options.are_absolute()));
    Ok(match settled.cloned() {
        Some(Options { lowers, upper, userxattr, .. }) => Found::Overlay(Overlay {
            merged: within(&root, merged),
            lowers,
            upper,
            opaque: if userxattr { USER_OPAQUE } else { OPAQUE },
            twins: twins.map(|mount| within(&root, &mount.target)).collect(),
        }),
        None => Found::Elsewhere(text!(
            "its layers have relative paths, and are not beside {shown}",
            "레이어가 상대 경로인데 {shown} 디렉터리와 같은 곳에 없습니다"
        )),
    })
}

impl Options {
    fn are_absolute(&self) -> bool {
        self.lowers.iter().chain(&self.upper).all(|path| path.is_absolute())
    }

    /// The same as paths in our root: absolute ones are in `root`, relative ones in `base`.
    fn seen_from(&self, root: &Path, base: &Path) -> Options {
        let seen = |path: &PathBuf| match path.is_absolute() {
            true => within(root, path),
            false => base.join(path),
        };
        Options {
            lowers: self.lowers.iter().map(seen).collect(),
            upper: self.upper.as_ref().map(seen),
            work: self.work.as_ref().map(seen),
            userxattr: self.userxattr,
        }
    }

    fn are_there(&self) -> bool {
        let works = self.work.as_ref().map(|work| work.join("work"));
        self.lowers.iter().chain(&self.upper).chain(&works).all(|folder| folder.is_dir())
    }
}

fn parse(raw: &str) -> Options {
    let mut options = Options::default();
    let path = |value: &str| PathBuf::from(without_backslashes(&unescape(value)));
    for option in raw.split(',') {
        match option.split_once('=') {
            Some(("lowerdir", list)) => options.lowers = lowers(list),
            // One a layer, as fsconfig(2) takes them: nothing in them is special.
            Some(("lowerdir+", value)) => options.lowers.push(PathBuf::from(unescape(value))),
            Some(("upperdir", value)) => options.upper = Some(path(value)),
            Some(("workdir", value)) => options.work = Some(path(value)),
            None if option == "userxattr" => options.userxattr = true,
            _ => {}
        }
    }
    options
}

/// `lowerdir`: folders with a colon between them; a colon of a path has a backslash before it. What
/// follows a double colon holds data only, and no names.
fn lowers(list: &str) -> Vec<PathBuf> {
    let mut parts: Vec<String> = Vec::new();
    for part in list.split(':').map(unescape) {
        let escapes = |part: &str| part.chars().rev().take_while(|&letter| letter == '\\').count();
        match parts.last_mut() {
            Some(last) if escapes(last) % 2 == 1 => {
                last.push(':');
                last.push_str(&part);
            }
            _ => parts.push(part),
        }
    }
    let named = parts.iter().take_while(|part| !part.is_empty());
    named.map(|part| PathBuf::from(without_backslashes(part))).collect()
}

/// A path as the kernel takes it from an option: a backslash stands for the letter after it.
fn without_backslashes(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().unwrap_or(letter) } else { letter });
    }
    plain
}

/// What `layer` has under `name`; `opaque` is the attribute that its overlay goes by.
///
/// # Errors
/// lstat(2)'s, but for ENOENT and ENOTDIR; getxattr(2)'s.
pub fn entry(layer: &Path, name: &str, opaque: &str) -> Result<Entry> {
    let path = layer.join(name);
    let meta = match fs::symlink_metadata(&path).context("lstat", path.display()) {
        Ok(meta) => meta,
        Err(error) if matches!(error.errno(), Some(Errno::ENOENT | Errno::ENOTDIR)) => {
            return Ok(Entry::Nothing);
        }
        Err(error) => return Err(error),
    };
    if meta.file_type().is_char_device() && meta.rdev() == 0 {
        return Ok(Entry::Whiteout);
    }
    Ok(if meta.is_dir() && is_marked(&path, opaque)? { Entry::Opaque } else { Entry::There })
}

fn is_marked(folder: &Path, mark: &str) -> Result<bool> {
    match xattr::get(folder, mark).context("getxattr", folder.display()) {
        Ok(value) => Ok(value.is_some_and(|value| value == b"y")),
        // A file system without this kind: tmpfs has no `user.` before Linux 6.6.
        Err(error) if error.errno() == Some(Errno::EOPNOTSUPP) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths<const N: usize>(paths: [&str; N]) -> Vec<PathBuf> {
        paths.map(PathBuf::from).to_vec()
    }

    // Lines as Linux 6.18 writes them.

    #[test]
    fn layers_of_mount_are_read_in_order_with_their_escapes() {
        let options = parse(
            r"rw,lowerdir=a\040b:co\134:lon:back\134\134slash,upperdir=up\134\054per,workdir=w,uuid=on",
        );
        assert_eq!(options.lowers, paths(["a b", "co:lon", r"back\slash"]));
        assert_eq!(options.upper, Some(PathBuf::from("up,per")));
        assert_eq!(options.work, Some(PathBuf::from("w")));
        assert!(!options.userxattr);
    }

    #[test]
    fn layers_of_fsconfig_are_taken_as_they_are() {
        let options = parse(
            r"rw,lowerdir+=/x/a\054b,lowerdir+=/x/c:d,lowerdir+=/x/e\134f,upperdir=/x/up\054p:er,userxattr",
        );
        assert_eq!(options.lowers, paths(["/x/a,b", "/x/c:d", r"/x/e\f"]));
        assert_eq!(options.upper, Some(PathBuf::from("/x/up,p:er")));
        assert!(options.userxattr);
    }

    #[test]
    fn what_follows_a_double_colon_has_no_names() {
        assert_eq!(lowers(r"/b\072c:/a::/data"), paths(["/b:c", "/a"]));
    }

    #[test]
    fn relative_layers_are_sought_in_the_base_and_absolute_ones_in_the_root() {
        let seen = parse("ro,lowerdir=/b:a").seen_from(Path::new("/proc/7/root"), Path::new("/x"));
        assert_eq!(seen.lowers, paths(["/proc/7/root/b", "/x/a"]));
    }
}

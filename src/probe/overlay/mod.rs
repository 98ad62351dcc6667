//! An overlay mount: its layers, and which of them a name comes from (overlayfs.rst).

mod changes;
mod options;
mod places;

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use nix::unistd::Pid;

use crate::error::{Error, Result};
use crate::probe::folder::{self, Folder};
use crate::probe::mountinfo::{self, Mount};
use crate::text;
use crate::text::Text;
use crate::visit::user::is_initial;
pub use changes::Change;
use options::Options;
use places::{Layers, Place, Seeker};

/// What the kernel calls it.
pub const KIND: &str = "overlay";
/// What it calls one that a program of an ordinary user's serves.
const FUSE: &str = "fuse.fuse-overlayfs";

/// The extended attribute that marks a folder opaque, with the value `y`.
const OPAQUE: &str = "trusted.overlay.opaque";
/// The same for an overlay that was mounted with `userxattr`, as an ordinary user does.
const USER_OPAQUE: &str = "user.overlay.opaque";

/// The extended attribute by which an overlay that is mounted here marks a folder opaque.
pub fn opaque() -> &'static str {
    if is_initial() { OPAQUE } else { USER_OPAQUE }
}

/// An overlay and its layers, each opened once.
#[derive(Debug)]
pub struct Overlay {
    /// The merged view.
    pub merged: Folder,
    /// `lowerdir`: read-only layers, the topmost first.
    pub lowers: Vec<Folder>,
    /// `upperdir`: where all changes go; none for a read-only overlay.
    pub upper: Option<Folder>,
    /// The attribute by which this overlay marks a folder opaque.
    pub opaque: &'static str,
    /// The merged views of other overlays over the same lower layers.
    pub twins: Vec<Folder>,
    /// `workdir`, as it was named.
    pub work: Option<PathBuf>,
    /// The folder at which paths of layers begin that are relative.
    pub base: PathBuf,
    /// Further options that it was mounted with.
    pub flags: Vec<String>,
    /// What the kernel has made in `workdir` when it was mounted.
    made: Option<Metadata>,
    /// Whether it is mounted to be read only, whatever layers it has.
    pub is_read_only: bool,
    /// How many other overlays are mounted on the same folder, below this one.
    pub covered: usize,
}

/// What came of looking for an overlay.
#[derive(Debug)]
pub enum Found {
    /// It is there, and so are its layers.
    Overlay(Box<Overlay>),
    /// It is there, and these lower layers of its are there no more.
    Gone(Vec<PathBuf>),
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

impl Overlay {
    /// When it was mounted, where that can be told.
    pub fn mounted(&self) -> Option<SystemTime> {
        self.made.as_ref()?.created().ok()
    }

    /// Whether what `meta` is of was made after it was mounted. A file system's clock goes in steps: what was made in one
    /// step is told apart by the inodes' numbers, of which the next free one is taken.
    pub fn is_younger(&self, meta: &Metadata) -> bool {
        let (Some(mounted), Ok(born)) = (self.mounted(), meta.created()) else { return false };
        let later = self.made.as_ref().is_some_and(|made| {
            born == mounted && made.dev() == meta.dev() && made.ino() < meta.ino()
        });
        born > mounted || later
    }

    /// Where a layer is, from the root of the process that sees the overlay.
    pub fn path_of(&self, layer: &Path) -> PathBuf {
        self.base.join(layer)
    }

    /// The layers, the topmost first.
    pub fn layers(&self) -> impl Iterator<Item = &Folder> {
        self.upper.iter().chain(&self.lowers)
    }

    /// The lower layer that shows `name` when no upper layer is there.
    ///
    /// # Errors
    /// As for [`entry`].
    pub fn image_of(&self, name: &str) -> Result<Option<&Folder>> {
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

    /// The names that the lower layers would show in the folder `path`, if nothing above covered it.
    ///
    /// # Errors
    /// As for [`entry`] and [`Folder::names_in`].
    pub fn names_below(&self, path: &str) -> Result<BTreeSet<String>> {
        let (mut names, mut hidden) = (BTreeSet::new(), BTreeSet::new());
        for layer in &self.lowers {
            let Some(found) = layer.look(path)? else { continue };
            if !found.meta.is_dir() {
                break;
            }
            for name in layer.names_in(path)? {
                let at = format!("{path}/{name}");
                if entry(layer, &at, self.opaque)? == Entry::Whiteout {
                    hidden.insert(name);
                } else if !hidden.contains(&name) {
                    names.insert(name);
                }
            }
            if classify(&found, self.opaque)? == Entry::Opaque {
                break;
            }
        }
        Ok(names)
    }
}

/// The overlay that `pid` (none: this process) sees on `merged`, a path in its root, which is to be opened by the
/// path `root`. Of several that are mounted there the last counts: it covers the others.
///
/// # Errors
/// [`Error::Unable`] when there is no overlay; open(2)'s.
pub fn find(pid: Option<Pid>, root: &Path, merged: &Path) -> Result<Found> {
    let proc =
        PathBuf::from(pid.map_or_else(|| "/proc/self".to_owned(), |pid| format!("/proc/{pid}")));
    let mounts = mountinfo::read_file(&proc.join("mountinfo"))?;
    let here = |mount: &&Mount| mount.target == merged;
    let top = mounts.iter().rfind(here).filter(|mount| is_overlay(mount)).ok_or_else(|| {
        let shown = merged.display();
        Error::unable(
            text!("no overlay is mounted on {shown}", "{shown}에 마운트된 오버레이가 없습니다"),
            Text::new("mount one there", "그 디렉터리에 오버레이를 마운트하십시오"),
        )
    })?;
    if top.kind != KIND {
        return Ok(Found::Elsewhere(Text::new(
            "it is fuse-overlayfs, a program, and the kernel does not know its layers: mount it with mount -t overlay",
            "fuse-overlayfs는 커널이 아니라 프로그램이 처리하므로 레이어를 알 수 없습니다. mount -t overlay로 마운트하십시오",
        )));
    }
    let options = Options::parse(&top.options);
    let root = Folder::open(root)?;
    let view = root.inside(merged)?;
    let seeker = Seeker { root: &root, proc: &proc, mounts: &mounts, merged: (&view, merged) };
    let layers = match seeker.seek(&options)? {
        Place::There(layers) => layers,
        Place::Gone(paths) => return Ok(Found::Gone(paths)),
        Place::Unknown => {
            let shown = merged.display();
            return Ok(Found::Elsewhere(text!(
                "its layers have relative paths, and are neither above {shown} nor where any process stands",
                "레이어가 상대 경로인데 {shown} 상위 디렉터리에도, 실행 중인 프로세스의 작업 디렉터리에도 없습니다"
            )));
        }
    };
    let is_twin = |mount: &&Mount| mount.kind == KIND && mount.target != merged;
    let shares = |mount: &&Mount| Options::parse(&mount.options).lowers == options.lowers;
    let twins = mounts.iter().filter(is_twin).filter(shares);
    // One that this process cannot come to shows nothing.
    let twins = twins.filter_map(|mount| root.inside(&mount.target).ok()).collect();
    let Layers { lowers, upper, base, work: made } = *layers;
    Ok(Found::Overlay(Box::new(Overlay {
        merged: view,
        lowers,
        upper,
        twins,
        base,
        made,
        opaque: if options.userxattr { USER_OPAQUE } else { OPAQUE },
        work: options.work,
        flags: options.flags,
        is_read_only: top.options.split(',').next() == Some("ro"),
        covered: mounts.iter().filter(here).filter(|mount| is_overlay(mount)).count() - 1,
    })))
}

/// Whether an overlay is mounted there, the kernel's own or a program's.
pub fn is_overlay(mount: &Mount) -> bool {
    mount.kind == KIND || mount.kind == FUSE
}

/// What `layer` has under `name`; `opaque` is the attribute that its overlay goes by.
///
/// # Errors
/// As for [`Folder::look`]; getxattr(2)'s.
pub fn entry(layer: &Folder, name: &str, opaque: &str) -> Result<Entry> {
    layer.look(name)?.map_or(Ok(Entry::Nothing), |found| classify(&found, opaque))
}

/// The same of what is there. A whiteout is a device, or an empty file that is marked as one: there may be no device in a
/// layer that is itself on an overlay.
fn classify(found: &folder::Found, opaque: &str) -> Result<Entry> {
    let (kind, meta) = (found.meta.file_type(), &found.meta);
    if kind.is_char_device() && meta.rdev() == 0 {
        return Ok(Entry::Whiteout);
    }
    let mark = opaque.replace("opaque", "whiteout");
    if kind.is_file() && meta.len() == 0 && found.attribute(&mark)?.is_some() {
        return Ok(Entry::Whiteout);
    }
    let is_opaque = kind.is_dir() && found.attribute(opaque)?.is_some_and(|mark| mark == b"y");
    Ok(if is_opaque { Entry::Opaque } else { Entry::There })
}

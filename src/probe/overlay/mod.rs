//! An overlay mount: its layers, and which of them a name comes from (overlayfs.rst).

mod options;

use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::unistd::Pid;

use crate::error::{Error, Result};
use crate::probe::folder::Folder;
use crate::probe::mountinfo::{self, Mount};
use crate::text;
use crate::text::Text;
use crate::visit::user::is_initial;
use options::Options;

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
}

/// What came of looking for an overlay.
#[derive(Debug)]
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

impl Overlay {
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
}

/// The overlay that `pid` (none: this process) sees on `merged`, a path in its root, which is to be opened by the
/// path `root`. Its layers are in the mount table as whoever mounted it named them:
///
/// - absolute, seen from that process's root, which for a container is mostly the host's;
/// - relative, to the folder it stood in. The kernel does not say which, so the merged folder's
///   parent and the working directory of `pid` are tried: it is the one where all layers are, and
///   where the kernel has made `work` in the working folder.
///
/// # Errors
/// [`Error::Unable`] when there is no overlay; open(2)'s.
pub fn find(pid: Option<Pid>, root: &Path, merged: &Path) -> Result<Found> {
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
    let options = Options::parse(&top.options);
    let root = Folder::open(root)?;
    let Some((lowers, upper)) = layers(&options, &root, merged, &proc)? else {
        return Ok(Found::Elsewhere(text!(
            "its layers have relative paths, and are not beside {shown}",
            "레이어가 상대 경로인데 {shown} 디렉터리와 같은 곳에 없습니다"
        )));
    };
    let is_twin = |mount: &&Mount| mount.kind == "overlay" && mount.target != merged;
    let shares = |mount: &&Mount| Options::parse(&mount.options).lowers == options.lowers;
    let twins = mounts.iter().filter(is_twin).filter(shares);
    Ok(Found::Overlay(Overlay {
        merged: root.inside(merged)?,
        lowers,
        upper,
        opaque: if options.userxattr { USER_OPAQUE } else { OPAQUE },
        // One that this process cannot come to shows nothing.
        twins: twins.filter_map(|mount| root.inside(&mount.target).ok()).collect(),
    }))
}

/// The lower layers and the upper one.
type Layers = (Vec<Folder>, Option<Folder>);

/// The layers, wherever all of them are. Absolute paths leave no doubt where one should be, so that it is
/// gone is an error.
fn layers(options: &Options, root: &Folder, merged: &Path, proc: &Path) -> Result<Option<Layers>> {
    let beside = root.inside(merged.parent().unwrap_or(merged));
    let host = Folder::open(Path::new("/"))?;
    let places = [
        (root, beside),
        (root, Folder::open(&proc.join("cwd"))),
        (&host, host.inside(Path::new("/"))),
    ];
    let mut first_error = None;
    for (root, base) in places {
        match base.and_then(|base| seen_from(options, root, &base)) {
            Ok(layers) => return Ok(Some(layers)),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    // What may not be looked at is no layer that is gone.
    let refused = |error: &Error| error.is_refusal();
    match first_error {
        Some(error) if options.are_absolute() || refused(&error) => Err(error),
        _ => Ok(None),
    }
}

/// The layers: absolute ones are in `root`, relative ones in `base`.
fn seen_from(options: &Options, root: &Folder, base: &Folder) -> Result<Layers> {
    let open = |path: &PathBuf| match path.is_absolute() {
        true => root.inside(path),
        false => base.inside(path),
    };
    if let Some(work) = &options.work {
        open(&work.join("work"))?;
    }
    let lowers = options.lowers.iter().map(open).collect::<Result<Vec<Folder>>>()?;
    Ok((lowers, options.upper.as_ref().map(open).transpose()?))
}

/// What `layer` has under `name`; `opaque` is the attribute that its overlay goes by.
///
/// # Errors
/// As for [`Folder::look`]; getxattr(2)'s.
pub fn entry(layer: &Folder, name: &str, opaque: &str) -> Result<Entry> {
    let Some(found) = layer.look(name)? else { return Ok(Entry::Nothing) };
    if found.meta.file_type().is_char_device() && found.meta.rdev() == 0 {
        return Ok(Entry::Whiteout);
    }
    let is_opaque = found.meta.is_dir() && found.is_marked(opaque)?;
    Ok(if is_opaque { Entry::Opaque } else { Entry::There })
}

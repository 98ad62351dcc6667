//! Where the layers of an overlay are: the mount table has them as whoever mounted it named them.

use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use super::options::Options;
use crate::error::{Error, Result};
use crate::probe::folder::{Folder, Found};
use crate::probe::mountinfo::{self, Mount};
use crate::probe::process;
use crate::text;

/// So many names of a layer are held against the merged view, to tell it from a look-alike.
const MOST_NAMES: usize = 64;

/// The layers of an overlay, held open.
#[derive(Debug)]
pub struct Layers {
    /// `lowerdir`, the topmost first.
    pub lowers: Vec<Folder>,
    /// `upperdir`.
    pub upper: Option<Folder>,
    /// The folder that relative paths begin at.
    pub base: PathBuf,
    /// `work` in the working folder, which the kernel makes anew at each mount.
    pub work: Option<Metadata>,
}

/// What came of looking for them.
#[derive(Debug)]
pub enum Place {
    /// There they are.
    There(Box<Layers>),
    /// The upper layer is there, and these lower ones are there no more.
    Gone(Vec<PathBuf>),
    /// No folder is known in which they are.
    Unknown,
}

/// Who looks, and from where.
pub struct Seeker<'a> {
    /// The root of the process that sees the overlay.
    pub root: &'a Folder,
    /// Its folder in `/proc`.
    pub proc: &'a Path,
    /// Its mount table.
    pub mounts: &'a [Mount],
    /// The merged view, and its path in that root.
    pub merged: (&'a Folder, &'a Path),
}

impl Seeker<'_> {
    /// Looks for the layers that `options` name:
    ///
    /// - absolute, seen from that process's root, which for a container is mostly the host's;
    /// - relative, to the folder in which whoever mounted it stood. The kernel does not say which, so those above the
    ///   merged one are tried, and those in which anybody stands: it is the one where all layers are, where the kernel has
    ///   made `work` in the working folder, and whose files have the inodes that the merged view shows.
    ///
    /// # Errors
    /// What may not be looked at is no layer that is gone; for absolute paths, open(2)'s.
    pub fn seek(&self, options: &Options) -> Result<Place> {
        let host = Folder::open(Path::new("/"))?;
        let top = Path::new("/");
        if options.are_absolute() {
            let here = self.at(options, self.root, top);
            return match here {
                Ok(Place::There(_)) => here,
                _ => match self.at(options, &host, top) {
                    there @ Ok(Place::There(_)) => there,
                    _ => here,
                },
            };
        }
        let (mut gone, mut refused) = (None, None);
        let above = self.merged.1.ancestors().skip(1).map(Path::to_owned);
        let own = fs::read_link(self.proc.join("cwd")).ok();
        let near: Vec<PathBuf> = above.chain(own).collect();
        let mut tried = Vec::new();
        let all =
            near.into_iter().chain(std::iter::once_with(|| self.where_others_stand()).flatten());
        for base in all {
            if tried.contains(&base) {
                continue;
            }
            match self.at(options, self.root, &base) {
                Ok(there @ Place::There(_)) => return Ok(there),
                Ok(place @ Place::Gone(_)) => gone = gone.or(Some(place)),
                Ok(Place::Unknown) => {}
                Err(error) if error.is_refusal() => refused = refused.or(Some(error)),
                Err(_) => {}
            }
            tried.push(base);
        }
        match (gone, refused) {
            (Some(gone), _) => Ok(gone),
            (None, Some(error)) => Err(error),
            (None, None) => match self.at(options, &host, top) {
                Ok(there @ Place::There(_)) => Ok(there),
                _ => Ok(Place::Unknown),
            },
        }
    }

    /// The working folders of all processes, but for those on file systems that may not answer.
    fn where_others_stand(&self) -> Vec<PathBuf> {
        let pids = process::all().unwrap_or_default();
        let links = pids.iter().map(|pid| fs::read_link(format!("/proc/{pid}/cwd")));
        let mut folders: Vec<PathBuf> = links.filter_map(|link| link.ok()).collect();
        folders.sort();
        folders.dedup();
        let is_far =
            |folder: &Path| mountinfo::nearest(self.mounts, folder).is_some_and(Mount::is_far);
        folders.retain(|folder| !is_far(folder));
        folders
    }

    /// The layers, absolute ones in `root`, relative ones in its folder `base`.
    fn at(&self, options: &Options, root: &Folder, base: &Path) -> Result<Place> {
        let open = |path: &PathBuf| self.uncovered(root.inside(&base.join(path))?);
        let work = options.work.as_ref().map(|work| open(&work.join("work"))).transpose()?;
        let upper = options.upper.as_ref().map(open).transpose()?;
        let (mut lowers, mut gone) = (Vec::new(), Vec::new());
        for path in &options.lowers {
            match open(path) {
                Ok(lower) => lowers.push(lower),
                // Without an upper layer nothing tells that this is the place.
                Err(error) if is_missing(&error) && upper.is_some() => gone.push(path.clone()),
                Err(error) => return Err(error),
            }
        }
        if !options.are_absolute() && !self.shows(upper.as_ref(), &lowers)? {
            return Ok(Place::Unknown);
        }
        if !gone.is_empty() {
            return Ok(Place::Gone(gone));
        }
        let work = work.map(|work| work.itself()).transpose()?.map(|work| work.meta);
        let base = base.to_owned();
        Ok(Place::There(Box::new(Layers { lowers, upper, base, work })))
    }

    /// A layer may be the very folder on which the overlay is mounted, which covers it.
    fn uncovered(&self, layer: Folder) -> Result<Folder> {
        let (own, shown) = (layer.itself()?.meta, self.merged.0.itself()?.meta);
        if (own.dev(), own.ino()) != (shown.dev(), shown.ino()) {
            return Ok(layer);
        }
        layer.below_mounts().map_err(|_| {
            let shown = self.merged.1.display();
            Error::untold(text!(
                "the overlay itself covers its layer {shown}, and only root in its mount namespace sees below",
                "오버레이가 자신의 레이어 {shown} 위에 마운트되어 있어, 같은 마운트 네임스페이스의 root만 그 아래를 볼 수 있습니다"
            ))
        })
    }

    /// Whether the merged view shows files of these layers: it gives each the inode that it has in its layer, at least the
    /// lower half of the number (overlayfs.rst, inode properties). Where there is no such file, nothing speaks against it.
    fn shows(&self, upper: Option<&Folder>, lowers: &[Folder]) -> Result<bool> {
        let mut compared = false;
        let mut covered = std::collections::BTreeSet::new();
        for layer in upper.into_iter().chain(lowers) {
            for name in layer.names().unwrap_or_default().into_iter().take(MOST_NAMES) {
                if !covered.insert(name.clone()) {
                    continue;
                }
                let (Some(own), Some(shown)) = (layer.look(&name)?, self.merged.0.look(&name)?)
                else {
                    continue;
                };
                // A copy shows the number that its original has.
                let is_upper = upper.is_some_and(|upper| std::ptr::eq(upper, layer));
                if own.meta.is_dir() || own.meta.file_type().is_char_device() || is_upper {
                    continue;
                }
                if has_number_of(&own, &shown) {
                    return Ok(true);
                }
                compared = true;
            }
        }
        Ok(!compared)
    }
}

fn has_number_of(one: &Found, other: &Found) -> bool {
    let half = u64::from(u32::MAX);
    one.meta.ino() & half == other.meta.ino() & half
}

fn is_missing(error: &Error) -> bool {
    matches!(error.errno(), Some(Errno::ENOENT | Errno::ENOTDIR))
}

//! The folders that lie beside each other in an exercise: image layers, and empty ones to write to.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::order;
use crate::error::Result;
use crate::probe::folder::Folder;

/// How image layers are called in exercises, before their number.
const IMAGES: [&str; 5] = ["image", "layer", "lower", "base", "img"];

/// The folders in a folder that are on its own file system, and no links.
pub struct Beside {
    at: PathBuf,
    empty: Vec<PathBuf>,
    filled: Vec<Folder>,
}

impl Beside {
    /// Looks at `at`, a path in `root`.
    ///
    /// # Errors
    /// As for [`Folder::inside`] and [`Folder::names`].
    pub fn look(root: &Folder, at: &Path) -> Result<Beside> {
        let parent = root.inside(at)?;
        let device = parent.itself()?.meta.dev();
        let mut beside = Beside { at: at.to_owned(), empty: Vec::new(), filled: Vec::new() };
        for name in parent.names()? {
            let Some(found) = parent.look(&name)? else { continue };
            let path = at.join(&name);
            if !found.meta.is_dir() || found.meta.dev() != device {
                continue;
            }
            match parent.names_in(&name) {
                Ok(names) if names.is_empty() => beside.empty.push(path),
                Ok(_) => beside.filled.extend(root.inside(&path)),
                Err(_) => {}
            }
        }
        Ok(beside)
    }

    /// What is called as an image layer is; where nothing is, what there is, if that is two folders.
    fn called_images(&self, taken: &[PathBuf]) -> Vec<&Folder> {
        let free = self.filled.iter().filter(|folder| !taken.iter().any(|it| it == folder.path()));
        let is_called = |folder: &&Folder| {
            let name = super::short(folder.path()).to_lowercase();
            IMAGES.iter().any(|image| name.starts_with(image))
        };
        let (images, others): (Vec<&Folder>, Vec<&Folder>) = free.partition(is_called);
        if images.is_empty() && others.len() <= 2 { others } else { images }
    }

    /// An image layer, other than those that are `taken`.
    pub fn image_beside(&self, taken: &[PathBuf]) -> Option<&Folder> {
        self.called_images(taken).first().copied()
    }

    /// All image layers, the newest first. None where there are none.
    pub fn images(&self, merged: &Path) -> Option<Vec<PathBuf>> {
        let mut sorted: Vec<&Folder> = Vec::new();
        for image in self.called_images(&[merged.to_owned()]) {
            let at = sorted.iter().position(|above| order::is_newer(image, above));
            sorted.insert(at.unwrap_or(sorted.len()), image);
        }
        let paths: Vec<PathBuf> = sorted.iter().map(|image| image.path().to_owned()).collect();
        (!paths.is_empty()).then_some(paths)
    }

    /// An upper layer and a working folder, empty both of them, and those of them that are to be made first.
    pub fn places_to_write(&self, taken: &[PathBuf]) -> Option<(PathBuf, PathBuf, Vec<PathBuf>)> {
        let mut free: Vec<&PathBuf> =
            self.empty.iter().filter(|path| !taken.contains(path)).collect();
        let mut make = Vec::new();
        let mut take = |wanted: &[&str]| {
            let is_called = |path: &&PathBuf| {
                let name = super::short(path);
                wanted.iter().any(|wanted| name.starts_with(wanted))
            };
            if let Some(at) = free.iter().position(is_called) {
                return Some(free.remove(at).clone());
            }
            let first = wanted.first()?;
            let names = (1..10).map(|number| match number {
                1 => (*first).to_owned(),
                _ => format!("{first}-{number}"),
            });
            let path = names
                .map(|name| self.at.join(name))
                .find(|path| path.symlink_metadata().is_err())?;
            make.push(path.clone());
            Some(path)
        };
        let (upper, work) = (take(&["container", "upper"])?, take(&["work"])?);
        Some((upper, work, make))
    }
}

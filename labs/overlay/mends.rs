//! Commands that mend what a check of this lab saw, on the student's own overlay. What is unmounted is that overlay and is
//! mounted again; what is deleted is deleted through its merged view, and stays in its image layer; and nothing is
//! overwritten. A step that fails keeps those after it from being done.

use std::path::{Path, PathBuf};

use super::copies::{self, Copy};
use super::order;
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::mend::{self, echo, steps};
use crate::probe::folder::Folder;
use crate::probe::mountinfo;
use crate::probe::overlay::{Entry, Overlay, entry};
use crate::probe::process::{self, Inode, reach};

/// Mends the overlay that a subject is about.
pub struct Mender<'a> {
    /// The subject.
    pub subject: &'a Subject,
    /// Its overlay.
    pub overlay: &'a Overlay,
    /// The merged view, as the process that sees it names it.
    pub merged: &'a Path,
}

impl<'a> Mender<'a> {
    /// # Errors
    /// When the subject has no directory.
    pub fn of(subject: &'a Subject, overlay: &'a Overlay) -> Result<Mender<'a>> {
        Ok(Mender { subject, overlay, merged: subject.dir()? })
    }

    /// A path of the merged view, as whoever asked reaches it.
    pub fn shown(&self, path: &str) -> PathBuf {
        reach(self.subject.pid, &self.merged.join(path))
    }

    /// A path in a layer, likewise.
    pub fn in_layer(&self, layer: &Folder, path: &str) -> PathBuf {
        reach(self.subject.pid, &self.overlay.path_of(layer.path()).join(path))
    }

    /// Whether no process has its root in there: a runtime's container has, and nothing of it is to be taken away.
    pub fn is_free_to_change(&self) -> bool {
        let device = |inode: Inode| inode.device;
        let Ok(ours) = Inode::of(&self.shown("")).map(device) else { return false };
        let pids = process::all().unwrap_or_default();
        !pids.iter().any(|pid| Inode::of_root(*pid).map(device).is_ok_and(|root| root == ours))
    }

    /// A command about mounts, where the overlay is mounted.
    pub fn there<S: AsRef<str>>(&self, words: &[S]) -> Option<String> {
        let way = self.subject.pid.map(|pid| mend::entering(pid, "--mount"));
        let mut all = way.unwrap_or_default();
        all.extend(words.iter().map(|word| word.as_ref().to_owned()));
        mend::command(&all)
    }

    /// Writes to a file through the merged view.
    pub fn append(&self, path: &str) -> Option<String> {
        echo("Hello, yumi", ">>", &self.shown(path))
    }

    /// Writes to a file of an image layer that nothing covers; to one that two layers have if there is no other.
    pub fn append_to_any(&self) -> Option<String> {
        let common = self.common();
        let path = self.uncovered(|path| Some(path) != common.as_deref());
        self.append(&path.or(common)?)
    }

    /// The file that two layers have, by which it shows which of them lies on top.
    fn common(&self) -> Option<String> {
        order::file_in_two(self.overlay).ok().flatten().map(|common| common.path)
    }

    /// A regular file of an image layer that shows in the merged view as it is, and whose name fits.
    fn uncovered(&self, fits: impl Fn(&str) -> bool) -> Option<String> {
        let upper = self.overlay.upper.as_ref()?;
        let found = copies::of_images(self.overlay, |path, found| {
            Ok(found.meta.is_file()
                && fits(path)
                && mend::word(path).is_some()
                && entry(upper, path, self.overlay.opaque)? == Entry::Nothing
                && self.overlay.merged.look(path)?.is_some_and(|shown| shown.meta.is_file())
                && self.is_free(path))
        });
        found.ok().flatten().map(|(_, path)| path)
    }

    /// Whether nothing is mounted at or below that path of the merged view.
    fn is_free(&self, path: &str) -> bool {
        let at = self.merged.join(path);
        mountinfo::read_file(&mountinfo::file_of(self.subject.pid)).is_ok_and(|mounts| {
            let mut inside = mounts.iter().filter(|mount| mount.target != self.merged);
            !inside.any(|mount| {
                mount.target.starts_with(&at)
                    || (mount.target.starts_with(self.merged) && at.starts_with(&mount.target))
            })
        })
    }

    /// Has the kernel copy a file anew: what is in its place is put aside while nothing is mounted, and written through the
    /// merged view.
    pub fn copy_anew(&self, copy: &Copy) -> Option<String> {
        let upper = self.overlay.upper.as_ref()?;
        let at = self.overlay.path_of(upper.path());
        let is_new = |aside: &PathBuf| reach(self.subject.pid, aside).symlink_metadata().is_err();
        let aside = (1..10)
            .map(|number| at.with_extension(format!("{}.{number}", copy.change.name())))
            .find(is_new)?;
        let (from, to) = (self.in_layer(upper, &copy.change.path), reach(self.subject.pid, &aside));
        let write = match copy.differs {
            true => {
                let shown = mend::word(self.shown(&copy.change.path))?;
                Some(format!("cat {} > {shown}", mend::word(&to)?))
            }
            false => self.append(&copy.change.path),
        };
        let put_aside = mend::command(&[Path::new("mv"), &from, &to]);
        steps([self.unmount(), put_aside, self.mount(&self.lowers()), write])
    }

    /// Makes a file that no layer has.
    pub fn new_file(&self) -> Option<String> {
        let is_new = |name: &&str| {
            let mut layers = self.overlay.layers();
            layers.all(|layer| layer.look(name).is_ok_and(|found| found.is_none()))
                && self.overlay.merged.look(name).is_ok_and(|found| found.is_none())
        };
        let name = ["d", "new", "new-file", "new-file-2"].into_iter().find(is_new)?;
        echo("Hello, d", ">", &self.shown(name))
    }

    /// Deletes a file of an image layer, but for the one that two layers have.
    pub fn delete(&self) -> Option<String> {
        let common = self.common();
        let path = self.uncovered(|path| Some(path) != common.as_deref())?;
        if !self.is_free_to_change() {
            return None;
        }
        mend::command(&[Path::new("rm"), &self.shown(&path)])
    }

    /// Deletes a folder of an image layer that has something in it, and makes it again. Where the images have none, one is
    /// put into the lowest first.
    pub fn remake(&self) -> Option<String> {
        let Some(path) = self.folder() else {
            let lowest = self.overlay.lowers.last()?;
            let folder = self.in_layer(lowest, "dir");
            let shown = self.shown("dir");
            let is_new = self.overlay.merged.look("dir").is_ok_and(|found| found.is_none());
            let put_in = [
                self.unmount(),
                mend::command(&[Path::new("mkdir"), &folder]),
                echo("old", ">", &folder.join("old")),
                self.mount(&self.lowers()),
                mend::command(&[Path::new("rm"), Path::new("-r"), &shown]),
                mend::command(&[Path::new("mkdir"), &shown]),
            ];
            return is_new.then(|| steps(put_in)).flatten();
        };
        let shown = self.shown(&path);
        let make = mend::command(&[Path::new("mkdir"), &shown]);
        let is_there = self.overlay.merged.look(&path).ok()?.is_some();
        let is_empty = self.overlay.merged.names_in(&path).is_ok_and(|names| names.is_empty());
        match (is_there, is_empty) {
            (false, _) => make,
            (true, _) if !self.is_free_to_change() => None,
            (true, true) => steps([mend::command(&[Path::new("rmdir"), &shown]), make]),
            (true, false) => {
                let remove = mend::command(&[Path::new("rm"), Path::new("-r"), &shown]);
                steps([remove, make])
            }
        }
    }

    /// A folder of an image layer with something in it, which no opaque one covers: one that was emptied or deleted before
    /// any other, and none that has the file in it that two layers have, if there is another.
    fn folder(&self) -> Option<String> {
        let upper = self.overlay.upper.as_ref()?;
        let common = self.common();
        let holds_common = |path: &str| {
            common.as_deref().is_some_and(|common| Path::new(common).starts_with(path))
        };
        let begun = |path: &str| -> Result<bool> {
            let gone = self.overlay.merged.look(path)?.is_none();
            Ok(gone || self.overlay.merged.names_in(path)?.is_empty())
        };
        let first = |asks_begun: bool, spares_common: bool| {
            let found = copies::of_images(self.overlay, |path, found| {
                Ok(found.meta.is_dir()
                    && mend::word(path).is_some()
                    && (!asks_begun || begun(path)?)
                    && entry(upper, path, self.overlay.opaque)? != Entry::Opaque
                    && !(spares_common && holds_common(path))
                    && !self.overlay.names_below(path)?.is_empty()
                    && self.is_free(path))
            });
            found.ok().flatten().map(|(_, path)| path)
        };
        first(true, false).or_else(|| first(false, true)).or_else(|| first(false, false))
    }
}

//! Commands that mend by mounting: the student's own overlay is unmounted, and mounted again otherwise.

use std::path::{Path, PathBuf};

use super::mends::Mender;
use super::{layout, order};
use crate::lab::mend::{self, echo, steps};
use crate::probe::folder::Folder;
use crate::probe::overlay::{self, Change};
use crate::probe::process::reach;

/// Mounts an overlay with these layers on `merged`. None for paths that `-o` would take apart.
pub fn mount(
    lowers: &[PathBuf],
    upper: &Path,
    work: &Path,
    flags: &[String],
    merged: &Path,
) -> Option<Vec<String>> {
    let plain = |path: &Path| {
        let path = path.to_str()?.to_owned();
        (!path.contains([',', ':', '\\', '"'])).then_some(path)
    };
    let lowers = lowers.iter().map(|path| plain(path)).collect::<Option<Vec<_>>>()?.join(":");
    let (upper, work) = (plain(upper)?, plain(work)?);
    let mut options =
        vec![format!("lowerdir={lowers}"), format!("upperdir={upper}"), format!("workdir={work}")];
    options.extend_from_slice(flags);
    let words = ["mount", "-t", "overlay", "overlay", "-o", &options.join(","), merged.to_str()?];
    Some(words.map(str::to_owned).to_vec())
}

impl Mender<'_> {
    /// Unmounts it, if nobody lives in it.
    pub fn unmount(&self) -> Option<String> {
        let command = self.there(&["umount", self.merged.to_str()?]);
        command.filter(|_| self.is_free_to_change())
    }

    /// Mounts it with these lower layers, and the upper one that it has.
    pub fn mount(&self, lowers: &[PathBuf]) -> Option<String> {
        let upper = self.overlay.path_of(self.overlay.upper.as_ref()?.path());
        let work = self.overlay.path_of(self.overlay.work.as_ref()?);
        self.there(&mount(lowers, &upper, &work, &self.flags(), self.merged)?)
    }

    fn flags(&self) -> Vec<String> {
        marks(self.overlay.opaque).into_iter().chain(self.overlay.flags.iter().cloned()).collect()
    }

    /// Where its lower layers are.
    pub fn lowers(&self) -> Vec<PathBuf> {
        self.overlay.lowers.iter().map(|lower| self.overlay.path_of(lower.path())).collect()
    }

    /// Mounts it with the layers that were made later above the others.
    pub fn reorder(&self) -> Option<String> {
        let mut sorted: Vec<&Folder> = Vec::new();
        for lower in &self.overlay.lowers {
            let at = sorted.iter().position(|above| order::is_newer(lower, above));
            sorted.insert(at.unwrap_or(sorted.len()), lower);
        }
        let lowers: Vec<PathBuf> =
            sorted.into_iter().map(|lower| self.overlay.path_of(lower.path())).collect();
        steps([self.unmount(), self.mount(&lowers)])
    }

    /// Puts a file into two layers, with another text in each, while nothing is mounted.
    pub fn share_a_file(&self) -> Option<String> {
        let [upper, lower] = self.overlay.lowers.get(..2)? else { return None };
        let is_new = |name: &&str| {
            let mut layers = self.overlay.layers();
            layers.all(|layer| layer.look(name).is_ok_and(|found| found.is_none()))
        };
        let name = ["both", "both-2"].into_iter().find(is_new)?;
        steps([
            self.unmount(),
            echo("older", ">", &self.in_layer(lower, name)),
            echo("newer", ">", &self.in_layer(upper, name)),
            self.mount(&self.lowers()),
        ])
    }

    /// Mounts it with the empty lower layer as the one to write to, in the place of which the upper one comes: if that held
    /// files before anything was mounted, as an image layer does.
    pub fn swap(&self, empty: &Folder) -> Option<String> {
        let changes = self.overlay.changes().ok()?;
        let is_images = |change: &Change| {
            change.is_file() && !change.is_copy && !self.overlay.is_younger(&change.meta)
        };
        if !changes.iter().any(is_images) {
            return None;
        }
        let upper = self.overlay.path_of(self.overlay.upper.as_ref()?.path());
        let work = self.overlay.path_of(self.overlay.work.as_ref()?);
        let empty = self.overlay.path_of(empty.path());
        let instead = |path: PathBuf| if path == empty { upper.clone() } else { path };
        let lowers: Vec<PathBuf> = self.lowers().into_iter().map(instead).collect();
        let mount = mount(&lowers, &empty, &work, &self.flags(), self.merged)?;
        steps([self.unmount(), self.there(&mount)])
    }

    /// Mounts it with one more layer, that lies beside.
    pub fn add_layer(&self) -> Option<String> {
        let [only] = self.overlay.lowers.as_slice() else { return None };
        let upper = self.overlay.upper.as_ref()?;
        let beside = self.beside(only.path())?;
        let taken = [only.path(), upper.path(), self.overlay.work.as_deref()?, self.merged];
        let taken = taken.map(|path| self.overlay.path_of(path));
        let more = beside.image_beside(&taken)?;
        let (more, only_path) = (more.path(), self.overlay.path_of(only.path()));
        let folder = Folder::open(&self.subject.root()).ok()?.inside(more).ok()?;
        let lowers = match order::is_newer(only, &folder) {
            true => [only_path, more.to_owned()],
            false => [more.to_owned(), only_path],
        };
        steps([self.unmount(), self.mount(&lowers)])
    }

    /// Mounts it with a layer to write to.
    pub fn make_writable(&self) -> Option<String> {
        if self.overlay.upper.is_some() {
            return self.there(&["mount", "-o", "remount,rw", self.merged.to_str()?]);
        }
        let beside = self.beside(self.overlay.lowers.first()?.path())?;
        let mut taken = self.lowers();
        taken.push(self.merged.to_owned());
        let (upper, work, make) = beside.places_to_write(&taken)?;
        let make = make
            .into_iter()
            .map(|folder| mend::command(&[Path::new("mkdir"), &reach(self.subject.pid, &folder)]));
        // Without an upper layer nothing tells which features are wanted.
        let mount = mount(&self.lowers(), &upper, &work, &marks(overlay::opaque()), self.merged)?;
        steps([self.unmount()].into_iter().chain(make).chain([self.there(&mount)]))
    }

    fn beside(&self, layer: &Path) -> Option<layout::Beside> {
        let at = self.overlay.path_of(layer).parent()?.to_owned();
        layout::Beside::look(&Folder::open(&self.subject.root()).ok()?, &at).ok()
    }
}

/// The option for the kind of marks that `opaque` is one of, where it needs one.
fn marks(opaque: &str) -> Vec<String> {
    let users = opaque.starts_with("user.").then(|| "userxattr".to_owned());
    users.into_iter().collect()
}

/// Mounts an overlay on a folder on which there is none, with the layers that lie beside it.
pub fn mount_on(dir: &Path) -> Option<String> {
    let root = Folder::open(Path::new("/")).ok()?;
    let beside = layout::Beside::look(&root, dir.parent()?).ok()?;
    let lowers = beside.images(dir)?;
    let mut taken = lowers.clone();
    taken.push(dir.to_owned());
    let (upper, work, make) = beside.places_to_write(&taken)?;
    let make = make.iter().map(|folder| mend::command(&[Path::new("mkdir"), folder]));
    let mount = mend::command(&mount(&lowers, &upper, &work, &marks(overlay::opaque()), dir)?);
    steps(make.chain([mount]))
}

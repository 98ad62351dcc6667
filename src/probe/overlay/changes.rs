//! What an overlay's upper layer holds: the changes, wherever in the tree they are.

use std::collections::HashMap;
use std::fs::Metadata;

use super::{Entry, Overlay, classify};
use crate::error::Result;
use crate::probe::folder::Found;
use crate::probe::walk::{MOST_NAMES, Step, walk};

/// Something in the upper layer.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its path in the upper layer, which is that in the merged view.
    pub path: String,
    /// The path that it stands for in the lower layers; none in a folder that shows nothing of theirs.
    pub below: Option<String>,
    /// What it is to the overlay.
    pub entry: Entry,
    /// What fstat(2) says of it.
    pub meta: Metadata,
    /// Whether the kernel has copied it up: such a copy remembers what it is a copy of (`overlay.origin`).
    pub is_copy: bool,
}

impl Change {
    /// A regular file, and no mark.
    pub fn is_file(&self) -> bool {
        self.entry == Entry::There && self.meta.is_file()
    }

    /// Its own name.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

impl Overlay {
    /// What its upper layer holds, what is near the top first.
    ///
    /// # Errors
    /// As for [`walk`]; getxattr(2)'s.
    pub fn changes(&self) -> Result<Vec<Change>> {
        let Some(upper) = &self.upper else { return Ok(Vec::new()) };
        let mut changes = Vec::new();
        // What each folder stands for below.
        let mut folders: HashMap<String, Option<String>> =
            HashMap::from([(String::new(), Some(String::new()))]);
        let mut left = MOST_NAMES;
        walk(upper, &mut left, &mut |path, found| {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            let parent = folders.get(parent).cloned().flatten();
            let entry = classify(found, self.opaque)?;
            let below = match self.moved_from(found)? {
                Some(from) => from
                    .strip_prefix('/')
                    .map(str::to_owned)
                    .or_else(|| parent.map(|parent| beside(&parent, &from))),
                None => parent.map(|parent| beside(&parent, name)),
            };
            if found.meta.is_dir() {
                let shown = below.clone().filter(|_| entry != Entry::Opaque);
                folders.insert(path.to_owned(), shown);
            }
            let is_copy = found.attribute(&self.mark("origin"))?.is_some();
            let (path, meta) = (path.to_owned(), found.meta.clone());
            changes.push(Change { path, below, entry, meta, is_copy });
            Ok(Step::Into)
        })?;
        Ok(changes)
    }

    /// The name of one of the attributes in which this overlay keeps its marks (overlayfs.rst).
    pub fn mark(&self, name: &str) -> String {
        let kind = self.opaque.strip_suffix("opaque").unwrap_or_default();
        format!("{kind}{name}")
    }

    /// Where below it was, for what was moved (`overlay.redirect`): a path from the layers' top, or another name in the
    /// same folder.
    fn moved_from(&self, found: &Found) -> Result<Option<String>> {
        let mark = found.attribute(&self.mark("redirect"))?;
        Ok(mark.map(|from| String::from_utf8_lossy(&from).into_owned()))
    }

    /// Whether the marks of the kernel can be read in the upper layer, and are there: not every file system keeps them,
    /// and `trusted.` ones show to root alone.
    ///
    /// # Errors
    /// getxattr(2)'s.
    pub fn has_marks(&self, changes: &[Change]) -> Result<bool> {
        let is_marked = |change: &Change| change.is_copy || change.entry == Entry::Opaque;
        if changes.iter().any(is_marked) {
            return Ok(true);
        }
        let Some(upper) = &self.upper else { return Ok(false) };
        let top = upper.itself()?;
        for name in ["uuid", "impure", "origin"] {
            if top.attribute(&self.mark(name))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn beside(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") }
}

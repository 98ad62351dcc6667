//! What was deleted: files, and folders that were made anew or only emptied.

use std::collections::BTreeSet;
use std::fs::Metadata;

use super::copies;
use super::looks::{file_in, source, upper};
use crate::error::Result;
use crate::lab::check::Subject;
use crate::probe::folder::{Folder, Found};
use crate::probe::overlay::{self, Entry, Overlay};
use crate::probe::walk::{MOST_NAMES, Step, walk};

/// A name that is deleted, and the path that it stands for below: the subject's, or that of a whiteout, one with something
/// below it if there is one.
///
/// # Errors
/// As for [`Overlay::changes`].
pub fn whited_out(subject: &Subject, overlay: &Overlay) -> Result<Option<(String, String)>> {
    if let Some(file) = subject.file {
        return Ok(Some((file.to_owned(), file.to_owned())));
    }
    let mut first = None;
    for change in overlay.changes()?.into_iter().filter(|it| it.entry == Entry::Whiteout) {
        let below = change.below.unwrap_or_else(|| change.path.clone());
        if overlay.image_of(&below)?.is_some() {
            return Ok(Some((change.path, below)));
        }
        first = first.or(Some((change.path, below)));
    }
    Ok(first)
}

/// The folder that was made anew: the subject's, or an opaque one that hides something. With some features the kernel marks
/// every new folder so, and most of them hide nothing.
///
/// # Errors
/// As for [`Overlay::changes`].
pub fn made_anew(subject: &Subject, overlay: &Overlay) -> Result<Option<String>> {
    if let Some(file) = subject.file {
        return Ok(Some(file.to_owned()));
    }
    for change in overlay.changes()?.iter().filter(|change| change.entry == Entry::Opaque) {
        if change.below.as_deref() == Some(&change.path)
            && !overlay.names_below(&change.path)?.is_empty()
        {
            return Ok(Some(change.path.clone()));
        }
    }
    Ok(None)
}

/// What the container's layer itself shows in the folder `path`.
///
/// # Errors
/// As for [`Folder::names_in`] and [`overlay::entry`].
pub fn own_names(overlay: &Overlay, path: &str) -> Result<BTreeSet<String>> {
    let upper = upper(overlay)?;
    let mut own = BTreeSet::new();
    for name in upper.names_in(path)? {
        let at = format!("{path}/{name}");
        if overlay::entry(upper, &at, overlay.opaque)? != Entry::Whiteout {
            own.insert(name);
        }
    }
    Ok(own)
}

/// A folder of an image layer that shows nothing any more, because all that was in it was deleted.
///
/// # Errors
/// As for [`Overlay::changes`].
pub fn emptied(overlay: &Overlay) -> Result<Option<String>> {
    let changes = overlay.changes()?;
    for folder in changes.iter().filter(|it| it.entry == Entry::There && it.meta.is_dir()) {
        let inside = |path: &str| path.rsplit_once('/').is_some_and(|(at, _)| at == folder.path);
        let mut whiteouts = changes.iter().filter(|change| change.entry == Entry::Whiteout);
        if whiteouts.any(|change| inside(&change.path))
            && overlay.merged.names_in(&folder.path)?.is_empty()
        {
            return Ok(Some(folder.path.clone()));
        }
    }
    Ok(None)
}

/// A folder in an image layer that was changed after the overlay was mounted, and in which nothing new is: something was
/// taken out of it.
///
/// # Errors
/// As for [`walk`].
pub fn lost_something(overlay: &Overlay) -> Result<Option<String>> {
    let Some(mounted) = overlay.mounted() else { return Ok(None) };
    let changed = |meta: &Metadata| meta.modified().is_ok_and(|time| time > mounted);
    // A file that came in by another name has changed as well.
    let is_new = |found: &Found| copies::changed(&found.meta) > Some(mounted);
    let has_news = |layer: &Folder, names: BTreeSet<String>, at: &str| -> Result<bool> {
        for name in names {
            let path = if at.is_empty() { name } else { format!("{at}/{name}") };
            if layer.look(&path)?.is_none_or(|found| is_new(&found)) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let mut left = MOST_NAMES;
    for layer in &overlay.lowers {
        if layer.names().is_err() {
            continue;
        }
        if changed(&layer.itself()?.meta) && !has_news(layer, layer.names()?, "")? {
            return Ok(Some(source(layer)));
        }
        let mut lost = None;
        walk(layer, &mut left, &mut |path, found| {
            if found.meta.is_dir()
                && changed(&found.meta)
                && !has_news(layer, layer.names_in(path)?, path)?
            {
                lost = Some(file_in(layer, path));
                return Ok(Step::End);
            }
            Ok(Step::Into)
        })?;
        if lost.is_some() {
            return Ok(lost);
        }
    }
    Ok(None)
}

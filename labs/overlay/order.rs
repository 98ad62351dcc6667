//! Which of two layers lies on top, and which was made later.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::time::{Duration, SystemTime};

use crate::error::Result;
use crate::probe::folder::Folder;
use crate::probe::overlay::{Entry, Overlay, entry};
use crate::probe::walk::{MOST_NAMES, Step, walk};

/// Folders that were made together are not told apart by when.
const TOGETHER: Duration = Duration::from_millis(40);
/// The kernel's documentation numbers layers from the top, `lower1:lower2`, where an image's are numbered from below.
const FROM_THE_TOP: [&str; 2] = ["lower", "l"];

/// A file that two lower layers have, with another text in each.
pub struct Common<'a> {
    /// Its path in them.
    pub path: String,
    /// The topmost layer that has it.
    pub top: &'a Folder,
    /// The one that was made last, as far as it can be told: the topmost otherwise.
    pub newest: &'a Folder,
    /// Whether nothing in the container's layer covers it.
    pub shows: bool,
}

/// A file that two lower layers have; one that shows before one that the container's layer covers, and one near the top of
/// the tree before one further down.
///
/// # Errors
/// As for [`walk`] and [`entry`].
pub fn file_in_two(overlay: &Overlay) -> Result<Option<Common<'_>>> {
    if overlay.lowers.len() < 2 {
        return Ok(None);
    }
    let mut covered = None;
    let mut seen = BTreeSet::new();
    let mut left = MOST_NAMES;
    for layer in &overlay.lowers {
        let mut shown = None;
        walk(layer, &mut left, &mut |path, found| {
            if found.meta.is_dir() {
                return Ok(Step::Into);
            }
            if found.meta.is_file() && seen.insert(path.to_owned()) {
                let common = common(overlay, path)?;
                shown = common.filter(|common| {
                    if !common.shows && covered.is_none() {
                        covered = Some(common.path.clone());
                    }
                    common.shows
                });
            }
            Ok(if shown.is_some() { Step::End } else { Step::Over })
        })?;
        if shown.is_some() {
            return Ok(shown);
        }
    }
    covered.map_or(Ok(None), |path| common(overlay, &path))
}

fn common<'a>(overlay: &'a Overlay, path: &str) -> Result<Option<Common<'a>>> {
    // Most files are in one layer only, and are not read.
    let mut having = Vec::new();
    for layer in &overlay.lowers {
        having.extend(layer.look(path)?.filter(|found| found.meta.is_file()).map(|_| layer));
    }
    if having.len() < 2 {
        return Ok(None);
    }
    let Some(top) = overlay.image_of(path)? else { return Ok(None) };
    let Ok(text) = top.text(path) else { return Ok(None) };
    let others = having.into_iter().filter(|layer| layer.path() != top.path());
    let others: Vec<&Folder> =
        others.filter(|layer| layer.text(path).is_ok_and(|it| it != text)).collect();
    if others.is_empty() {
        return Ok(None);
    }
    let newest = others.into_iter().fold(
        top,
        |best, other| {
            if is_newer(other, best) { other } else { best }
        },
    );
    let shows = match &overlay.upper {
        Some(upper) => !is_covered(upper, path, overlay.opaque)?,
        None => true,
    };
    Ok(Some(Common { path: path.to_owned(), top, newest, shows }))
}

/// Whether `upper` has something under the name, or hides a folder above it.
fn is_covered(upper: &Folder, path: &str, opaque: &str) -> Result<bool> {
    if entry(upper, path, opaque)? != Entry::Nothing {
        return Ok(true);
    }
    for (at, _) in path.match_indices('/') {
        let above = path.get(..at).unwrap_or_default();
        if matches!(entry(upper, above, opaque)?, Entry::Whiteout | Entry::Opaque) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `one` was made later than `other`, which lies above it. That must be known to be said: by the numbers in their
/// names, unless the folders were made the other way round, and without numbers by when they were made.
pub fn is_newer(one: &Folder, other: &Folder) -> bool {
    let later = is_later(one, other);
    match by_number(one, other) {
        Some(higher) => higher && later != Some(false),
        None => later == Some(true),
    }
}

/// By when the folders were made, of which one file system keeps the time.
fn is_later(one: &Folder, other: &Folder) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    let (one, other) = (one.itself().ok()?.meta, other.itself().ok()?.meta);
    let apart = |one: SystemTime, other| one.duration_since(other).is_ok_and(|by| by > TOGETHER);
    let (born, others) = (one.created().ok()?, other.created().ok()?);
    let comparable = one.dev() == other.dev() && (apart(born, others) || apart(others, born));
    comparable.then_some(born > others)
}

fn by_number(one: &Folder, other: &Folder) -> Option<bool> {
    let numbered = |layer: &Folder| {
        let name = layer.path().file_name().and_then(OsStr::to_str)?.to_owned();
        let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
        let number: u64 = name.get(stem.len()..)?.parse().ok()?;
        Some((stem, number))
    };
    let ((stem, one), (others, other)) = (numbered(one)?, numbered(other)?);
    if stem != others || one == other {
        return None;
    }
    match (FROM_THE_TOP.contains(&stem.to_ascii_lowercase().as_str()), one > other) {
        // So whoever has read it stacks them.
        (true, true) => Some(false),
        (true, false) => None,
        (false, higher) => Some(higher),
    }
}

//! Files of an image layer in whose place the container's layer has one: how each came there.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::looks::image;
use crate::error::{Error, Result};
use crate::lab::check::Subject;
use crate::probe::folder::{Folder, Found};
use crate::probe::overlay::{Change, Overlay};
use crate::probe::walk::{MOST_NAMES, Step, walk};

/// Of more files than these the texts are not compared.
const MOST: usize = 64;
/// Of a longer file only the beginning is compared.
const LONG: u64 = 64 * 1024;
/// Kinds of file handles that hold the inode's number as it is (`enum fid_type`, linux/exportfs.h).
const PLAIN_HANDLES: [u8; 3] = [0x01, 0x4d, 0x81];
/// Where in `overlay.origin` the kind of the handle is, and where the handle begins (`struct ovl_fb`, fs/overlayfs).
const KIND_AT: usize = 4;
const HANDLE_AT: usize = 21;

/// How a file came to be in the place of an image's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// It was written into the container's layer itself, past the merged view.
    Past,
    /// The kernel has copied it up.
    Copied,
    /// A new file was put in its place, as `sed -i` and editors do.
    Replaced,
}

/// A file in the place of an image's.
#[derive(Clone, Debug)]
pub struct Copy {
    /// In the container's layer.
    pub change: Change,
    /// Its path in the image layers.
    pub below: String,
    /// How it came there.
    pub way: Way,
    /// Whether it says something else than the image's.
    pub differs: bool,
}

/// Those that there are, or the one that the subject names.
///
/// # Errors
/// As for [`Overlay::changes`].
pub fn all(subject: &Subject, overlay: &Overlay, changes: &[Change]) -> Result<Vec<Copy>> {
    let has_marks = overlay.has_marks(changes)?;
    let meant = |change: &&Change| subject.file.is_none_or(|file| file == change.path);
    let mut copies = Vec::new();
    for change in changes.iter().filter(|change| change.is_file()).filter(meant) {
        let Some(below) = change.below.clone() else { continue };
        let Some(image) = overlay.image_of(&below)? else { continue };
        let Some(original) = image.look(&below)?.filter(|found| found.meta.is_file()) else {
            continue;
        };
        let Some(shown) = overlay.merged.look(&change.path)? else { continue };
        let way = match original.meta.nlink() {
            1 => way(change, overlay.is_younger(&change.meta), has_marks),
            // Of a file with two names the kernel makes a copy that remembers nothing.
            _ => Some(Way::Copied),
        };
        // What was there in one breath before the overlay was mounted is no copy at all.
        let Some(way) = way else { continue };
        let differs = copies.len() < MOST && differs(&original, &shown);
        copies.push(Copy { change: change.clone(), below, way, differs });
    }
    Ok(copies)
}

/// Without a mark of the kernel's it is a new file. A program that puts one in the place of another looks at it between making
/// and filling it, and a shell that writes to a name does not: then the times are the same. (Since Linux 6.13 they differ
/// after each look; before, also when the clock's next step comes.)
fn way(change: &Change, is_younger: bool, has_marks: bool) -> Option<Way> {
    if change.is_copy {
        return Some(Way::Copied);
    }
    let meta = &change.meta;
    let (born, written) = (meta.created().ok(), meta.modified().ok());
    let in_one = born.is_some() && born == written && written == changed(meta);
    match (in_one && has_marks, is_younger) {
        (true, true) => Some(Way::Past),
        (true, false) => None,
        (false, _) => Some(Way::Replaced),
    }
}

/// When the inode was last changed, in any way.
pub fn changed(meta: &Metadata) -> Option<SystemTime> {
    let (seconds, rest) = (meta.ctime().try_into().ok()?, meta.ctime_nsec().try_into().ok()?);
    UNIX_EPOCH.checked_add(Duration::new(seconds, rest))
}

fn differs(one: &Found, other: &Found) -> bool {
    let text = match (one.text(), other.text()) {
        (Ok(one), Ok(other)) => one != other,
        _ => false,
    };
    let long = one.meta.len() > LONG && one.meta.mtime() != other.meta.mtime();
    text || one.meta.len() != other.meta.len() || long
}

/// The one that a claim is about: what says something else before what does not, and a copy before a replacement.
pub fn best(copies: &[Copy]) -> Option<&Copy> {
    let right = copies.iter().filter(|copy| copy.way != Way::Past);
    right.min_by_key(|copy| (!copy.differs, copy.way))
}

/// What became of an image layer's file since it was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Nothing, as far as it can be told.
    Nothing,
    /// It was written to.
    Written,
    /// Another file is in its place.
    Another,
}

/// What became of `original` since `copy` was made of it. A new name, other rights or an older time are none of its bytes.
///
/// # Errors
/// getxattr(2)'s.
pub fn since(overlay: &Overlay, copy: &Found, original: &Found) -> Result<Since> {
    // A file system that does not know when a file was made knows at least when it was changed.
    let made = copy.meta.created().ok().or_else(|| changed(&copy.meta));
    if changed(&original.meta) <= made {
        return Ok(Since::Nothing);
    }
    if original.meta.modified().ok() > made {
        let (Ok(text), Ok(copied)) = (original.text(), copy.text()) else {
            return Ok(Since::Written);
        };
        // Where something was only added to the copy, it still says what the original said.
        let says_it_still = !text.is_empty() && copied.starts_with(&text);
        return Ok(if says_it_still { Since::Nothing } else { Since::Written });
    }
    let origin = copy.attribute(&overlay.mark("origin"))?.unwrap_or_default();
    let plain = origin.get(KIND_AT).is_some_and(|kind| PLAIN_HANDLES.contains(kind));
    let handle = origin.get(HANDLE_AT..).unwrap_or_default();
    let same_device = copy.meta.dev() == original.meta.dev();
    let number = original.meta.ino().to_ne_bytes();
    let number = number.get(..4).unwrap_or_default();
    let is_it = handle.windows(4).any(|part| part == number);
    Ok(if plain && same_device && !is_it { Since::Another } else { Since::Nothing })
}

/// A file of an image layer that `fits`, and the layer: the first from the top.
///
/// # Errors
/// As for [`walk`].
pub fn of_images(
    overlay: &Overlay,
    fits: impl Fn(&str, &Found) -> Result<bool>,
) -> Result<Option<(&Folder, String)>> {
    let mut left = MOST_NAMES;
    for layer in &overlay.lowers {
        let mut first = None;
        let walked = walk(layer, &mut left, &mut |path, found| {
            if fits(path, found)? {
                first = Some(path.to_owned());
                return Ok(Step::End);
            }
            Ok(Step::Into)
        });
        match walked {
            // A layer that has too many names is passed over.
            Ok(()) | Err(Error::Untold(_)) => {}
            Err(error) => return Err(error),
        }
        if let Some(path) = first {
            return Ok(Some((layer, path)));
        }
    }
    Ok(None)
}

/// A file of an image layer that was written to after it was mounted; one that was made then, where `made` says so.
///
/// # Errors
/// As for [`of_images`].
pub fn written_in_images(overlay: &Overlay, made: bool) -> Result<Option<(&Folder, String)>> {
    let Some(mounted) = overlay.mounted() else { return Ok(None) };
    of_images(overlay, |_, found| {
        let is_new = overlay.is_younger(&found.meta);
        let is_written = found.meta.modified().is_ok_and(|written| written > mounted);
        Ok(found.meta.is_file() && if made { is_new } else { is_written && !is_new })
    })
}

/// The layer of an image that shows what `copy` was made of, and the file.
///
/// # Errors
/// As for [`image`]; open(2)'s.
pub fn original<'a>(overlay: &'a Overlay, copy: &Copy) -> Result<(&'a Folder, Option<Found>)> {
    let image = image(overlay, &copy.below)?;
    Ok((image, image.look(&copy.below)?))
}

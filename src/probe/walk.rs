//! A walk through a folder of somebody's: by descriptor, along no link, and not for ever.

use std::collections::VecDeque;

use crate::error::{Error, Result};
use crate::probe::folder::{Folder, Found};

/// As many names as are looked at for one answer.
pub const MOST_NAMES: usize = 4000;
/// What lies deeper is not looked at.
const DEEPEST: usize = 16;

/// How a walk goes on from a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into it, where it is a folder.
    Into,
    /// Past it.
    Over,
    /// Not at all.
    End,
}

/// Shows `visit` what is below `top`, by its path in there: what is near the top first, and in the order of names. A
/// folder in it that has too many names, or goes away meanwhile, is not gone into. Of `left` names, what remains is told back: it
/// serves several folders.
///
/// # Errors
/// As for [`Folder::names`], for `top` itself, and [`Folder::look`]; `visit`'s.
pub fn walk(
    top: &Folder,
    left: &mut usize,
    visit: &mut dyn FnMut(&str, &Found) -> Result<Step>,
) -> Result<()> {
    let mut folders = VecDeque::from([String::new()]);
    while let Some(folder) = folders.pop_front() {
        let names = if folder.is_empty() { top.names() } else { top.names_in(&folder) };
        let names = match names {
            Ok(names) => names,
            Err(Error::Sys(_) | Error::Untold(_)) if !folder.is_empty() => continue,
            Err(error) => return Err(error),
        };
        for name in names {
            let Some(less) = left.checked_sub(1) else { return Ok(()) };
            *left = less;
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let Some(found) = top.look(&path)? else { continue };
            match visit(&path, &found)? {
                Step::End => return Ok(()),
                Step::Into if found.meta.is_dir() && path.split('/').count() < DEEPEST => {
                    folders.push_back(path);
                }
                Step::Into | Step::Over => {}
            }
        }
    }
    Ok(())
}

//! What is in a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::error::{Context, Result};

/// The names in `folder`, sorted.
///
/// # Errors
/// open(2)'s, getdents(2)'s.
pub fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder).context("open", folder.display())?;
    entries
        .map(|entry| {
            let entry = entry.context("getdents", folder.display())?;
            Ok(entry.file_name().to_string_lossy().into_owned())
        })
        .collect()
}

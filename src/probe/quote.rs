//! What may be said of a file's contents: a report is read by whoever called, and under sudo that is not root.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::visit::user::is_machines_root;

/// The user who called sudo (man 8 sudo, `SUDO_UID`), where this process looks as this machine's root.
fn caller() -> Option<u32> {
    let caller = std::env::var("SUDO_UID").ok()?.parse().ok()?;
    (is_machines_root() && caller != 0).then_some(caller)
}

/// Whether the contents of `file`, which is called `path`, may be shown: whoever called can read them as well. What is
/// only in another mount namespace is taken for closed.
pub fn is_open(file: &Metadata, path: &Path) -> bool {
    let Some(caller) = caller() else { return true };
    // As the kernel chooses them: the owner's bits for the owner, and the others'; a group is not asked.
    let may = |meta: &Metadata, bit: u32| {
        let bits = if meta.uid() == caller { meta.mode() >> 6 } else { meta.mode() };
        bits & bit != 0
    };
    let look = |path: &Path| fs::symlink_metadata(path).ok();
    let same = look(path).is_some_and(|it| (it.dev(), it.ino()) == (file.dev(), file.ino()));
    let leads = |folder: &Path| look(folder).is_some_and(|meta| meta.is_dir() && may(&meta, 0o1));
    path.is_absolute() && same && may(file, 0o4) && path.ancestors().skip(1).all(leads)
}

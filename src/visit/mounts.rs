//! Mounts of a process that has a mount namespace of its own: they end with it, so nothing is written down.

use std::path::Path;

use nix::mount::{MsFlags, mount};

use crate::error::{Context, Result};

/// Stops mounts from propagating out of this mount namespace.
///
/// # Errors
/// mount(2)'s.
pub fn make_private() -> Result<()> {
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)
        .context("mount", "/ MS_REC|MS_PRIVATE")
}

/// Mounts a new proc on `target`: it shows the PID namespace of the process that mounts it (man 7
/// pid_namespaces). For a child in a mount namespace of its own, so nothing is written down.
///
/// # Errors
/// mount(2)'s.
pub fn proc(target: &Path) -> Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), target, Some("proc"), flags, None::<&str>)
        .context("mount", format!("-t proc {}", target.display()))
}

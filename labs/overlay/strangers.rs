//! Overlays in the mount table of whoever asks that somebody else has mounted.

use std::fs;
use std::os::unix::fs::MetadataExt;

use nix::unistd::Uid;

use crate::probe::mountinfo::Mount;
use crate::probe::overlay;
use crate::visit::user::is_initial;

/// Who is mapped nowhere, where the kernel does not say (man 7 user_namespaces).
const NOBODY: u32 = 65534;

/// What in our own mount table others have mounted, where that can be told.
pub enum Strangers {
    /// Whoever is this machine's root is asked about everybody's work.
    None,
    /// Who is not root has mounted nothing here, but what a program of this user's serves.
    AllBut(String),
    /// Who is root in a user namespace has nobody's there who is not mapped: what it began with is the machine's.
    Unmapped(u32),
}

impl Strangers {
    /// Whoever they are to whom asks.
    pub fn look() -> Strangers {
        let user = Uid::effective();
        match (is_initial(), user.is_root()) {
            (true, true) => Strangers::None,
            (true, false) => Strangers::AllBut(format!("user_id={user}")),
            (false, _) => {
                let nobody = fs::read_to_string("/proc/sys/kernel/overflowuid");
                let nobody = nobody.ok().and_then(|text| text.trim().parse().ok());
                Strangers::Unmapped(nobody.unwrap_or(NOBODY))
            }
        }
    }

    /// Whether `mount` is one of theirs.
    pub fn covers(&self, mount: &Mount) -> bool {
        match self {
            Strangers::None => false,
            Strangers::AllBut(user) => !mount.options.split(',').any(|option| option == user),
            // A program that serves a file system may never answer.
            Strangers::Unmapped(_) if mount.kind != overlay::KIND => false,
            Strangers::Unmapped(nobody) => {
                fs::symlink_metadata(&mount.target).is_ok_and(|meta| meta.uid() == *nobody)
            }
        }
    }
}

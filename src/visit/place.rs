//! A place to be in: some of a process's namespaces, its root, its working directory.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::sched::{CloneFlags, setns};
use nix::unistd::{Pid, chdir, chroot, fchdir};

use crate::error::{Context, Result};
use crate::visit::kind::{Kind, is_ours};
use crate::visit::{clone, user};

/// Where to be.
#[derive(Clone, Debug, Default)]
pub struct Place {
    namespaces: Vec<(Kind, PathBuf)>,
    root: Option<PathBuf>,
    dir: Option<PathBuf>,
}

impl Place {
    /// A folder of this process's own world.
    pub fn directory(dir: impl Into<PathBuf>) -> Place {
        Place { dir: Some(dir.into()), ..Place::default() }
    }

    /// Another root, with nothing else changed, as `chroot DIR` does it.
    pub fn root(root: impl Into<PathBuf>) -> Place {
        Place { root: Some(root.into()), ..Place::default() }
    }

    /// Where `pid` is: its root and its working directory, and those of its namespaces that are
    /// named, as `nsenter --target PID --root --wd` does it.
    pub fn of(pid: Pid, namespaces: &[Kind]) -> Place {
        Place {
            namespaces: namespaces.iter().map(|&kind| (kind, kind.file(pid))).collect(),
            root: Some(PathBuf::from(format!("/proc/{pid}/root"))),
            dir: Some(PathBuf::from(format!("/proc/{pid}/cwd"))),
        }
    }

    /// A namespace, by the file that holds it.
    pub fn namespace(kind: Kind, file: impl Into<PathBuf>) -> Place {
        Place { namespaces: vec![(kind, file.into())], ..Place::default() }
    }

    /// Whether it is another root, where the locale's files are not to be expected.
    pub fn has_root(&self) -> bool {
        self.root.is_some()
    }

    /// Runs `make`, whose children are born into this place's PID namespace, if it has one: only
    /// children can change theirs (man 2 setns). It gets the flag without which they would not be
    /// our children: where there is a namespace to go to, an [errand](clone::errand) makes them. That
    /// cannot wait for them, so the caller does.
    ///
    /// # Errors
    /// open(2)'s, setns(2)'s, `make`'s.
    pub fn births<T>(&self, make: impl FnOnce(CloneFlags) -> Result<T>) -> Result<T> {
        let pid = self.namespaces.iter().find(|(kind, _)| *kind == Kind::Pid);
        let Some((_, path)) = pid else {
            return make(CloneFlags::empty());
        };
        let theirs = File::open(path).context("open", path.display())?;
        clone::errand(|| {
            setns(&theirs, CloneFlags::CLONE_NEWPID).context("setns", "CLONE_NEWPID")?;
            make(CloneFlags::CLONE_PARENT)
        })
    }

    /// Goes there, for good: call it in a child that was [born](Place::births) there.
    ///
    /// # Errors
    /// open(2)'s, setns(2)'s, chroot(2)'s.
    pub fn enter(&self) -> Result<()> {
        // All are opened first: after the first setns(2) the same path may lead elsewhere.
        let open = |path: &Path| File::open(path).context("open", path.display());
        let files = self
            .namespaces
            .iter()
            .filter(|(kind, _)| *kind != Kind::Pid)
            .map(|(kind, path)| Ok((*kind, open(path)?)))
            .filter(|opened| !opened.as_ref().is_ok_and(|(kind, file)| is_ours(file, *kind)))
            .collect::<Result<Vec<(Kind, File)>>>()?;
        let root: Option<OwnedFd> = self.root.as_deref().map(open).transpose()?.map(Into::into);
        let dir: Option<OwnedFd> = self.dir.as_deref().map(open).transpose()?.map(Into::into);
        if let Some((_, file)) = files.first() {
            user::join_owner(file)?;
        }
        for (kind, file) in &files {
            let flag = kind.flag();
            setns(file, flag).context("setns", format!("{flag:?}"))?;
        }
        if let Some(root) = root {
            fchdir(root.as_fd()).context("fchdir", "root")?;
            chroot(".").context("chroot", ".")?;
            chdir("/").context("chdir", "/")?;
        }
        if let Some(dir) = dir {
            fchdir(dir.as_fd()).context("fchdir", "working directory")?;
        }
        Ok(())
    }
}

//! Work by hand: what on this machine looks like a lab's, and what finished work must meet.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lab::check::{Check, Subject};
use crate::lab::{mend, wire};
use crate::probe::process::{self, Inode};
use crate::probe::survey::{Origin, Resident};
use crate::text;
use crate::text::Text;

/// A claim that finished work by hand must meet.
pub struct Goal {
    /// The claim.
    pub check: &'static Check,
    /// The goals without which nothing can be said about this one.
    pub after: &'static [&'static Check],
    /// What helps to get there, from a nudge up to the command.
    pub hints: &'static [Text],
}

/// Something that people get wrong, and that what the kernel shows gives away.
pub struct Mistake {
    /// Unique within its lab, the same in every language: the name of the script in `mistakes/` that makes it.
    pub id: &'static str,
    /// The claim that fails then.
    pub check: &'static Check,
    /// What it is called, as the end of "this looks like".
    pub name: Text,
    /// What happened, in a sentence or two.
    pub what_happened: Text,
    /// Its fingerprint: whether it is this one, where the claim is not met. Looks as a check does.
    ///
    /// Errors: as a check's; then it is not recognised.
    pub looks_like: fn(&Subject) -> Result<bool>,
}

/// Which of several the user means: nothing, or a process, or a directory, or network namespaces.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `--pid`: a process that lives in it.
    pub pid: Option<Pid>,
    /// `--dir`: a directory that belongs to it, as an absolute path.
    pub dir: Option<PathBuf>,
    /// `--netns`: network namespaces that it joins, as the files that hold them.
    pub netns: Vec<PathBuf>,
}

/// Where `ip netns` keeps its names (man 8 ip-netns).
pub const NAMES: &str = "/run/netns";

impl Wanted {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::Usage`] for a process, a directory or a namespace that is not there.
    pub fn new(pid: Option<i32>, dir: Option<&str>, netns: &[&str]) -> Result<Wanted> {
        let look = || Text::new("look it up again", "다시 확인하십시오");
        let process = |pid: i32| {
            let process = Pid::from_raw(pid);
            let dead = |_| {
                Error::usage(
                    text!("no process {pid}", "PID {pid}: 그런 프로세스가 없습니다"),
                    look(),
                )
            };
            process::must_run(process).map_err(dead).map(|()| process)
        };
        let folder = |dir: &str| {
            let wrong =
                |_| Error::usage(text!("no directory {dir}", "{dir} 디렉터리가 없습니다"), look());
            let path = fs::canonicalize(dir).map_err(wrong)?;
            fs::read_dir(&path).map_err(wrong).map(|_| path)
        };
        let namespace = |name: &&str| {
            let path = Path::new(NAMES).join(name);
            let wrong = |_| {
                Error::usage(
                    text!("no network namespace {name}", "{name} 네트워크 네임스페이스가 없습니다"),
                    look(),
                )
            };
            Inode::of(&path).map_err(wrong).map(|_| path)
        };
        Ok(Wanted {
            pid: pid.map(process).transpose()?,
            dir: dir.map(folder).transpose()?,
            netns: netns.iter().map(namespace).collect::<Result<_>>()?,
        })
    }

    /// Whether anything was asked for at all.
    pub fn is_any(&self) -> bool {
        self.pid.is_some() || self.dir.is_some() || !self.netns.is_empty()
    }
}

/// With whose rights something is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rights {
    /// Those of whoever asks: nobody else can have made it.
    Asker,
    /// Those of the process by which it was found.
    Process(#[serde(with = "wire::pid")] Pid),
    /// Those of the owner of the directory that was named, in which nobody lives.
    Owner,
}

/// Something on this machine that looks like a lab's work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// What to look at.
    pub subject: Subject,
    /// With whose rights.
    pub rights: Rights,
    /// What it is, in a line, for a person who has to choose.
    pub what: Text,
    /// Where it came from.
    pub origin: Origin,
    /// All processes that it consists of.
    #[serde(with = "wire::pids")]
    pub pids: BTreeSet<Pid>,
    /// The directories that it consists of.
    #[serde(with = "wire::paths")]
    pub dirs: Vec<PathBuf>,
    /// What to type behind `lab verify LAB` to mean this one and no other, once that was looked for.
    pub words: Option<String>,
}

impl Candidate {
    /// What was found by the process `resident`.
    pub fn of(resident: &Resident, subject: Subject, what: Text) -> Candidate {
        let (origin, rights) = (resident.origin, Rights::Process(resident.pid));
        let pids = [resident.pid].into();
        Candidate { origin, rights, pids, ..Candidate::named(subject, what) }
    }

    /// What was asked for by name, and whoever asks may look at.
    pub fn named(subject: Subject, what: Text) -> Candidate {
        let dirs = subject.dir.iter().cloned().collect();
        Candidate {
            subject,
            rights: Rights::Asker,
            what: what.visible(),
            origin: Origin::Kin,
            pids: BTreeSet::new(),
            dirs,
            words: None,
        }
    }

    /// A directory that was asked for by name, in which nobody lives.
    pub fn owned(subject: Subject, what: Text) -> Candidate {
        Candidate { rights: Rights::Owner, ..Candidate::named(subject, what) }
    }

    /// One more process belongs to it; the likeliest origin counts.
    pub fn take_in(&mut self, resident: &Resident) {
        self.pids.insert(resident.pid);
        self.origin = self.origin.min(resident.origin);
    }

    /// Whether `dir` is one of its directories, by whatever path.
    pub fn is_at(&self, dir: &Path) -> bool {
        let asked = Inode::of(dir).ok();
        asked.is_some() && self.dirs.iter().any(|own| Inode::of(own).ok() == asked)
    }

    /// Whether it is what is `wanted`.
    pub fn is(&self, wanted: &Wanted) -> bool {
        let pid = wanted.pid.is_none_or(|pid| self.pids.contains(&pid));
        let dir = wanted.dir.as_deref().is_none_or(|dir| self.is_at(dir));
        pid && dir && wanted.netns.iter().all(|netns| self.joins(netns))
    }

    /// Whether `netns` is one of the network namespaces that it is about, by whatever file.
    fn joins(&self, netns: &Path) -> bool {
        let asked = Inode::of(netns).ok();
        let mut own = self.subject.netns.iter();
        asked.is_some() && own.any(|own| Inode::of(own).ok() == asked)
    }

    /// The words that, typed behind `lab verify LAB`, mean this one and none of the `others`: as few as will do. None
    /// where it has only names that cannot be typed.
    pub fn words(&self, others: &[&Candidate]) -> Option<String> {
        let dirs = || self.dirs.iter().filter_map(|dir| Some((dir, mend::word(dir)?)));
        let by_pid = self.subject.pid.iter().chain(&self.pids).map(|pid| {
            let wanted = Wanted { pid: Some(*pid), ..Wanted::default() };
            (wanted, format!("--pid {pid}"))
        });
        let by_dir = dirs().map(|(dir, word)| {
            (Wanted { dir: Some(dir.clone()), ..Wanted::default() }, format!("--dir {word}"))
        });
        let by_both = self.pids.iter().flat_map(|pid| {
            dirs().map(move |(dir, word)| {
                let wanted =
                    Wanted { pid: Some(*pid), dir: Some(dir.clone()), ..Wanted::default() };
                (wanted, format!("--pid {pid} --dir {word}"))
            })
        });
        let netns = self.subject.netns.iter().map(|file| {
            let name = file.strip_prefix(NAMES).unwrap_or(file);
            Some(format!("--netns {}", mend::word(name)?))
        });
        let netns = netns.collect::<Option<Vec<String>>>().map(|words| {
            (Wanted { netns: self.subject.netns.clone(), ..Wanted::default() }, words.join(" "))
        });
        let netns = netns.filter(|(wanted, _)| !wanted.netns.is_empty());
        let mut all = netns.into_iter().chain(by_dir).chain(by_pid).chain(by_both);
        let means_this =
            |wanted: &Wanted| self.is(wanted) && others.iter().all(|other| !other.is(wanted));
        all.find(|(wanted, _)| means_this(wanted)).map(|(_, words)| words)
    }
}

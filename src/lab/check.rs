//! A lab's claims: [`Check`]s, and the [`Subject`] they look at.

use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lab::finding::{Finding, Recognised, Seen};
use crate::lab::wire;
use crate::probe::process;
use crate::text;
use crate::text::Text;

/// A claim about the kernel's state that can be held against the kernel.
pub struct Check {
    /// Unique within its lab, and the same in every language.
    pub id: &'static str,
    /// What should be true.
    pub claim: Text,
    /// What to look at when it is not, and the cause is not known: see [`Seen::advise`].
    pub hint: Text,
    /// Looks, using [`crate::probe`] alone. A look that takes time shows how it goes through
    /// [`Watch`].
    pub probe: fn(&Subject, Watch<'_>) -> Result<Seen>,
}

/// Who wants to see a measurement while it is made: what is measured, the shares so far, and whether
/// they are final.
pub type Watch<'a> = &'a mut dyn FnMut(Text, Vec<Bar>, bool) -> Result<()>;

/// A share of something that several compete for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bar {
    /// Whose share.
    pub name: String,
    /// The measured share, from 0 to 1.
    pub share: f64,
    /// What the arithmetic says, from 0 to 1.
    pub expected: f64,
}

/// What a check looks at. It never says who built it: the lab, a student, or a container runtime.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Subject {
    /// A process that lives in what was built.
    #[serde(with = "wire::pid_or_none")]
    pub pid: Option<Pid>,
    /// Further processes that the claim is about, in the order which the check states.
    #[serde(with = "wire::pids")]
    pub others: Vec<Pid>,
    /// A directory: the new root, or the merged view of an overlay.
    #[serde(with = "wire::path_or_none")]
    pub dir: Option<PathBuf>,
    /// Where the process's root, or without one the directory, is opened from when it is looked at through a copy that
    /// cannot be written to; otherwise from where it is.
    #[serde(skip)]
    pub seen_from: Option<PathBuf>,
    /// Network namespaces, as the files that hold them: `/run/netns/NAME` or `/proc/PID/ns/net`.
    #[serde(with = "wire::paths")]
    pub netns: Vec<PathBuf>,
    /// Control groups that compete, as their directories.
    #[serde(with = "wire::paths")]
    pub groups: Vec<PathBuf>,
    /// The name of the file that the claim is about; without one, any file will do that fits.
    #[serde(skip)]
    pub file: Option<&'static str>,
    /// Names that must be seen, where it is known which; otherwise whatever is there counts.
    #[serde(skip)]
    pub names: &'static [&'static str],
}

impl Subject {
    /// A process.
    pub fn process(pid: Pid) -> Subject {
        Subject { pid: Some(pid), ..Subject::default() }
    }

    /// A directory.
    pub fn directory(dir: impl Into<PathBuf>) -> Subject {
        Subject { dir: Some(dir.into()), ..Subject::default() }
    }

    /// The same, with the directory `dir`.
    #[must_use]
    pub fn at(mut self, dir: impl Into<PathBuf>) -> Subject {
        self.dir = Some(dir.into());
        self
    }

    /// The same, with further processes.
    #[must_use]
    pub fn with(mut self, others: impl IntoIterator<Item = Pid>) -> Subject {
        self.others.extend(others);
        self
    }

    /// The same, about the file `name`.
    #[must_use]
    pub fn about(mut self, name: &'static str) -> Subject {
        self.file = Some(name);
        self
    }

    /// The same, where `names` must be seen.
    #[must_use]
    pub fn showing(mut self, names: &'static [&'static str]) -> Subject {
        self.names = names;
        self
    }

    /// The root that the process lives in, as a path to open; without a process, this machine's.
    pub fn root(&self) -> PathBuf {
        self.seen_from.clone().unwrap_or_else(|| process::reach(self.pid, Path::new("/")))
    }

    /// The directory as a root of its own, as a path to open.
    ///
    /// # Errors
    /// When the subject has none.
    pub fn tree(&self) -> Result<PathBuf> {
        self.dir().map(|dir| self.seen_from.clone().unwrap_or_else(|| dir.to_owned()))
    }

    /// The process.
    ///
    /// # Errors
    /// When the subject has none.
    pub fn pid(&self) -> Result<Pid> {
        self.pid.ok_or_else(|| {
            Error::unable(
                Text::new("no process was named", "프로세스가 지정되지 않았습니다"),
                Text::new("name one with --pid", "--pid로 지정하십시오"),
            )
        })
    }

    /// The directory.
    ///
    /// # Errors
    /// When the subject has none.
    pub fn dir(&self) -> Result<&Path> {
        self.dir.as_deref().ok_or_else(|| {
            Error::unable(
                Text::new("no directory was named", "디렉터리가 지정되지 않았습니다"),
                Text::new("name one with --dir", "--dir로 지정하십시오"),
            )
        })
    }
}

impl Check {
    /// Holds the claim of who says that it is done against the kernel.
    ///
    /// What may not be read is [`crate::lab::finding::Verdict::Unknown`]; anything else that cannot be read is
    /// [`crate::lab::finding::Verdict::Fail`], because the thing the claim is about is not there.
    ///
    /// # Errors
    /// When a signal asks us to stop, or nobody reads any more.
    pub fn hold(&self, subject: &Subject, watch: Watch<'_>) -> Result<Finding> {
        self.see(subject, watch).map(|seen| self.finding(seen.done()))
    }

    /// The same, without the claim.
    ///
    /// # Errors
    /// As for [`Check::hold`].
    pub fn see(&self, subject: &Subject, watch: Watch<'_>) -> Result<Seen> {
        let seen = match (self.probe)(subject, watch) {
            Err(error) if !error.is_stop() => unreadable(&error),
            other => other?,
        };
        Ok(seen.advise(|| ended(subject)))
    }

    /// The claim with what was seen of it.
    pub fn finding(&self, seen: Seen) -> Finding {
        self.recognised(seen, None)
    }

    /// The same with the mistake that it looks like.
    pub fn recognised(&self, seen: Seen, mistake: Option<Recognised>) -> Finding {
        seen.of(self.id, self.claim.clone(), self.hint.clone(), mistake)
    }
}

/// What to do where a process that the claim is about has ended.
fn ended(subject: &Subject) -> Option<Text> {
    let mut pids = subject.pid.iter().chain(&subject.others);
    let ended = pids.find(|pid| process::must_run(**pid).is_err())?;
    Some(text!(
        "process {ended} has ended: start it anew (in a lab: q, then the lab again)",
        "PID {ended} 프로세스가 종료되었습니다. 다시 실행하십시오(실습 중이라면 q로 끝내고 실습을 다시 시작하십시오)"
    ))
}

fn unreadable(error: &Error) -> Seen {
    let expected = Text::new("a state that can be read", "읽을 수 있는 상태");
    let source = match error {
        Error::Sys(sys) => sys.call.clone(),
        _ => "lab".to_owned(),
    };
    let reason = text!("not there: {error}", "확인할 대상이 없습니다: {error}");
    match error.errno() {
        Some(Errno::EPERM | Errno::EACCES) => {
            let reason = text!("may not be read: {error}", "읽을 권한이 없습니다: {error}");
            Seen::unknown(expected, reason, source)
        }
        _ if error.is_refusal() => Seen::unknown(expected, Text::plain(error), source),
        _ => Seen::judge(false, expected, reason, source),
    }
}

//! What can go wrong, as values: each says what happened, on what, and what the reader can do.

use std::fmt;
use std::io;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use crate::text;
use crate::text::Text;

/// The exit status when a check failed, which is no error.
pub const CHECK_FAILED: u8 = 1;

/// A result whose error has a line for the reader and an exit status.
pub type Result<T> = std::result::Result<T, Error>;

/// What does not become JSON, or is none where only we write, is a fault of ours.
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Error {
        Error::Broken(error.to_string())
    }
}

/// A system call that the kernel refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SysError {
    /// The call, as its manual page names it: `mount`, `open`.
    pub call: String,
    /// What it was called on: a path, a pid, the arguments that matter.
    pub on: String,
    /// The error number, from errno(3).
    pub errno: i32,
}

impl SysError {
    /// The kernel's answer to `call` on `on`.
    pub fn new(call: &str, on: impl fmt::Display, errno: Errno) -> SysError {
        SysError { call: call.to_owned(), on: on.to_string(), errno: errno as i32 }
    }

    /// The error number as a name.
    pub fn errno(&self) -> Errno {
        Errno::from_raw(self.errno)
    }

    /// What the reader can do about it.
    pub fn mend(&self) -> Text {
        match self.errno() {
            Errno::EPERM | Errno::EACCES => Text::new(
                "run it as root (sudo); in a container, give it --privileged or use the VM",
                "root로 실행하십시오(sudo). 컨테이너 안이라면 --privileged를 붙이거나 VM을 사용하십시오",
            ),
            Errno::ENOSPC | Errno::EDQUOT => Text::new(
                "free some space on that file system, then run it again",
                "그 파일 시스템에 빈 공간을 만든 뒤 다시 실행하십시오",
            ),
            Errno::EROFS => Text::new(
                "that file system is read-only: mount it writable, or use the VM",
                "읽기 전용 파일 시스템입니다. 쓰기 가능하게 다시 마운트하거나 VM을 사용하십시오",
            ),
            Errno::ENOMEM | Errno::EAGAIN | Errno::EMFILE | Errno::ENFILE | Errno::EFBIG => {
                Text::new(
                    "a limit is reached: close other programs, see `ulimit -a` and the cgroup's limits",
                    "한도에 도달했습니다. 다른 프로그램을 종료하고 `ulimit -a`와 cgroup의 한도를 확인하십시오",
                )
            }
            _ => Text::new(
                "`lab doctor` tells what this machine can and cannot do",
                "이 시스템에서 할 수 있는 것과 없는 것을 `lab doctor`로 확인하십시오",
            ),
        }
    }
}

impl fmt::Display for SysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {} ({:?})", self.call, self.on, self.errno().desc(), self.errno())
    }
}

/// Why a command ended without its result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Error {
    /// The kernel refused a system call.
    Sys(SysError),
    /// This machine, or this user, cannot do it.
    Unable {
        /// What is missing.
        reason: String,
        /// What would mend it.
        mend: String,
    },
    /// The same lab is running already.
    Running {
        /// The lab.
        lab: String,
        /// The process that runs it.
        pid: i32,
    },
    /// The command was called wrongly.
    Usage {
        /// What is wrong.
        reason: String,
        /// What to type instead.
        mend: String,
    },
    /// A signal arrived.
    Interrupted(String),
    /// The person at the terminal pressed `q`.
    Quit,
    /// The reader wants the step before again.
    Back,
    /// Nobody reads our standard output any more.
    OutputClosed,
    /// What was asked cannot be told: it does not answer, or asks for more than lab looks at.
    Untold(String),
    /// Something that should not have happened, such as a child's panic.
    Broken(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Sys(error) => write!(f, "{error}"),
            Error::Unable { reason, .. }
            | Error::Usage { reason, .. }
            | Error::Untold(reason)
            | Error::Broken(reason) => f.write_str(reason),
            Error::Running { lab, pid } => {
                let text = text!(
                    "`lab {lab}` is running already (pid {pid})",
                    "`lab {lab}` 실습이 이미 실행 중입니다(PID {pid})"
                );
                write!(f, "{text}")
            }
            Error::Interrupted(signal) => {
                let text = text!(
                    "interrupted by {signal}; everything was cleaned up",
                    "{signal} 시그널을 받아 중단했고, 정리를 마쳤습니다"
                );
                write!(f, "{text}")
            }
            Error::Quit | Error::Back => {
                let text =
                    Text::new("stopped; everything was cleaned up", "중단했고, 정리를 마쳤습니다");
                write!(f, "{text}")
            }
            Error::OutputClosed => {
                write!(f, "{}", Text::new("standard output was closed", "표준 출력이 닫혔습니다"))
            }
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// [`Error::Unable`] in the run's language.
    pub fn unable(reason: Text, mend: Text) -> Error {
        Error::Unable { reason: reason.to_string(), mend: mend.to_string() }
    }

    /// [`Error::Usage`] in the run's language.
    pub fn usage(reason: Text, mend: Text) -> Error {
        Error::Usage { reason: reason.to_string(), mend: mend.to_string() }
    }

    /// [`Error::Broken`] in the run's language.
    pub fn broken(what: &Text) -> Error {
        Error::Broken(what.to_string())
    }

    /// [`Error::Untold`] in the run's language.
    pub fn untold(reason: Text) -> Error {
        Error::Untold(reason.to_string())
    }

    /// Whether it says nothing of what was looked at: that it may not be, that a limit of this machine or of lab's
    /// was reached, or that the file system did not answer.
    pub fn is_refusal(&self) -> bool {
        let limits = [Errno::EAGAIN, Errno::ENOMEM, Errno::EMFILE, Errno::ENFILE, Errno::ENOSPC];
        let silence = [Errno::EIO, Errno::ENOTCONN, Errno::ESTALE, Errno::ETIMEDOUT];
        match self {
            Error::Untold(_) => true,
            Error::Sys(error) => {
                let errno = error.errno();
                matches!(errno, Errno::EPERM | Errno::EACCES)
                    || limits.contains(&errno)
                    || silence.contains(&errno)
            }
            _ => false,
        }
    }

    /// Whether a signal, the reader, or a closed output asks us to stop: no verdict on anything.
    pub fn is_stop(&self) -> bool {
        matches!(self, Error::Interrupted(_) | Error::Quit | Error::Back | Error::OutputClosed)
    }

    /// The error number, where a system call failed.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Error::Sys(error) => Some(error.errno()),
            _ => None,
        }
    }

    /// What the reader can do, where there is something.
    pub fn mend(&self) -> Option<String> {
        match self {
            Error::Sys(error) => Some(error.mend().to_string()),
            Error::Unable { mend, .. } | Error::Usage { mend, .. } => Some(mend.clone()),
            Error::Running { .. } => Some(
                Text::new(
                    "finish that one first, or press q there",
                    "실행 중인 실습을 먼저 끝내거나 그 터미널에서 q를 누르십시오",
                )
                .to_string(),
            ),
            Error::OutputClosed => Some(
                Text::new(
                    "all was cleaned up; let the reader read to the end, or write to a file",
                    "정리는 끝났습니다. 파이프 뒤의 프로그램이 끝까지 읽게 하거나, 출력을 파일로 저장하십시오",
                )
                .to_string(),
            ),
            Error::Broken(_) => Some(
                Text::new(
                    "this is a defect in lab: please report it with the command you typed",
                    "lab의 결함입니다. 입력한 명령과 함께 알려 주십시오",
                )
                .to_string(),
            ),
            Error::Interrupted(_) | Error::Quit | Error::Back | Error::Untold(_) => None,
        }
    }

    /// What happened and what mends it, in one line.
    pub fn line(&self) -> String {
        let Some(mend) = self.mend() else {
            return self.to_string();
        };
        // A question has its own mark.
        let stop = if mend.ends_with('?') { "" } else { "." };
        text!("{self}; {mend}", "{self}. {mend}{stop}").to_string()
    }

    /// The exit status: 2 wrong usage, 130 interrupted, 3 for what this machine cannot do.
    pub fn exit_status(&self) -> u8 {
        match self {
            Error::Usage { .. } => 2,
            Error::Interrupted(_) | Error::Quit | Error::Back => 130,
            Error::Sys(_)
            | Error::Unable { .. }
            | Error::Running { .. }
            | Error::OutputClosed
            | Error::Untold(_)
            | Error::Broken(_) => 3,
        }
    }

    /// The error for a panic that was caught.
    pub fn from_panic(payload: &(dyn std::any::Any + Send)) -> Error {
        let message = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Error::Broken(format!("panic: {message}"))
    }

    /// The error for a signal that arrived.
    pub fn from_signal(signal: Signal) -> Error {
        Error::Interrupted(signal.as_str().to_owned())
    }
}

/// Names the system call and what it was called on, where the kernel only gave a number.
pub trait Context<T> {
    /// `self`, with its error as a [`SysError`] of `call` on `on`.
    fn context(self, call: &str, on: impl fmt::Display) -> Result<T>;
}

impl<T> Context<T> for nix::Result<T> {
    fn context(self, call: &str, on: impl fmt::Display) -> Result<T> {
        self.map_err(|errno| Error::Sys(SysError::new(call, on, errno)))
    }
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, call: &str, on: impl fmt::Display) -> Result<T> {
        self.map_err(|error| match error.raw_os_error() {
            Some(number) => Error::Sys(SysError::new(call, on, Errno::from_raw(number))),
            None => Error::Broken(format!("{call} {on}: {error}")),
        })
    }
}

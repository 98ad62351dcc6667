//! A child that looks for us and says what it sees, word by word. What it looks at may never answer, so it
//! is listened to for as long as there is patience, and never waited for.

use std::fs::File;
use std::io::Read;
use std::marker::PhantomData;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::CloneFlags;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, setpgid};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Context, Result};
use crate::interrupt;
use crate::probe::process;
use crate::text::Text;
use crate::visit::child::{Report, launch, pidfd, send};

/// A witness that works, or waits for a processor, is not one that does not answer. It is heard this much longer.
const AT_WORK: Duration = Duration::from_secs(8);
/// How often it is looked whether it works.
const LOOK: Duration = Duration::from_millis(100);
/// How long a child that was killed may take to go, in milliseconds, before it is left to go by itself.
const FAREWELL: u8 = 50;

/// The child, from our side.
#[derive(Debug)]
pub struct Witness<T> {
    pid: Pid,
    fd: OwnedFd,
    pipe: File,
    bytes: Vec<u8>,
    words: PhantomData<T>,
}

/// The child's side.
#[derive(Debug)]
pub struct Speaker<'a, T> {
    pipe: &'a mut File,
    words: PhantomData<T>,
}

impl<T: Serialize> Speaker<'_, T> {
    /// Says one thing.
    ///
    /// # Errors
    /// When nobody listens any more.
    pub fn say(&mut self, word: T) -> Result<()> {
        send(self.pipe, &Report::Done(word))
    }
}

/// What came from the witness.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard<T> {
    /// One thing.
    Word(T),
    /// It has said all, or has died.
    End,
    /// Nothing until patience was over.
    Silence,
}

impl<T: Serialize + DeserializeOwned> Witness<T> {
    /// Makes the child, which does `look`. It is in a process group of its own: what is typed at our terminal is for us.
    ///
    /// # Errors
    /// clone(2)'s.
    pub fn call(look: impl FnOnce(&mut Speaker<'_, T>) -> Result<()>) -> Result<Witness<T>> {
        let (pid, answers) = launch::<()>(
            CloneFlags::empty(),
            |_| Ok(()),
            |pipe| {
                setpgid(Pid::from_raw(0), Pid::from_raw(0)).context("setpgid", 0)?;
                look(&mut Speaker { pipe, words: PhantomData }).map(|()| None)
            },
        )?;
        let fd = pidfd(pid)?;
        Ok(Witness { pid, fd, pipe: File::from(answers), bytes: Vec::new(), words: PhantomData })
    }

    /// Listens until `end`.
    ///
    /// # Errors
    /// [`crate::error::Error::Interrupted`]; whatever the child failed with.
    pub fn hear(&mut self, end: Instant) -> Result<Heard<T>> {
        loop {
            if let Some(at) = self.bytes.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.bytes.drain(..=at).collect();
                return match serde_json::from_slice(&line) {
                    Ok(Report::Done(word)) => Ok(Heard::Word(word)),
                    Ok(Report::Failed(error)) => Err(error),
                    Err(error) => Err(error.into()),
                };
            }
            let now = Instant::now();
            if now >= end && (!self.is_at_work() || now >= end + AT_WORK) {
                return Ok(Heard::Silence);
            }
            let left = end.saturating_duration_since(now).max(LOOK);
            if !interrupt::wait(Some(self.pipe.as_fd()), Some(left))? {
                continue;
            }
            let mut chunk = [0; 4096];
            let read = self.pipe.read(&mut chunk).context("read", "pipe")?;
            if read == 0 {
                // What ended it may have been meant for us.
                return interrupt::check().map(|()| Heard::End);
            }
            self.bytes.extend(chunk.iter().take(read));
        }
    }

    /// Whether it has a processor, or waits for one, rather than for a file.
    fn is_at_work(&self) -> bool {
        process::stat(self.pid).is_ok_and(|stat| stat.state == 'R')
    }
}

impl<T> Drop for Witness<T> {
    fn drop(&mut self) {
        // Not reaped yet, so the number is nobody else's. One that waits for a file system that does not answer takes
        // the signal when that does.
        let _ = kill(self.pid, Signal::SIGKILL);
        let mut ended = [PollFd::new(self.fd.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut ended, PollTimeout::from(FAREWELL));
        let _ = waitpid(self.pid, Some(WaitPidFlag::WNOHANG));
    }
}

/// That nothing was heard of it.
pub fn no_answer() -> Text {
    Text::new("its files do not answer in time", "파일 시스템이 제때 응답하지 않습니다")
}

/// That the child which looked has died.
pub fn cut_off() -> Text {
    Text::new(
        "looking at it took more memory than lab allows",
        "lab이 허용하는 것보다 많은 메모리가 필요해 중단했습니다",
    )
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a panic is what is tested")]
mod tests {
    use super::*;
    use crate::error::Error;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(50)
    }

    #[test]
    fn words_come_one_by_one_and_then_the_end() {
        let mut witness = Witness::call(|speaker| {
            speaker.say("one".to_owned())?;
            speaker.say("two".to_owned())
        })
        .unwrap();
        let end = Instant::now() + Duration::from_secs(5);
        assert_eq!(witness.hear(end).unwrap(), Heard::Word("one".to_owned()));
        assert_eq!(witness.hear(end).unwrap(), Heard::Word("two".to_owned()));
        assert_eq!(witness.hear(end).unwrap(), Heard::End);
    }

    #[test]
    fn one_that_does_not_answer_is_given_up() {
        let begun = Instant::now();
        let mut witness = Witness::<()>::call(|_| {
            nix::unistd::pause();
            Ok(())
        })
        .unwrap();
        assert_eq!(witness.hear(soon()).unwrap(), Heard::Silence);
        let pid = witness.pid;
        drop(witness);
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert!(process::stat(pid).is_err(), "still there");
    }

    #[test]
    fn its_errors_and_its_panics_are_ours() {
        let end = Instant::now() + Duration::from_secs(5);
        let mut failed =
            Witness::<()>::call(|_| Err(Error::Untold("no answer".to_owned()))).unwrap();
        assert!(matches!(failed.hear(end), Err(Error::Untold(text)) if text == "no answer"));
        let mut panicked = Witness::<()>::call(|_| panic!("on the way")).unwrap();
        assert!(matches!(panicked.hear(end), Err(Error::Broken(text)) if text.contains("way")));
    }
}

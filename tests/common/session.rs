//! A lab that is walked through key by key: its input is a terminal, its output the JSON stream.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// A running lab. A test that fails half-way must not leave it behind.
pub struct Session {
    child: Child,
    keyboard: File,
    events: BufReader<ChildStdout>,
    paused: Value,
}

fn readable(terminal: &File) -> bool {
    let mut fds = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
    poll(&mut fds, PollTimeout::from(200u8)).unwrap() > 0
}

/// How it ended.
pub struct Ended {
    /// The exit status, or none for a signal.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Standard error.
    pub err: String,
}

impl Session {
    /// Starts a lab.
    pub fn start(lab: &str) -> Session {
        Session::start_with(lab, &[])
    }

    /// Starts a lab with further options.
    pub fn start_with(lab: &str, options: &[&str]) -> Session {
        Session::start_in::<&str>(lab, options, &[])
    }

    /// Starts a lab at its step `number`, and waits for that step's pause; the events of that step.
    pub fn start_at(lab: &str, number: usize) -> (Session, Vec<Value>) {
        let mut session = Session::start_with(lab, &["--from", &number.to_string()]);
        let (events, waits) = session.until_pause();
        assert!(waits, "{lab} ended before step {number}");
        (session, events)
    }

    /// Starts a lab that asks before its steps.
    pub fn start_asked(lab: &str) -> Session {
        Session::begin::<&str>(lab, &[], &[])
    }

    /// Starts a lab with further options, and with more in its environment.
    pub fn start_in<V: AsRef<OsStr>>(
        lab: &str,
        options: &[&str],
        environment: &[(&str, V)],
    ) -> Session {
        let options = [&["--no-questions"], options].concat();
        Session::begin(lab, &options, environment)
    }

    fn begin<V: AsRef<OsStr>>(lab: &str, options: &[&str], environment: &[(&str, V)]) -> Session {
        let terminal = openpty(None, None).unwrap();
        // A session of its own, with the terminal in control: that is what a shell in there needs.
        // setsid(1) does not fork here, so the pid is the lab's.
        let mut child = super::quiet(&mut Command::new("setsid"))
            .args(["--ctty", super::LAB, lab, "--format", "json"])
            .args(options)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(terminal.slave))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let events = BufReader::new(child.stdout.take().unwrap());
        Session { child, keyboard: File::from(terminal.master), events, paused: Value::Null }
    }

    /// The pid of the lab.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The events until it waits for a key, or ends; whether it waits.
    pub fn until_pause(&mut self) -> (Vec<Value>, bool) {
        let mut events = Vec::new();
        while let Some(event) = self.next_event() {
            if event["event"] == "paused" {
                self.paused = event;
                return (events, true);
            }
            events.push(event);
        }
        (events, false)
    }

    /// The next event; none where it has ended.
    pub fn next_event(&mut self) -> Option<Value> {
        let mut line = String::new();
        let length = self.events.read_line(&mut line).unwrap();
        (length > 0).then(|| serde_json::from_str(&line).unwrap())
    }

    /// Reads on until the step `id` begins.
    pub fn until_step(&mut self, id: &str) {
        let is_it = |event: Value| event["event"] == "step_started" && event["id"] == id;
        while !is_it(self.next_event().unwrap()) {}
    }

    /// The event that said so.
    pub fn paused(&self) -> &Value {
        &self.paused
    }

    /// Presses a key.
    pub fn press(&mut self, key: u8) {
        self.keyboard.write_all(&[key]).unwrap();
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &str) {
        self.keyboard.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// What programs have written to the terminal so far.
    pub fn screen(&mut self) -> String {
        let mut text = Vec::new();
        let mut chunk = [0; 4096];
        // A moment of silence is the end: the terminal itself has none while it is open.
        while readable(&self.keyboard) {
            let n = self.keyboard.read(&mut chunk).unwrap();
            text.extend(&chunk[..n]);
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Goes on with Enter until step `number` waits for a key; the events of that step.
    pub fn walk_to(&mut self, number: usize) -> Vec<Value> {
        let mut events = Vec::new();
        for at in 1..=number {
            let waits;
            (events, waits) = self.until_pause();
            assert!(waits, "ended before step {at}");
            if at < number {
                self.press(b'\n');
            }
        }
        events
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ended {
        let mut rest = String::new();
        self.events.read_to_string(&mut rest).unwrap();
        let status = self.child.wait().unwrap();
        let mut err = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut err).unwrap();
        Ended { status: status.code(), signal: status.signal(), err }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // SIGTERM, so that it cleans up.
            self.signal(Signal::SIGTERM);
            let _ = self.child.wait();
        }
    }
}

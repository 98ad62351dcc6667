//! A shell at a terminal, for what a student types.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How long what was typed may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An interactive bash on a terminal of its own.
pub struct Terminal {
    shell: Child,
    terminal: File,
    typed: usize,
}

impl Terminal {
    /// Opens one, with `home` as the home directory and the place to begin.
    pub fn open(home: &Path) -> Terminal {
        let pty = openpty(None, None).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let shell = super::quiet(&mut Command::new("setsid"))
            .args(["--ctty", "bash", "--norc", "--noprofile", "-i"])
            .envs([
                ("TERM", "dumb"),
                ("HISTFILE", "/dev/null"),
                ("PS1", "# "),
                ("LC_ALL", "C.UTF-8"),
            ])
            .env("HOME", home)
            .env("PATH", super::path_with_lab())
            .current_dir(home)
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        Terminal { shell, terminal: File::from(pty.master), typed: 0 }
    }

    /// The shell's pid.
    pub fn pid(&self) -> u32 {
        self.shell.id()
    }

    /// Types lines, and returns what the terminal showed until all of them had run.
    #[track_caller]
    pub fn type_lines(&mut self, lines: &str) -> String {
        self.typed += 1;
        let end = format!("--typed-{}--", self.typed);
        // In two parts, so that it is not found in what is echoed.
        let (head, tail) = end.split_at(7);
        write!(self.terminal, "{}\necho '{head}''{tail}'\n", lines.trim_end()).unwrap();
        let begun = Instant::now();
        let mut shown = Vec::new();
        while !String::from_utf8_lossy(&shown).contains(&end) {
            let so_far = String::from_utf8_lossy(&shown);
            assert!(begun.elapsed() < PATIENCE, "no end of:\n{lines}\n{so_far}");
            let mut fds = [PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN)];
            if poll(&mut fds, PollTimeout::from(200u8)).unwrap() > 0 {
                let mut chunk = [0; 4096];
                let read = self.terminal.read(&mut chunk).unwrap();
                shown.extend(&chunk[..read]);
            }
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// Leaves the shell.
    pub fn close(mut self) {
        self.terminal.write_all(b"exit\n").unwrap();
        self.shell.wait().unwrap();
    }
}

impl Drop for Terminal {
    /// A test that fails half-way must not leave it behind.
    fn drop(&mut self) {
        if matches!(self.shell.try_wait(), Ok(None)) {
            let _ = killpg(Pid::from_raw(self.shell.id().cast_signed()), Signal::SIGKILL);
            let _ = self.shell.wait();
        }
    }
}

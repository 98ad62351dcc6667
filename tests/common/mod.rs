//! Tests go through the binary. Here is what drives it, and what looks at the machine around it.

#![allow(dead_code, unused_imports, unused_macros, reason = "each test program uses its own part")]

pub mod book;
pub mod grader;
pub mod grading;
pub mod machine;
pub mod room;
pub mod session;
pub mod student;
pub mod terminal;

use std::ffi::OsStr;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// The binary under test.
pub const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// Whether the tests are run by root.
pub fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

/// Whether a test that needs root can run. Where it cannot, it says so, past libtest's capture.
pub fn is_root_or_skip(test: &str) -> bool {
    if !is_root() {
        skip(test, "it needs root; run `sudo -E cargo test`");
    }
    is_root()
}

/// Whether `lab` can run here, by whoever runs the tests. Where it cannot, the test says so.
pub fn can_run_or_skip(test: &str, lab: &str) -> bool {
    let missing = missing(lab);
    if let Some(reason) = &missing {
        skip(test, &format!("{lab}: {reason}"));
    }
    missing.is_none()
}

/// The labs that can run here, by whoever runs the tests; of the others the test says why.
pub fn labs_or_skip(test: &str) -> Vec<String> {
    course().into_iter().filter(|lab| can_run_or_skip(test, lab)).collect()
}

/// For each lab of the course a test of its own, so that they run beside each other: each of these functions is
/// called in a room, with the name of the test and the lab.
macro_rules! for_each_lab {
    ($($check:ident),+ $(,)?) => {$(
        mod $check {
            $crate::common::for_each_lab! {
                @ $check: chroot "chroot", unshare "unshare", veth "veth", cpu_shares "cpu-shares",
                overlay "overlay"
            }
        }
    )+};
    (@ $check:ident: $($name:ident $lab:literal),+) => {$(
        #[test]
        fn $name() {
            const TEST: &str = concat!(stringify!($check), "::", stringify!($name));
            let Some(_room) = $crate::common::room::enter(TEST) else { return };
            super::$check(TEST, $lab);
        }
    )+};
}
pub(crate) use for_each_lab;

/// Why `lab` cannot run here.
fn missing(lab: &str) -> Option<String> {
    let said = run(&mut self::lab(["--format", "json"]));
    let entries: Value = serde_json::from_str(&said.out).unwrap();
    let entry = entries.as_array().unwrap().iter().find(|entry| entry["lab"] == lab).unwrap();
    entry["missing"].as_str().map(str::to_owned)
}

/// Where time is short, as in an emulated machine, one lab may be named: `LAB_TEST_ONLY`.
pub fn is_meant(lab: &str) -> bool {
    let only = std::env::var("LAB_TEST_ONLY").unwrap_or_default();
    only.is_empty() || only == lab
}

/// Where labs keep their state: in the folder of an ordinary user's session.
pub fn state() -> std::path::PathBuf {
    match is_root() {
        true => "/run/lab".into(),
        false => runtime().join("lab"),
    }
}

/// The session's folder; a session without one gets one of ours.
fn runtime() -> std::path::PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR")
        .map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), std::path::PathBuf::from)
}

/// Whether a program of this name is there.
pub fn has_tool(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(tool).is_file())
}

/// Whether the programs that a test's scripts call are there. Where one is not, it says so.
pub fn has_tools_or_skip(test: &str, tools: &[&str]) -> bool {
    match tools.iter().find(|tool| !has_tool(tool)) {
        Some(tool) => {
            skip(test, &format!("it needs {tool}; install it"));
            false
        }
        None => true,
    }
}

/// Names a test that is skipped, and why.
pub fn skip(test: &str, reason: &str) {
    say(&format!("skipped: {test}: {reason}"));
}

/// Says a line to whoever runs the tests.
fn say(line: &str) {
    use std::io::Write;
    // Not eprintln: libtest would keep it to itself.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The binary with `arguments`, no input, English, and nothing else from the environment that
/// changes what it says.
pub fn lab<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(LAB);
    quiet(&mut command).args(arguments);
    command
}

/// A shell script, with the binary first in its path as `lab`.
pub fn shell(script: &str) -> Command {
    let mut command = Command::new("bash");
    quiet(&mut command).args(["-euo", "pipefail", "-c", script]).env("PATH", path_with_lab());
    command
}

fn path_with_lab() -> String {
    let folder = std::path::Path::new(LAB).parent().unwrap().display();
    format!("{folder}:{}", std::env::var("PATH").unwrap_or_default())
}

/// The command that gives the one after it mounts of its own, as root, or as root in a user namespace.
pub fn private_mounts() -> &'static str {
    if is_root() { "unshare --mount" } else { "unshare --user --map-root-user --mount" }
}

/// A shell script as root in namespaces of its own, with a `/run` of its own: whatever it leaves goes with
/// it. Who is not root is so in a user namespace of its own.
pub fn apart(script: &str) -> Command {
    let mut words = private_mounts().split(' ');
    let mut command = Command::new(words.next().unwrap());
    quiet(&mut command)
        .args(words)
        .args(["--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .args(["bash", "-euo", "pipefail", "-c"])
        .arg(format!("mount -t tmpfs -o mode=755 none /run\n{script}"))
        .env("PATH", path_with_lab());
    command
}

/// An empty folder for one test, taken away by [`Drop`].
pub struct Folder(std::path::PathBuf);

impl Folder {
    /// Makes it, on a file system that overlays can be built on.
    pub fn make(name: &str) -> Folder {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let place = room::folder().unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
        let path = place.join(format!("{name}-{}-{number}", std::process::id()));
        remove(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// Where it is.
    pub fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Never across a mount that a failed test may have left. In the working folder of an overlay the kernel
/// makes one that not even its owner may look into.
fn remove(folder: &std::path::Path) {
    let mut open = Command::new("find");
    open.arg(folder).args(["-xdev", "-type", "d", "!", "-perm", "-u=rwx"]);
    open.args(["-exec", "chmod", "u+rwx", "{}", "+"]).stderr(Stdio::null());
    let _ = open.status();
    let mut rm = Command::new("rm");
    rm.args(["-r", "--force", "--one-file-system"]).arg(folder);
    let _ = rm.status();
}

fn quiet(command: &mut Command) -> &mut Command {
    for name in ["LAB_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    // Nobody's own progress is read or written. Root keeps one only where the whole path is root's, as
    // the folder of the tests may not be.
    let book = if is_root() { "/run/lab-tests".into() } else { runtime().join("progress") };
    command.env("XDG_STATE_HOME", book).env_remove("SUDO_UID");
    command.env("XDG_RUNTIME_DIR", runtime()).stdin(Stdio::null())
}

/// What a finished command said.
pub struct Said {
    /// The exit status.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs it to its end.
pub fn run(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Said {
        status: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

impl Said {
    /// Asserts that it was refused as designed: `status`, nothing on standard output, one line on
    /// standard error that holds `word`, and no sign of a panic.
    #[track_caller]
    pub fn assert_refused(&self, status: i32, word: &str) {
        assert_eq!(self.status, Some(status), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        assert!(self.err.contains(word), "{:?} in {}", word, self.err);
        assert!(!self.err.contains("panic"), "{}", self.err);
    }
}

/// The course: the identifier of each lab, from the binary itself.
pub fn course() -> Vec<String> {
    let said = run(&mut lab(["--format", "json"]));
    let entries: Value = serde_json::from_str(&said.out).unwrap();
    let entries = entries.as_array().unwrap();
    entries.iter().map(|entry| entry["lab"].as_str().unwrap().to_owned()).collect()
}

/// The events of an unattended run.
pub fn events(lab_id: &str, lang: &str) -> Vec<Value> {
    let said = run(&mut lab([lab_id, "--yes", "--format", "json", "--lang", lang]));
    assert_eq!(said.status, Some(0), "{lab_id}: {}{}", said.out, said.err);
    said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the scripts of a lab rest on.
pub fn prelude(lab: &str) -> String {
    let labs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let parts = [labs.join("prelude.sh"), labs.join(lab).join("prelude.sh")];
    parts.map(|part| std::fs::read_to_string(part).unwrap()).concat()
}

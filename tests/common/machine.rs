//! A snapshot of what labs change on a machine, to compare before with after.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::prctl;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use super::{Said, room};

/// Where labs and `ip netns` put files, in `/run`; mount(8) for one has a folder of its own there.
const OURS: [&str; 2] = ["lab", "netns"];
/// A network namespace is torn down in the background, and init may take seconds to reap.
const PATIENCE: Duration = Duration::from_secs(10);

/// Mounts, namespaces, links, control groups, files, and our own descendants. In a test's own machine it is all
/// there is; on one that others use it is what a lab alone can have left, because theirs come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeSet<String>);

impl Snapshot {
    /// Takes it. Orphans are ours from here on, so that none can hide behind init.
    pub fn take() -> Snapshot {
        prctl::set_child_subreaper(true).unwrap();
        let mut all = BTreeSet::new();
        all.extend(mounts());
        all.extend(links());
        cgroups(Path::new("/sys/fs/cgroup"), &mut all);
        for folder in OURS.map(|name| format!("/run/{name}")) {
            all.extend(names(&folder).map(|name| format!("{folder}/{name}")));
            all.extend(Path::new(&folder).exists().then_some(folder));
        }
        if !room::is_machine() {
            all.retain(|line| is_of_a_lab(line));
        }
        let state = super::state().display().to_string();
        all.extend(names(&state).map(|name| format!("{state}/{name}")));
        all.extend(namespaces());
        all.extend(descendants());
        Snapshot(all)
    }

    /// Asserts that the machine is as it was, waiting for what the kernel does in the background.
    #[track_caller]
    pub fn assert_unchanged(&self, when: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let now = Snapshot::take();
            let new: Vec<_> = now.0.difference(&self.0).collect();
            // Somebody else's processes may end meanwhile, and their namespaces with them.
            let lasting =
                |what: &&String| !what.starts_with("namespace") && !what.starts_with("process");
            let gone: Vec<_> = self.0.difference(&now.0).filter(lasting).collect();
            if new.is_empty() && gone.is_empty() {
                return;
            }
            assert!(Instant::now() < end, "{when}: left {new:?}, gone {gone:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether what a line names can only be a lab's: a mount in its state folder or of a namespace that it has named,
/// such a namespace, a control group.
fn is_of_a_lab(line: &str) -> bool {
    let state = super::state().display().to_string();
    [state.as_str(), "/run/netns/lab-", "/lab-cpu-shares"].iter().any(|mark| line.contains(mark))
}

fn names(folder: &str) -> impl Iterator<Item = String> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
}

fn mounts() -> Vec<String> {
    let text = fs::read_to_string("/proc/self/mountinfo").unwrap();
    // Without the ids, which are given anew.
    text.lines().map(|line| format!("mount {}", line.splitn(3, ' ').nth(2).unwrap())).collect()
}

/// Those of our own network namespace: `/sys` shows those of whoever mounted it.
fn links() -> Vec<String> {
    let text = fs::read_to_string("/proc/self/net/dev").unwrap();
    let named = text.lines().filter_map(|line| line.split_once(':'));
    named.map(|(name, _)| format!("link {}", name.trim())).collect()
}

/// The namespaces that our descendants hold. A stranger's come and go as they please; what holds one
/// of ours is a descendant, because orphans are given to us, or a mount, which is in the list too.
fn namespaces() -> BTreeSet<String> {
    let us = std::process::id().to_string();
    let mut all = BTreeSet::new();
    for (pid, ..) in processes().filter(|(_, _, parent)| *parent == us) {
        for kind in ["mnt", "net", "pid", "user", "uts", "ipc", "cgroup"] {
            // Gone by now, or not ours to read.
            let Ok(link) = fs::read_link(format!("/proc/{pid}/ns/{kind}")) else { continue };
            all.insert(format!("namespace {}", link.display()));
        }
    }
    all
}

fn is_ours(meta: &fs::Metadata) -> bool {
    meta.uid() == nix::unistd::Uid::effective().as_raw()
}

fn cgroups(folder: &Path, all: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        // Another test's own machine is none of our business.
        let is_a_room = entry.file_name().to_string_lossy().starts_with(room::GROUP);
        // An ordinary user's tests are on a machine where others make groups too, and theirs are another's.
        let ours = entry.metadata().is_ok_and(|meta| meta.is_dir() && is_ours(&meta));
        if !is_a_room && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            all.extend(ours.then(|| format!("cgroup {}", entry.path().display())));
            cgroups(&entry.path(), all);
        }
    }
}

/// Processes that we, or those that we started, have started and that still live.
fn descendants() -> impl Iterator<Item = String> {
    let us = std::process::id().to_string();
    processes()
        .filter(move |(_, _, parent)| *parent == us)
        .map(|(pid, name, _)| format!("process {pid} {name}"))
}

/// Runs a command while reaping what we were given as orphans, as init would: the first process of a
/// PID namespace does not end before the last of the others was reaped. Only in a room, because it would
/// take the children of other tests too.
pub fn run_as_init(command: &mut Command) -> Said {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        for entry in names("/proc").filter_map(|name| name.parse::<i32>().ok()) {
            if entry != child.id().cast_signed() {
                // Not our child, or not dead: nothing happens.
                let _ = waitpid(Pid::from_raw(entry), Some(WaitPidFlag::WNOHANG));
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    Said {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The number, name and parent of all processes but zombies: a zombie holds nothing, and waits only
/// for its parent, or init, to take its status.
fn processes() -> impl Iterator<Item = (String, String, String)> {
    names("/proc").filter(|name| name.parse::<u32>().is_ok()).filter_map(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (name, rest) = stat.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let (state, parent) = (fields.next()?, fields.next()?);
        (state != "Z").then(|| (pid, format!("{name})"), parent.to_owned()))
    })
}

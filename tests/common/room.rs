//! A room of a test's own, in which a busy machine cannot disturb it, nor another test.
//!
//! The test runs in a process of its own: its program calls itself for that one test. As root that
//! process is in namespaces of its own, with a `/run` and control groups of its own (`room.sh`), and all
//! that is there is the test's. An ordinary user could have those only in a user namespace, and would
//! be an ordinary user no more: there a test has a home, a session's folder and a state folder of its own.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

use super::{is_root, remove};

/// Set inside: the folder of the room.
const FOLDER: &str = "LAB_TEST_ROOM";
/// Set inside as well, where the room has namespaces of its own.
const MACHINE: &str = "LAB_TEST_MACHINE";
/// How the control groups of rooms are called, before a number.
pub const GROUP: &str = "tests-of-lab-";
/// What rooms have in common.
const SHARED: &str = env!("CARGO_TARGET_TMPDIR");

/// That a test is in its room.
pub struct Room(());

/// Enters the room of `test`, which is the name of the test that calls this. Outside, that test is run inside to
/// its end first, and then there is no room to go on in.
#[track_caller]
#[must_use]
pub fn enter(test: &str) -> Option<Room> {
    enter_one(test, is_root())
}

/// Enters a room that has only a process and folders of its own: the namespaces are the machine's, whatever
/// others do there meanwhile.
#[track_caller]
#[must_use]
pub fn enter_in_public(test: &str) -> Option<Room> {
    enter_one(test, false)
}

#[track_caller]
fn enter_one(test: &str, is_machine: bool) -> Option<Room> {
    if folder().is_some() {
        return Some(Room(()));
    }
    // An ordinary user's tests are on one machine, where each would find what another has built by hand.
    let _turn = (!is_root()).then(|| lock("one-user"));
    let outside = Outside::make();
    let (passed, said) = outside.run(test, is_machine);
    assert!(passed, "{test}, in a room of its own:\n{said}");
    // The first stands behind the name of the test.
    let skipped = said.lines().filter_map(|line| line.find("skipped: ").map(|at| &line[at..]));
    skipped.for_each(super::say);
    None
}

/// The folder of the room that this test is in, for what must be on a disk.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Whether all that is here, mounts and links and control groups, is the test's own.
pub fn is_machine() -> bool {
    std::env::var_os(MACHINE).is_some()
}

/// Holds a lock that no two tests have at the same moment.
pub fn lock(name: &str) -> Flock<File> {
    Flock::lock(open_shared(name), FlockArg::LockExclusive).map_err(|(_, errno)| errno).unwrap()
}

fn open_shared(name: &str) -> File {
    let path = Path::new(SHARED).join(name);
    // Another user may have made it.
    File::open(&path).or_else(|_| File::create(&path)).unwrap()
}

/// Waits until no other test measures, where `lab` measures at all: busy loops on the same processor take
/// from each other what is measured. On a machine of its own a test has a processor of its own.
pub fn measure(lab: &str) -> Option<Flock<File>> {
    (lab == "cpu-shares" && !is_machine()).then(|| lock("measuring"))
}

/// A processor that no other test has, and what keeps it so. There are as many tests at a time as processors, unless somebody
/// asks for more.
fn processor() -> (usize, Flock<File>) {
    let allowed = sched_getaffinity(Pid::from_raw(0)).unwrap();
    let numbers = || (0..CpuSet::count()).filter(|number| allowed.is_set(*number).unwrap());
    loop {
        for number in numbers() {
            let file = open_shared(&format!("processor-{number}"));
            if let Ok(lock) = Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                return (number, lock);
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A room from its outside: two folders, and what runs a test in it.
struct Outside {
    folder: PathBuf,
    /// Short, because what is in there is shown on screens of 80 columns.
    session: PathBuf,
}

impl Outside {
    fn make() -> Outside {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(SHARED).join(format!("{}-{number}", std::process::id()));
        remove(&folder);
        fs::create_dir_all(folder.join("home")).unwrap();
        let session = nix::unistd::mkdtemp(&std::env::temp_dir().join("lab-XXXXXX")).unwrap();
        Outside { folder, session }
    }

    /// Whether the test passed, and what was said.
    fn run(&self, test: &str, is_machine: bool) -> (bool, String) {
        let said = self.folder.join("said");
        let file = File::create(&said).unwrap();
        let processor = is_machine.then(processor);
        let mut command = match &processor {
            Some((number, _)) => self.machine(*number),
            None => self.process(),
        };
        command.args(["--exact", test, "--nocapture"]).env(FOLDER, &self.folder);
        command.env("HOME", self.folder.join("home")).env("TMPDIR", &self.session);
        // insta would ask cargo, which may be in the home that is not there any more.
        command.env("INSTA_WORKSPACE_ROOT", env!("CARGO_MANIFEST_DIR"));
        // No pipe: a test that fails may leave something that holds its other end.
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        let status = command.status().unwrap();
        let said = String::from_utf8_lossy(&fs::read(said).unwrap()).into_owned();
        // None passes where no test has that name.
        (status.success() && said.contains(" 1 passed;"), format!("{said}{status}"))
    }

    /// This program in a process of its own.
    fn process(&self) -> Command {
        self.link_session();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env("XDG_RUNTIME_DIR", &self.session);
        command
    }

    /// This program on a machine of its own, with one processor.
    fn machine(&self, processor: usize) -> Command {
        let group = format!("{GROUP}{}", self.folder.file_name().unwrap().display());
        // Ended when we are, to clean up.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "bash", "-c", include_str!("room.sh"), "room.sh"]);
        command.arg(group).arg(std::env::current_exe().unwrap());
        command.env(MACHINE, "1").env("LAB_TEST_SHARED", SHARED);
        command.env("LAB_TEST_PROCESSOR", processor.to_string());
        command
    }

    /// A session's manager of services is found in its folder: ours leads to it.
    fn link_session(&self) {
        let Some(session) = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) else { return };
        for name in ["bus", "systemd"].iter().filter(|name| session.join(name).exists()) {
            symlink(session.join(name), self.session.join(name)).unwrap();
        }
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        remove(&self.folder);
        remove(&self.session);
    }
}

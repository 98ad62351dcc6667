//! What a student types is judged: the handouts' commands, and the course notes' transcripts, in a real
//! shell at a terminal.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::path::Path;

use common::machine::Snapshot;
use common::terminal::Terminal;
use common::{
    Folder, apart, can_run_or_skip, course, has_tools_or_skip, is_meant, is_root, is_root_or_skip,
    lab, labs_or_skip, room, run, shell,
};
use serde_json::Value;

/// What the handouts call beyond coreutils.
const TOOLS: [&str; 11] =
    ["hostname", "ip", "ldd", "lsns", "mount", "pgrep", "ping", "ps", "taskset", "top", "unshare"];

/// A fenced block: what follows the fence, and the lines.
struct Block {
    info: String,
    lines: String,
}

impl Block {
    /// Whether it is to be typed here: `sh`, then perhaps `v1` or `v2`, `root` or `rootless`, `second`.
    fn is_typed(&self) -> bool {
        let version = if has_cgroup_v1() { "v1" } else { "v2" };
        let user = if is_root() { "root" } else { "rootless" };
        let mut words = self.info.split(' ');
        words.next() == Some("sh") && words.all(|word| [version, user, "second"].contains(&word))
    }
}

fn has_cgroup_v1() -> bool {
    Path::new("/sys/fs/cgroup/cpu/cpu.shares").is_file()
}

fn blocks(lab: &str, readme: &str) -> Vec<Block> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs").join(lab).join(readme);
    let text = std::fs::read_to_string(path).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                open = Some(Block { info: info.to_owned(), lines: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.lines += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

/// What `lab verify LAB --by-hand` says of each check.
fn verdicts(lab_id: &str) -> Vec<(String, String)> {
    let said = run(&mut lab(["verify", lab_id, "--by-hand", "--format", "json"]));
    let judged: Value = serde_json::from_str(&said.out).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = judged["findings"].as_array().unwrap().iter();
    findings.map(|finding| (text(&finding["check"]), text(&finding["verdict"]))).collect()
}

/// `ip netns add` mounts `/run/netns` onto itself, for good. Where it was not there, a test that calls it
/// takes it away again.
struct NetnsFolder {
    ours: bool,
}

impl NetnsFolder {
    fn make() -> NetnsFolder {
        let ours = !Path::new("/run/netns").exists();
        run(&mut shell("ip netns add lab-test; ip netns delete lab-test"));
        NetnsFolder { ours }
    }
}

impl Drop for NetnsFolder {
    fn drop(&mut self) {
        if self.ours {
            run(&mut shell("umount /run/netns && rmdir /run/netns"));
        }
    }
}

/// Whether somebody can do the exercise here. Where groups are delegated it is the exercise that asks for
/// them, so a lab that was not given any says nothing about it.
fn can_type_or_skip(test: &str, lab: &str) -> bool {
    let delegates = || {
        let asked = "systemd-run --user --scope --quiet -p Delegate=yes true";
        !has_cgroup_v1() && run(&mut shell(asked)).status == Some(0)
    };
    (lab == "cpu-shares" && !is_root() && delegates()) || can_run_or_skip(test, lab)
}

fn type_handout(lab_id: &str, readme: &str) {
    let home = Folder::make("home");
    let before = Snapshot::take();
    let mut terminal = Terminal::open(home.path());
    let mut judged = false;
    for block in blocks(lab_id, readme).iter().filter(|block| block.is_typed()) {
        if !block.info.contains("second") {
            terminal.type_lines(&block.lines);
            continue;
        }
        let said =
            run(shell(&format!("set +o pipefail\n{}", block.lines)).env("HOME", home.path()));
        assert_eq!(said.status, Some(0), "{lab_id}/{readme}: {}{}", said.out, said.err);
        if block.lines.contains("lab verify") {
            let verdicts = verdicts(lab_id);
            assert!(!verdicts.is_empty(), "{lab_id}/{readme}");
            for (check, verdict) in &verdicts {
                assert_eq!(verdict, "pass", "{lab_id}/{readme}: {check}");
            }
            judged = true;
        }
    }
    terminal.close();
    assert!(judged, "{lab_id}/{readme} never says lab verify");
    before.assert_unchanged(&format!("{lab_id}/{readme}"));
    // Hidden files are what programs such as top keep for themselves.
    let names = std::fs::read_dir(home.path()).unwrap().map(|it| it.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| !name.to_string_lossy().starts_with('.')).collect();
    assert!(left.is_empty(), "{lab_id}/{readme}: {left:?}");
}

#[test]
fn the_handouts_commands_pass_and_their_take_down_leaves_nothing() {
    let Some(_room) = room::enter("the_handouts_commands_pass_and_their_take_down_leaves_nothing")
    else {
        return;
    };
    let name = "the_handouts_commands_pass_and_their_take_down_leaves_nothing";
    if !has_tools_or_skip(name, &TOOLS) {
        return;
    }
    let _netns = is_root().then(NetnsFolder::make);
    for lab_id in course().into_iter().filter(|lab| is_meant(lab) && can_type_or_skip(name, lab)) {
        type_handout(&lab_id, "README.md");
    }
}

#[test]
fn the_handouts_have_the_same_commands_in_both_languages() {
    for lab_id in course() {
        let commands = |readme| -> Vec<(String, String)> {
            let blocks = blocks(&lab_id, readme).into_iter();
            blocks.filter(|b| b.info.starts_with("sh")).map(|b| (b.info, b.lines)).collect()
        };
        assert_eq!(commands("README.md"), commands("README.ko.md"), "{lab_id}");
    }
}

#[test]
fn with_nothing_built_by_hand_is_a_failure_that_says_how_to_begin() {
    let Some(_room) = room::enter("with_nothing_built_by_hand_is_a_failure_that_says_how_to_begin")
    else {
        return;
    };
    let name = "with_nothing_built_by_hand_is_a_failure_that_says_how_to_begin";
    let labs = labs_or_skip(name);
    for lab_id in &labs {
        let said = run(&mut apart(&format!("lab verify {lab_id} --by-hand")));
        assert_eq!(said.status, Some(1), "{}{}", said.out, said.err);
        assert!(said.out.contains(&format!("`lab guide {lab_id}`")), "{}", said.out);
    }
    let said = run(&mut apart(&format!("lab verify {}", labs.join(" "))));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert_eq!(said.out.matches("run by lab itself").count(), labs.len(), "{}", said.out);
}

/// A transcript of the course notes, as it stands but for what is interactive or names another
/// machine's files.
struct Transcript {
    lab: &'static str,
    typed: &'static str,
    /// What the notes do not show, and so cannot be told.
    untold: &'static [&'static str],
    take_down: &'static str,
}

const TRANSCRIPTS: [Transcript; 5] = [
    Transcript {
        lab: "chroot",
        typed: "cd; pwd
mkdir -p ~/newroot/{bin,lib,lib64}
cp /bin/bash    ~/newroot/bin/bash
cp /bin/ls     ~/newroot/bin/ls
ldd /bin/bash
mkdir ~/newroot/lib/x86_64-linux-gnu
for f in $(ldd /bin/bash /bin/ls | grep -o '/lib/[^ )]*'); do cp $f ~/newroot$f; done
cp /lib64/ld-linux-x86-64.so.2 ~/newroot/lib64/ld-linux-x86-64.so.2
chroot ~/newroot/ /bin/bash
pwd
ls
date",
        untold: &[],
        take_down: "exit\nrm -r ~/newroot",
    },
    Transcript {
        lab: "unshare",
        typed: "unshare --pid --fork --mount-proc=/proc /bin/bash
ps -ef
uname -n
hostname
ls -l /proc/$$/ns/uts
unshare -u /bin/bash
hostname happy.life.com
hostname
uname -n
ls -l /proc/$$/ns/uts",
        untold: &[],
        take_down: "exit\nexit",
    },
    Transcript {
        lab: "veth",
        typed: "ip addr
ip netns add guestnet
ip netns ls
ip netns exec guestnet ip link
ip netns exec guestnet ip link set lo up
ip netns exec guestnet ip link
ip link add host type veth peer name guest
ip link
ip link set guest netns guestnet
ip link
ip link set host up
ip address add 1.2.3.4/24 dev host
ip netns exec guestnet ip link set guest up
ip netns exec guestnet ip address add 1.2.3.5/24 dev guest
ip netns exec guestnet ip address show dev guest
ping -c 2 1.2.3.5",
        untold: &[],
        take_down: "ip link delete host\nip netns del guestnet\nip netns ls",
    },
    Transcript {
        lab: "cpu-shares",
        typed: "printf 'void main() {\\n        for(;;);\\n}\\n' > a.c
cat a.c
gcc -w a.c
cp a.out    b.out
./a.out &
./b.out &
cd /sys/fs/cgroup
ls
cd cpu
mkdir limit_50_percent
cd limit_50_percent/
ls
echo $(pgrep a.out) > tasks
cat cpu.shares
echo 512 > cpu.shares
echo 256 > cpu.shares",
        untold: &[],
        take_down: "kill %1 %2\nwait\nsleep 1\ncd ..\nrmdir limit_50_percent\ncd",
    },
    Transcript {
        lab: "overlay",
        typed: "mkdir overlayfs
mkdir container image1 image2 work merge
echo Hello, a > image1/a
echo Hello, b > image1/b
echo HEllo, c > image2/c
mount -t overlay overlay -o lowerdir=image2:image1,upperdir=container,workdir=work merge
df
cat merge/a
echo Hello, yumi > merge/a
cat merge/a
cat container/a
echo Hello, d > merge/d",
        untold: &["newer-on-top", "whiteout", "opaque"],
        take_down: "umount merge\nrm -r overlayfs container image1 image2 work merge",
    },
];

/// The shell that types a transcript lives where nothing of it can get out: a network that the test made,
/// processes of its own for pgrep to find, one processor as on the notes' machine, a `/run` of its own.
const QUIET_ROOM: &str = "exec unshare --net --pid --mount --fork --mount-proc --kill-child \
    taskset -c 0 bash --norc --noprofile -c 'mount -t tmpfs none /run; exec bash --norc --noprofile -i'";

#[test]
fn the_course_notes_transcripts_are_judged() {
    let Some(_room) = room::enter("the_course_notes_transcripts_are_judged") else { return };
    let name = "the_course_notes_transcripts_are_judged";
    if !is_root_or_skip(name) || !has_tools_or_skip(name, &TOOLS) {
        return;
    }
    for Transcript { lab: lab_id, typed, untold, take_down } in TRANSCRIPTS {
        if !is_meant(lab_id) {
            continue;
        }
        if lab_id == "cpu-shares" && (!has_cgroup_v1() || !has_tools_or_skip(name, &["gcc"])) {
            continue;
        }
        let home = Folder::make("home");
        let before = Snapshot::take();
        let mut terminal = Terminal::open(home.path());
        terminal.type_lines(&format!("{QUIET_ROOM}\ncd"));
        terminal.type_lines(typed);
        // Another terminal in the same room, whose first process is the child of what `exec` left.
        let said = run(&mut shell(&format!(
            "nsenter --target \"$(pgrep --parent {})\" --net --pid --mount \
             lab verify {lab_id} --by-hand --format json",
            terminal.pid()
        )));
        let judged: Value = serde_json::from_str(&said.out).unwrap();
        for finding in judged["findings"].as_array().unwrap() {
            let check = finding["check"].as_str().unwrap();
            let expected = if untold.contains(&check) { "skip" } else { "pass" };
            assert_eq!(finding["verdict"], expected, "{lab_id}: {judged:#}");
        }
        assert_eq!(said.status, Some(0), "{lab_id}: {}{}", said.out, said.err);
        terminal.type_lines(take_down);
        terminal.close();
        before.assert_unchanged(lab_id);
    }
}

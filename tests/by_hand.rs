//! What a student types is judged: the handouts' commands, and the course notes' transcripts, in a real
//! shell at a terminal.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::path::Path;

use common::machine::Snapshot;
use common::terminal::Terminal;
use common::{
    Folder, apart, can_run_or_skip, course, for_each_lab, has_tools_or_skip, is_meant, is_root,
    is_root_or_skip, lab, labs_or_skip, room, run, shell,
};
use serde_json::Value;

/// What handouts and transcripts call beyond coreutils. `ping` is not needed: it shows what `lab verify` proves
/// with an echo request of its own.
const TOOLS: [&str; 10] =
    ["hostname", "ip", "ldd", "lsns", "mount", "pgrep", "ps", "taskset", "top", "unshare"];

/// Whether those of them that are typed are there. Where one is not, the test says so.
fn has_what_is_typed_or_skip(test: &str, typed: &str) -> bool {
    let words: Vec<&str> = typed.split(|c: char| !c.is_alphanumeric()).collect();
    let tools: Vec<&str> = TOOLS.into_iter().filter(|tool| words.contains(tool)).collect();
    has_tools_or_skip(test, &tools)
}

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

/// `ip netns add` mounts `/run/netns` onto itself, for good: it is there before anybody looks.
fn make_netns_folder() {
    run(&mut shell("ip netns add lab-test; ip netns delete lab-test"));
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

fn the_handouts_commands_pass_and_their_take_down_leaves_nothing(test: &str, lab_id: &str) {
    let typed = blocks(lab_id, "README.md").into_iter().filter(Block::is_typed);
    let typed: String = typed.map(|block| block.lines).collect();
    if is_meant(lab_id) && has_what_is_typed_or_skip(test, &typed) && can_type_or_skip(test, lab_id)
    {
        if is_root() {
            make_netns_folder();
        }
        let _alone = room::measure(lab_id);
        type_handout(lab_id, "README.md");
    }
}

for_each_lab! { the_handouts_commands_pass_and_their_take_down_leaves_nothing }

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
    // Not named, they are only listed; but with nothing proven it is no success either.
    let said = run(&mut apart("lab verify"));
    assert_eq!(said.status, Some(1), "{}{}", said.out, said.err);
    assert_eq!(said.out.matches("lab guide").count(), common::course().len(), "{}", said.out);
    assert!(said.out.contains("\n0 proven, 0 failed, 0 to do"), "{}", said.out);
}

/// A transcript of the course notes, as it stands but for what is interactive or names another
/// machine's files.
struct Transcript {
    lab: &'static str,
    typed: &'static str,
    /// What the notes do not do.
    undone: &'static [&'static str],
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
        undone: &[],
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
        undone: &[],
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
        undone: &[],
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
        undone: &[],
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
        undone: &["newer-on-top", "whiteout", "opaque"],
        take_down: "umount merge\nrm -r overlayfs container image1 image2 work merge",
    },
];

fn the_course_notes_transcript_is_judged(test: &str, lab_id: &str) {
    let Transcript { typed, undone, take_down, .. } =
        TRANSCRIPTS.into_iter().find(|it| it.lab == lab_id).unwrap();
    let needs: &[&str] = if typed.contains("gcc") { &["gcc"] } else { &[] };
    if !is_meant(lab_id)
        || (lab_id == "cpu-shares" && !has_cgroup_v1())
        || !is_root_or_skip(test)
        || !has_what_is_typed_or_skip(test, typed)
        || !has_tools_or_skip(test, needs)
    {
        return;
    }
    make_netns_folder();
    let home = Folder::make("home");
    let before = Snapshot::take();
    let _alone = room::measure(lab_id);
    let mut terminal = Terminal::open(home.path());
    // One processor, as on the notes' machine.
    terminal.type_lines("taskset -pc 0 $$\ncd");
    terminal.type_lines(typed);
    let said = run(&mut lab(["verify", lab_id, "--by-hand", "--format", "json"]));
    let judged: Value = serde_json::from_str(&said.out).unwrap();
    for finding in judged["findings"].as_array().unwrap() {
        let check = finding["check"].as_str().unwrap();
        let expected = if undone.contains(&check) { "open" } else { "pass" };
        assert_eq!(finding["verdict"], expected, "{lab_id}: {judged:#}");
    }
    let status = i32::from(!undone.is_empty());
    assert_eq!(said.status, Some(status), "{lab_id}: {}{}", said.out, said.err);
    terminal.type_lines(take_down);
    terminal.close();
    before.assert_unchanged(lab_id);
}

for_each_lab! { the_course_notes_transcript_is_judged }

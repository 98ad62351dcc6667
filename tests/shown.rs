//! Every command that a lab shows does what its step does, typed in a shell as a student would type it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::terminal::Terminal;
use common::{
    Folder, can_run_or_skip, events, for_each_lab, has_tools_or_skip, is_meant, is_root, room, run,
    shell, skip,
};
use serde_json::Value;

/// What the commands call beyond coreutils.
const TOOLS: [&str; 9] =
    ["hostname", "ip", "ldd", "mount", "ping", "ps", "python3", "taskset", "unshare"];

/// What there is to see after a step's command: in what the terminal shows, and for a condition of the
/// same shell.
struct Effect {
    step: &'static str,
    shows: &'static str,
    holds: &'static str,
}

const fn effect(step: &'static str, shows: &'static str, holds: &'static str) -> Effect {
    Effect { step, shows, holds }
}

struct Typed {
    lab: &'static str,
    effects: &'static [Effect],
    /// The step after which `lab verify --by-hand` proves all of it, and with which options.
    judged_after: Option<(&'static str, &'static str)>,
}

/// The first step of who is not root, in each lab that needs root's rights.
const ROOT_IN_A_USER_NAMESPACE: Effect = effect(
    "user-namespace",
    "you must be root",
    "[[ $(id -u) = 0 && $(wc -l </proc/$$/uid_map) = 1 ]]",
);

const SHOWN: [Typed; 5] = [
    Typed {
        lab: "chroot",
        effects: &[
            effect(
                "tree",
                "",
                "[[ $(echo newroot/*/ newroot/*/*) = *'bin/ newroot/lib/ newroot/lib64/ newroot/*/*' ]]",
            ),
            effect(
                "programs",
                "No such file or directory",
                "[[ -x newroot/bin/bash && -x newroot/bin/ls ]]",
            ),
            effect("libraries", "libc.so.6", "true"),
            effect("copy", "", "PATH=$PATH:/usr/sbin chroot newroot /bin/ls -d /bin"),
            effect("enter", "bin  lib  lib64", "true"),
            effect("escape", "etc", "true"),
            effect("pivot", "bin  lib  lib64", "true"),
        ],
        judged_after: None,
    },
    Typed {
        lab: "unshare",
        effects: &[
            effect(
                "uts",
                "uts:[",
                "[[ $(readlink /proc/$$/ns/uts) != $(readlink /proc/$PPID/ns/uts) ]]",
            ),
            effect("hostname", "", "[[ $(hostname) = happy.life.com ]]"),
            effect("pid", "NSpid:", "[[ $$ = 1 && $(readlink /proc/self) != $BASHPID ]]"),
            effect("hosts-proc", " unshare\r\n", "[[ $(readlink /proc/self) != $BASHPID ]]"),
            effect("own-proc", " bash\r\n", "! ps -e -o comm= | grep -qx unshare"),
            effect("orphan", " sleep\r\n", "[[ $(ps -o ppid= -C sleep) -eq 1 ]]"),
        ],
        judged_after: Some(("orphan", "--pid $(pgrep -n -x sleep)")),
    },
    Typed {
        lab: "veth",
        effects: &[
            effect("namespaces", "lo: <LOOPBACK>", "ip netns | grep -q lab-right"),
            effect("pair", "", "ip -n lab-right link show right | grep -q lab-left"),
            effect(
                "addresses",
                "Network is unreachable",
                "ip -n lab-right address | grep -q 198.51.100.2/24",
            ),
            effect("up", " 0% packet loss", "true"),
            effect("port", "Address already in use", "[[ $(jobs -r | wc -l) = 2 ]]"),
        ],
        judged_after: Some(("port", "")),
    },
    Typed {
        lab: "cpu-shares",
        effects: &[
            effect("contest", "", "[[ $(cat a/cgroup.procs b/cgroup.procs | wc -l) = 2 ]]"),
            effect("equal", "", "[[ $(weight a) = $(weight b) ]]"),
            effect("half", "", "[[ $(weight b) -eq $((2 * $(weight a))) ]]"),
            effect("quarter", "", "[[ $(weight b) -eq $((4 * $(weight a))) ]]"),
            effect(
                "three",
                "",
                "[[ $(weight c) -eq $((2 * $(weight a))) && $(wc -l <c/cgroup.procs) = 1 ]]",
            ),
            effect(
                "limit",
                "nr_throttled",
                "sleep 1; [[ -z $(cat b/cgroup.procs c/cgroup.procs) && $(grep nr_throttled a/cpu.stat) = *[1-9]* ]]",
            ),
        ],
        judged_after: Some(("quarter", "")),
    },
    Typed {
        lab: "overlay",
        effects: &[
            effect(
                "layers",
                "",
                "[[ $(cat image1/both image2/both image1/dir/old) = $'image1\\nimage2\\nold' && -d container ]]",
            ),
            effect(
                "mount",
                "",
                "[[ $(cat merge/both) = image2 && -e merge/a && -z $(ls container) ]]",
            ),
            effect("copy-up", "", "[[ $(cat container/a image1/a) = $'Hello, yumi\\nHello, a' ]]"),
            effect("new-file", "", "[[ -f container/d && ! -e image1/d && ! -e image2/d ]]"),
            effect("whiteout", "0, 0", "[[ -c container/b && ! -e merge/b && -f image1/b ]]"),
            effect(
                "opaque",
                "b'y'",
                "[[ -d merge/dir && -z $(ls merge/dir) && -f image1/dir/old ]]",
            ),
            effect(
                "remount",
                "",
                "[[ $(cat merge/a) = 'Hello, yumi' && -f merge/d && ! -e merge/b ]]",
            ),
            effect("second", "", "[[ $(cat merge2/a) = 'Hello, a' && -z $(ls container2) ]]"),
        ],
        judged_after: Some(("remount", "")),
    },
];

/// Where nothing that is typed gets out: processes, mounts, a network and a `/run` that end with it. Who is
/// not root stays so, and has the PATH that Debian gives to a new user.
///
/// The low PIDs are taken, as on any machine by the kernel's threads: ps(1) of Debian 12, in a PID namespace
/// with the host's /proc, looks there for the PID that getpid(2) told it, and ends if there is none.
fn room() -> String {
    const BASH: &str = "bash --norc --noprofile";
    let namespaces = "--net --pid --mount --fork --mount-proc --kill-child";
    let (user, begin, path) = match is_root() {
        true => ("", "mount -t tmpfs none /run;", ""),
        false => (
            "--user --map-current-user",
            "",
            "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games",
        ),
    };
    format!(
        "exec unshare {user} {namespaces} {BASH} -c '{begin} \
           for _ in {{1..60}}; do sleep 1000 & done; exec {BASH} -i'\ncd; {path}"
    )
}

/// The commands of each step that are to be typed, by the step's name.
fn commands(events: &[Value]) -> Vec<(&str, &str)> {
    let mut commands = Vec::new();
    let mut step = "";
    for event in events {
        if event["event"] == "step_started" {
            step = event["id"].as_str().unwrap();
        }
        if event["event"] == "shell" && event["typed"] == true {
            commands.push((step, event["command"].as_str().unwrap()));
        }
    }
    commands
}

/// What `lab verify` says in another terminal of the room, whose first process is the terminal's child.
fn judge(terminal: &Terminal, lab_id: &str, options: &str) {
    let user = if is_root() { "" } else { "--user --preserve-credentials" };
    let said = run(&mut shell(&format!(
        "nsenter --target \"$(pgrep --parent {})\" {user} --net --pid --mount \
         bash -c 'lab verify {lab_id} --by-hand {options}'",
        terminal.pid()
    )));
    assert_eq!(said.status, Some(0), "{lab_id}: {}{}", said.out, said.err);
}

fn type_all(typed: &Typed) {
    let lab_id = typed.lab;
    let home = Folder::make("shown");
    let events = events(lab_id, "en");
    let mut terminal = Terminal::open(home.path());
    terminal.type_lines(&room());
    // For the conditions, whichever version of control groups this is.
    terminal.type_lines("weight() { cat $1/cpu.shares 2>/dev/null || cat $1/cpu.weight; }");
    for (step, command) in commands(&events) {
        let shown = terminal.type_lines(command);
        let mut effects = typed.effects.iter().chain([&ROOT_IN_A_USER_NAMESPACE]);
        let expected = effects.find(|effect| effect.step == step);
        assert!(expected.is_some(), "{lab_id}/{step}: what does its command do?");
        let Effect { shows, holds, .. } = expected.unwrap();
        assert!(!command.contains(shows) || shows.is_empty(), "{lab_id}/{step}: {shows} is typed");
        assert!(shown.contains(shows), "{lab_id}/{step}: no {shows:?} in\n{shown}");
        let answer = terminal.type_lines(&format!("{holds} && echo it''-holds"));
        assert!(answer.contains("it-holds"), "{lab_id}/{step}:\n{shown}\n{answer}");
        if let Some((_, options)) = typed.judged_after.filter(|(after, _)| *after == step) {
            judge(&terminal, lab_id, options);
        }
    }
}

/// Takes away the groups that were typed into being, once their processes are gone.
struct Groups;

impl Drop for Groups {
    fn drop(&mut self) {
        run(&mut shell(
            "for _ in {1..100}; do
               left=$(find /sys/fs/cgroup -type d -path '*/lab-cpu-shares*' 2>/dev/null || true)
               [[ $left ]] || break
               rmdir $(sort -r <<<\"$left\") 2>/dev/null || sleep 0.05
             done",
        ));
    }
}

for_each_lab! {
    each_command_that_is_shown_does_what_its_step_does,
}

fn each_command_that_is_shown_does_what_its_step_does(test: &str, lab_id: &str) {
    if !has_tools_or_skip(test, &TOOLS) || !is_meant(lab_id) || !can_run_or_skip(test, lab_id) {
        return;
    }
    if lab_id == "cpu-shares" && !is_root() {
        return skip(test, "cpu-shares: the group that is delegated to it holds this test as well");
    }
    let _measures = room::measure(lab_id);
    let typed = SHOWN.iter().find(|typed| typed.lab == lab_id).unwrap();
    let before = Snapshot::take();
    {
        let _groups = (lab_id == "cpu-shares").then_some(Groups);
        type_all(typed);
    }
    before.assert_unchanged(lab_id);
}

//! What a student leaves lying about may be anything. `lab verify` says what it saw, changes nothing,
//! runs nothing outside of the place that was built, and is done in time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::machine::Snapshot;
use common::{Folder, Said, apart, can_run_or_skip, has_tools_or_skip, lab, room, run, shell};
use serde_json::Value;

/// What verify may take, beside the time for which it measures.
const PATIENCE: Duration = Duration::from_secs(2);

const TREE: &str = r#"
mkdir -p newroot/{bin,lib,lib64}
cp /bin/bash /bin/ls newroot/bin/
for f in $(ldd /bin/bash /bin/ls | grep -o "/lib[^ )]*" | sort -u); do
    mkdir -p "newroot${f%/*}"
    cp "$f" "newroot$f"
done
"#;

/// Before the time that a look took, in milliseconds.
const TOOK: &str = "== took ";

/// What a folder holds, with all that a change would change.
const LISTING: &str = "find . -printf '%p %i %m %s %T@ %C@ %l\\n' | sort";

/// Makes what `build` says in a folder, and looks at it with `verify`: in time, with nothing changed and
/// no control character in what it says.
fn look(build: &str, verify: &str) -> Said {
    look_often(build, &[verify]).remove(0)
}

/// The same, with one `verify` after the other.
fn look_often(build: &str, verify: &[&str]) -> Vec<Said> {
    // One waits, and is timed, where another loads the machine.
    let _alone = room::lock("processors");
    let folder = Folder::make("unfriendly");
    let looks: Vec<String> = verify
        .iter()
        .map(|verify| {
            format!(
                "begun=$(date +%s%N)\nlab verify {verify} >&3 2>/run/err || true\n\
                 echo \"{TOOK}$((($(date +%s%N) - begun) / 1000000))\" >&3"
            )
        })
        .collect();
    let script = format!(
        "exec 3>&1; {{ {build}\n}} >/dev/null 2>&1; cd '{}'\nsleep 0.2\n{LISTING} >/run/before\n{}\n\
         {LISTING} | diff /run/before - >&2 || echo 'something was changed' >&2",
        folder.path().display(),
        looks.join("\n"),
    );
    let all = run(apart(&script).current_dir(folder.path()));
    assert_eq!((all.status, all.err.as_str()), (Some(0), ""), "{verify:?}: {}", all.out);
    let mut rest = all.out.as_str();
    let look = |verify: &&str| {
        let (out, after) = rest.split_once(TOOK).unwrap();
        let (took, after) = after.split_once('\n').unwrap();
        rest = after;
        let took = Duration::from_millis(took.parse().unwrap());
        assert!(took < PATIENCE, "{verify} took {took:?}");
        let control = |letter: char| letter.is_control() && letter != '\n';
        assert!(!out.contains(control), "{out:?}");
        Said { status: all.status, out: out.to_owned(), err: String::new() }
    };
    verify.iter().map(look).collect()
}

fn can_run(test: &str) -> bool {
    can_run_or_skip(test, "unshare") && has_tools_or_skip(test, &["ip", "ldd", "mount", "unshare"])
}

#[test]
fn a_bash_that_misbehaves_is_stopped() {
    let Some(_room) = room::enter("a_bash_that_misbehaves_is_stopped") else { return };
    if !can_run("a_bash_that_misbehaves_is_stopped")
        || !has_tools_or_skip("a_bash_that_misbehaves_is_stopped", &["cc"])
    {
        return;
    }
    let before = Snapshot::take();
    for (what, program, seen) in [
        ("loops", "for (;;);", "did not end within 1 s"),
        ("sleeps", "for (;;) pause();", "did not end within 1 s"),
        ("forks", "for (;;) fork();", "did not end within 1 s"),
        ("lives on", "setsid(); if (fork()) return 0; for (;;) pause();", "exit 0"),
        ("talks", "for (int i = 0; i < 1000000; i++) puts(\"\\x1b[2J spam\"); return 3;", "exit 3"),
        (
            "writes",
            "int t = open(\"/dev/tty\", O_RDWR), f = open(\"/new\", O_RDWR | O_CREAT, 0644);\
             return t >= 0 ? 4 : f >= 0 ? 5 : getuid() == 0 ? 6 : 7;",
            "exit 7",
        ),
        ("dies", "abort();", "a signal"),
    ] {
        let build = format!(
            "{TREE}\nprintf '%s\\n' '#include <fcntl.h>' '#include <stdio.h>' '#include <stdlib.h>' \
             '#include <unistd.h>' 'int main(void) {{ {} }}' >bash.c\n\
             cc -static -w -o newroot/bin/bash bash.c\nrm bash.c\nchmod 755 newroot newroot/bin",
            program.replace('\'', "'\\''").replace("\\n", "\\\\n").replace("\\x", "\\\\x")
        );
        let said = look(&build, "chroot --dir newroot");
        assert!(said.out.contains(seen), "{what}: {}", said.out);
    }
    before.assert_unchanged("a bash that misbehaves");
}

#[test]
fn files_that_are_none_are_not_waited_for() {
    let Some(_room) = room::enter("files_that_are_none_are_not_waited_for") else { return };
    if !can_run("files_that_are_none_are_not_waited_for") {
        return;
    }
    for (change, failed) in [
        ("rm newroot/bin/bash; mkfifo newroot/bin/bash", "libraries-resolve"),
        ("ln -sf bash newroot/bin/bash", "libraries-resolve"),
        ("ln -sf /dev/zero newroot/bin/bash", "libraries-resolve"),
        ("ln -sf ../../../../../../../../bin/bash newroot/bin/bash", "libraries-resolve"),
        ("rm newroot/bin/ls; mkdir newroot/bin/ls", "libraries-resolve"),
        ("printf '#!/bin/sh\\n' >newroot/bin/bash", "libraries-resolve"),
        ("truncate -s 1T newroot/bin/bash", ""),
        ("mkdir newroot/etc; mkfifo newroot/etc/ld.so.cache newroot/etc/ld.so.conf", "bash-runs"),
        (
            "find newroot/lib -name 'libc.so*' -exec sh -c 'rm $0; mkfifo $0' {} \\;",
            "libraries-resolve",
        ),
    ] {
        let said = look(&format!("{TREE}\n{change}"), "chroot --dir newroot --format json");
        let judged: Value = serde_json::from_str(&said.out).unwrap();
        let findings = judged["findings"].as_array().unwrap();
        let first = findings.iter().find(|finding| finding["verdict"] != "pass").unwrap();
        let (check, verdict) = match failed {
            // With nothing else wrong, nobody has gone in yet.
            "" => ("root-moved", "open"),
            // A program that waits may have its reasons.
            "bash-runs" => ("bash-runs", "unknown"),
            _ => (failed, "fail"),
        };
        assert_eq!(
            (&first["check"], &first["verdict"]),
            (&check.into(), &verdict.into()),
            "{change}: {judged:#}"
        );
    }
}

#[test]
fn odd_names_and_many_layers_are_looked_at() {
    let Some(_room) = room::enter("odd_names_and_many_layers_are_looked_at") else { return };
    if !can_run("odd_names_and_many_layers_are_looked_at") {
        return;
    }
    let said = look(
        "for n in $(seq 40); do mkdir l$n; echo $n >l$n/$n; list=l$n:${list-}; done\n\
         mkdir container work merge\n\
         mount -t overlay overlay -o lowerdir=${list%:},upperdir=container,workdir=work merge\n\
         cd merge; touch $'two\\nlines' $'\\e[2J\\e]0;title\\a' 이름 $'\\xff\\xfe' '$(reboot)'\n\
         mkfifo fifo; ln -s /etc/shadow secret; echo changed >7; rm 8",
        "overlay --format json",
    );
    let judged: Value = serde_json::from_str(&said.out).unwrap();
    let shown = &judged["findings"][1];
    assert_eq!((&shown["check"], &shown["verdict"]), (&"all-shown".into(), &"pass".into()));
    let names = shown["seen"].as_str().unwrap();
    for name in [r"two\nlines", r"\u{1b}[2J\u{1b}]0;title\u{7}", "이름", "$(reboot)"] {
        assert!(names.contains(name), "{name} in {names}");
    }
    assert!(!said.out.contains("root:"), "{}", said.out);

    let folder = "$'odd\\n\\e[31m 이름'";
    let said = look(&format!("{TREE}\nmv newroot {folder}"), &format!("chroot --dir {folder}"));
    // A line may break anywhere in so long a path.
    let unbroken: String = said.out.split_whitespace().collect();
    assert!(unbroken.contains(r"odd\n\u{1b}[31m이름"), "{}", said.out);

    // The kernel keeps 15 bytes of a name: of the last Korean letter, only a part.
    let said = look(
        "cp /bin/sleep 가나다라마바사\nunshare --uts ./가나다라마바사 1000 &\nsleep 0.2",
        "unshare",
    );
    assert!(said.out.contains("가나다라마"), "{}", said.out);
}

/// Unicode has noncharacters, two of which no XML document may hold.
#[test]
fn a_report_is_xml_whatever_a_file_is_called() {
    let Some(_room) = room::enter("a_report_is_xml_whatever_a_file_is_called") else { return };
    if !can_run("a_report_is_xml_whatever_a_file_is_called") {
        return;
    }
    let said = look(
        "name=$'no\\xef\\xbf\\xbf \\xef\\xb7\\x90'; mkdir l1 l2 container work \"$name\"\n\
         touch \"container/$name\" l2/a; mknod container/a c 0 0\n\
         mount -t overlay overlay -o lowerdir=l2:l1,upperdir=container,workdir=work \"$name\"",
        "overlay --format junit",
    );
    let report = junit_parser::from_reader(said.out.as_bytes()).unwrap();
    assert!(report.failures > 0, "{}", said.out);
    assert!(said.out.contains(r"no\u{ffff} \u{fdd0}"), "{}", said.out);
    assert!(!said.out.contains(['\u{ffff}', '\u{fdd0}']), "{}", said.out);
}

#[test]
fn what_was_seen_is_short_enough_to_read() {
    let Some(_room) = room::enter("what_was_seen_is_short_enough_to_read") else { return };
    if !can_run("what_was_seen_is_short_enough_to_read") {
        return;
    }
    let said = look(
        "mkdir l1 l2 container work merge; for n in $(seq 1000); do touch l1/name-$n; done\n\
         mount -t overlay overlay -o lowerdir=l2:l1,upperdir=container,workdir=work merge",
        "overlay --format json",
    );
    let judged: Value = serde_json::from_str(&said.out).unwrap();
    let long = judged["findings"].as_array().unwrap().iter().any(|finding| {
        let seen = finding["seen"].as_str().unwrap();
        assert!(seen.chars().count() <= 500, "{seen}");
        seen.ends_with('…')
    });
    assert!(long, "{}", said.out);
}

/// A link's name and alias may be any bytes.
#[test]
fn a_link_with_an_odd_name_hides_no_other() {
    let Some(_room) = room::enter("a_link_with_an_odd_name_hides_no_other") else { return };
    if !can_run("a_link_with_an_odd_name_hides_no_other") || !can_run_or_skip("a link", "veth") {
        return;
    }
    let build = "ip netns add red; ip netns add blue\n\
        ip link add left netns red type veth peer name right netns blue\n\
        ip -n red address add 198.51.100.1/24 dev left; ip -n red link set left up\n\
        ip -n blue address add 198.51.100.2/24 dev right; ip -n blue link set right up";
    for odd in [
        "ip -n red link add odd type veth peer name even; ip -n red link set odd alias $'\\xff'",
        "ip -n red link add $'odd\\xff' type veth peer name even",
        "ip -n red link set left alias $'\\xff'",
    ] {
        let said = look(&format!("{build}\n{odd}"), "veth --format json");
        let judged: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(judged["by"], "hand", "{odd}: {judged:#}");
        for finding in judged["findings"].as_array().unwrap() {
            assert_eq!(finding["verdict"], "pass", "{odd}: {finding:#}");
        }
    }
}

#[test]
fn two_thousand_processes_and_five_hundred_mounts_are_looked_at() {
    const TEST: &str = "two_thousand_processes_and_five_hundred_mounts_are_looked_at";
    let Some(_room) = room::enter(TEST) else { return };
    if !can_run(TEST) {
        return;
    }
    let crowd = "for n in $(seq 1700); do sleep 1000 & done\n\
         for n in $(seq 300); do unshare --uts --mount sleep 1000 & done\n\
         for n in $(seq 500); do mkdir -p /run/m/$n; mount --bind /run/m/$n /run/m/$n; done\n\
         ip netns add red; ip netns add blue\nsleep 1";
    look_often(crowd, &["chroot", "unshare", "veth", "overlay", "cpu-shares --by-hand"]);
}

/// A process that nobody may look into hides only itself.
#[test]
fn what_is_asked_for_and_not_there_is_one_line() {
    let Some(_room) = room::enter("what_is_asked_for_and_not_there_is_one_line") else { return };
    run(&mut lab(["verify", "chroot", "--pid", "999999999"])).assert_refused(2, "999999999");
    run(&mut lab(["verify", "chroot", "--pid", "0"])).assert_refused(2, "0");
    run(&mut lab(["verify", "chroot", "--dir", "/no\nwhere"])).assert_refused(2, r"/no\nwhere");
    run(&mut lab(["verify", "--dir", "/tmp"])).assert_refused(2, "name that lab");
    run(&mut lab(["verify", "--by-hand", "--reference"])).assert_refused(2, "--by-hand");
    run(&mut lab(["chroot", "--format", "junit"])).assert_refused(2, "JUnit");
    if can_run_or_skip("what_is_asked_for_and_not_there_is_one_line", "unshare") {
        let said = run(&mut shell("lab verify unshare --by-hand --pid $$"));
        said.assert_refused(2, "lab guide unshare");
    }
}

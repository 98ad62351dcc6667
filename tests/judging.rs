//! What a student built may be hostile: root judges it with nobody's rights but the student's, waits for nothing that does
//! not answer, and prints nothing that only root may read. Each test is an ordinary user against root, in
//! namespaces of its own.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod common;

use std::time::{Duration, Instant};

use common::{Said, apart, can_run_or_skip, has_tools_or_skip, is_root_or_skip, lab, room, run};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// A user who is nobody else's, and what she owns; what root has that she may not see; ways to wait.
const ALICE: &str = r#"
mount -t tmpfs -o mode=1777 none /mnt; cd /mnt
alice() { setpriv --reuid 31337 --regid 31337 --clear-groups --inh-caps=-all "$@"; }
mkdir -m 700 closed; echo 'PRIVATE KEY of root' >closed/a; echo 'PRIVATE too' >closed/both
mkdir work; chown 31337:31337 work
until_there() { until [[ -e $1 ]]; do sleep 0.01; done; }
tree() {
    mkdir -p $1/bin $1/lib $1/lib64
    cp /bin/bash /bin/ls $1/bin
    for f in $(ldd /bin/bash /bin/ls | grep -o '/lib[^ )]*' | sort -u); do mkdir -p $1${f%/*}; cp $f $1$f; done
}
mkfifo -m 666 open; exec 7<>open
export XDG_STATE_HOME=/mnt/state
"#;

/// Whether the tests can run: they take root, and an ordinary user's namespaces.
fn can_run(test: &str, tools: &[&str]) -> bool {
    is_root_or_skip(test)
        && can_run_or_skip(test, "chroot")
        && has_tools_or_skip(test, &["setpriv", "unshare", "mount"])
        && has_tools_or_skip(test, tools)
}

fn against_root(script: &str) -> Said {
    run(&mut apart(&format!("{ALICE}{script}")))
}

/// What was said of one check, in the JSON of `lab verify LAB`.
fn finding(said: &Said, check: &str) -> Value {
    let line = said.out.lines().find(|line| line.starts_with('{'));
    let judged: Value =
        serde_json::from_str(line.unwrap_or_else(|| panic!("{}", said.err))).unwrap();
    let all = judged["findings"].as_array().unwrap();
    all.iter().find(|one| one["check"] == check).unwrap_or_else(|| panic!("{judged:#}")).clone()
}

/// A program that tells what it may: its user, capabilities and open files; whether it can write where it is, in what is mounted
/// below and to what it was given; its keys; the way to the machine around a VM.
const TELLS: &str = r#"
cat >tells.c <<'C'
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) {
    int fds = 0, wrote = 0;
    for (int fd = 3; fd < 256; fd++) fds += fcntl(fd, F_GETFD) != -1;
    wrote += mkdir("/made", 0777) == 0;
    wrote += mkdir("/mnt/made", 0777) == 0;
    wrote += open("/lib/new", O_CREAT | O_WRONLY, 0666) != -1;
    int vsock = socket(40, SOCK_STREAM, 0) == -1 ? errno : 0;
    long key = syscall(SYS_keyctl, 0, -3, 0) == -1 ? errno : 0;
    struct rlimit as; getrlimit(RLIMIT_AS, &as);
    printf("uid=%d euid=%d fds=%d wrote=%d vsock=%d key=%d as=%ld\n", getuid(), geteuid(), fds, wrote, vsock, key,
        (long)(as.rlim_cur >> 20));
    return 7;
}
C
gcc -static -O1 -o tells tells.c
"#;

#[test]
fn root_takes_no_identity_from_a_file() {
    let Some(_room) = room::enter("root_takes_no_identity_from_a_file") else { return };
    let name = "root_takes_no_identity_from_a_file";
    if !can_run(name, &["gcc"]) {
        return;
    }
    // A program of root's that others may read and not run, as dbus-daemon-launch-helper is, and a library that it needs:
    // the loader looks for it in alice's tree, where it is hers.
    let said = against_root(
        r#"
        echo 'void tell(void) { }' >empty.c; gcc -shared -fPIC -o libtell.so empty.c
        printf 'void tell(void);\nint main(void) { tell(); return 0; }\n' >helper.c
        mkdir -m 755 tools; gcc -o tools/helper helper.c ./libtell.so; chmod 4754 tools/helper
        printf '#include <stdio.h>\n#include <unistd.h>
            void tell(void) { dprintf(1, "uid=%%d\\n", getuid()); _exit(7); }\n' >tell.c
        gcc -shared -fPIC -o tell.so tell.c
        printf '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n' >waits.c; gcc -static -o waits waits.c
        tree work/sample; cp waits work/sample/bin; cp tell.so work/sample/libtell.so; chown -R 31337:31337 work
        alice unshare -Urm bash -c '
            mkdir work/tree; mount -t tmpfs none work/tree; cp -a work/sample/. work/tree; mkdir work/tree/host
            mount --rbind / work/tree/host; ln -sf /host/mnt/tools/helper work/tree/bin/bash
            >work/ready; exec chroot work/tree /bin/waits' & pid=$!
        until_there work/ready; sleep 0.3
        lab verify chroot --by-hand --format json || true; kill -KILL $pid"#,
    );
    let seen = finding(&said, "bash-runs");
    // It was come to, and tried.
    assert_eq!(finding(&said, "libraries-resolve")["verdict"], "pass", "{}", said.out);
    assert!(seen["seen"].as_str().unwrap().contains("EACCES"), "{seen:#}");
    assert_eq!(seen["verdict"], "unknown", "{seen:#}");
}

#[test]
fn a_tried_program_has_its_users_rights_and_nothing_of_the_callers() {
    let Some(_room) =
        room::enter("a_tried_program_has_its_users_rights_and_nothing_of_the_callers")
    else {
        return;
    };
    let name = "a_tried_program_has_its_users_rights_and_nothing_of_the_callers";
    if !can_run(name, &["gcc"]) {
        return;
    }
    // In alice's own mounts, with another mounted below.
    let hers = against_root(&format!(
        r#"{TELLS}
        tree work/sample; mv work/sample/bin/bash work/sample/bin/real; cp tells work/sample/bin/bash
        mkdir work/sample/mnt; chown -R 31337:31337 work
        alice unshare -Urm bash -c '
            mkdir work/tree; mount -t tmpfs none work/tree; cp -a work/sample/. work/tree
            mount -t tmpfs -o mode=777 none work/tree/mnt
            >work/ready; exec chroot work/tree /bin/real -c "read -r; ls /mnt /lib"' <open >out &
        until_there work/ready; sleep 0.3
        exec 30>secret
        lab verify chroot --by-hand --format json || true; echo >&7; wait; ! grep -E "made|new" out"#
    ));
    assert_eq!(hers.status, Some(0), "{}{}", hers.out, hers.err);
    let seen = finding(&hers, "bash-runs");
    let told = seen["seen"].as_str().unwrap();
    assert!(told.contains("fds=0 wrote=0 vsock=1 key=1 as=512"), "{seen:#}");
    // Root's own tree, in root's mounts: nobody runs it.
    let own = against_root(&format!(
        r#"{TELLS}
        mkdir -p tree/bin tree/lib tree/mnt; mount -t tmpfs -o mode=777 none tree/mnt; chmod 777 tree tree/lib
        cp tells tree/bin/bash; cp tells tree/bin/ls
        exec 30>secret
        lab verify chroot --dir tree --format json || true; ls tree/mnt tree/lib"#
    ));
    let seen = finding(&own, "bash-runs");
    let told = seen["seen"].as_str().unwrap();
    assert!(told.contains("uid=65534 euid=65534 fds=0 wrote=0 vsock=1 key=1 as=512"), "{seen:#}");
    assert!(own.out.ends_with("tree/lib:\n\ntree/mnt:\n"), "{}", own.out);
    let named = against_root(&format!(
        r#"{TELLS}
        alice mkdir -p work/tree/bin work/tree/lib; alice cp tells work/tree/bin/bash; alice cp tells work/tree/bin/ls
        lab verify chroot --dir work/tree --format json || true; alice ls -A work/tree work/tree/lib"#
    ));
    let seen = finding(&named, "bash-runs");
    // In a user namespace without users everybody is called nobody; whoever it is writes nothing.
    assert!(seen["seen"].as_str().unwrap().contains("fds=0 wrote=0"), "{seen:#}");
    assert!(named.out.contains("work/tree:\nbin\nlib\n"), "{}", named.out);
}

#[test]
fn what_only_root_may_read_is_never_printed() {
    let Some(_room) = room::enter("what_only_root_may_read_is_never_printed") else { return };
    let name = "what_only_root_may_read_is_never_printed";
    if !can_run(name, &[]) {
        return;
    }
    let said = against_root(
        r#"alice bash -c 'cd work; mkdir image1 image2 up w merge; echo x >image1/a; echo one >image1/both; echo two >image2/both'
        alice unshare -Urm bash -c 'cd work
            mount -t overlay overlay -o userxattr,lowerdir=/mnt/work/image2:/mnt/work/image1,upperdir=/mnt/work/up,workdir=/mnt/work/w merge
            echo new >merge/a; mv image1 aside; ln -s /mnt/closed image1; >ready; read -r' <open &
        until_there work/ready
        for format in json human junit; do lab verify overlay --by-hand --format $format || true; done"#,
    );
    assert!(said.out.contains("overlay"), "{}{}", said.out, said.err);
    assert!(!said.out.contains("PRIVATE") && !said.err.contains("PRIVATE"), "{}", said.out);
}

/// Root's own overlay over folders in which somebody else may write: a link that is not root's is not followed.
#[test]
fn a_link_that_is_not_roots_leads_root_nowhere() {
    let Some(_room) = room::enter("a_link_that_is_not_roots_leads_root_nowhere") else { return };
    if !can_run("a_link_that_is_not_roots_leads_root_nowhere", &[]) {
        return;
    }
    let said = against_root(
        r#"alice mkdir work/image1; mkdir image2 up w merge; echo mine >image2/c
        mount -t overlay overlay -o lowerdir=/mnt/image2:/mnt/work/image1,upperdir=/mnt/up,workdir=/mnt/w merge
        alice mv work/image1 work/aside; alice ln -s /mnt/closed work/image1
        lab verify overlay --by-hand --format json || true
        rm work/image1; ln -s /mnt/work/aside work/image1
        lab verify overlay --by-hand || true"#,
    );
    assert!(!said.out.contains("PRIVATE"), "{}", said.out);
    assert_eq!(finding(&said, "all-shown")["verdict"], "unknown", "{}", said.out);
    // A link of root's own is no trap.
    assert!(said.out.contains("✔ mounted"), "{}", said.out);
}

/// Root's own overlay, looked at by whoever may call `sudo lab verify`: what is closed to the caller is compared,
/// and not shown; what is open is shown.
#[test]
fn what_is_closed_to_the_caller_of_sudo_is_not_printed() {
    let Some(_room) = room::enter("what_is_closed_to_the_caller_of_sudo_is_not_printed") else {
        return;
    };
    if !can_run("what_is_closed_to_the_caller_of_sudo_is_not_printed", &[]) {
        return;
    }
    let said = against_root(
        r#"cd closed; mkdir image1 image2 up w merge; echo PRIVATE one >image1/both; echo x >image1/a
        sleep 0.01; echo PRIVATE two >image2/both
        mount -t overlay overlay -o lowerdir=$PWD/image2:$PWD/image1,upperdir=$PWD/up,workdir=$PWD/w merge
        echo PRIVATE new >merge/a; cd ..; export SUDO_UID=31337 SUDO_GID=31337 SUDO_USER=alice
        lab verify overlay --by-hand --format json 2>/dev/null || true
        lab verify overlay --by-hand 2>/dev/null | grep PRIVATE || echo nothing
        chmod 755 closed; lab verify overlay --by-hand --format json 2>/dev/null | grep -c 'PRIVATE two' || true"#,
    );
    assert_eq!(finding(&said, "newer-on-top")["verdict"], "pass", "{}", said.out);
    let (closed, open) = said.out.split_once("nothing\n").unwrap_or((&said.out, ""));
    assert!(!closed.contains("PRIVATE"), "{}", said.out);
    assert_eq!(open, "1\n", "{}", said.out);
}

/// A program that has closed its output and lives on; then one that never ends.
#[test]
fn a_program_that_does_not_end_is_given_up() {
    let Some(_room) = room::enter("a_program_that_does_not_end_is_given_up") else { return };
    if !can_run("a_program_that_does_not_end_is_given_up", &["gcc"]) {
        return;
    }
    let begun = Instant::now();
    let said = against_root(
        r#"printf '#include <unistd.h>\nint main(void) { close(1); close(2); for (;;) pause(); }\n' >waits.c
        gcc -static -o waits waits.c; mkdir -p tree/bin; cp waits tree/bin/bash; cp waits tree/bin/ls
        lab verify chroot --dir tree --format json || true"#,
    );
    assert_eq!(finding(&said, "bash-runs")["verdict"], "unknown", "{}", said.out);
    assert!(begun.elapsed() < Duration::from_secs(30));
}

/// A file system that never answers, below a tree.
#[test]
fn files_that_do_not_answer_cannot_be_told() {
    let Some(_room) = room::enter("files_that_do_not_answer_cannot_be_told") else { return };
    let name = "files_that_do_not_answer_cannot_be_told";
    if !can_run(name, &[]) || !std::path::Path::new("/dev/fuse").exists() {
        return common::skip(name, "it needs root and /dev/fuse");
    }
    let said = against_root(
        r#"tree tree; mkdir tree/far; exec 9<>/dev/fuse
        mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0,allow_other none tree/lib
        SECONDS=0; lab verify chroot --dir tree --format json || echo status $?
        (( SECONDS < 8 )) || echo slow
        SECONDS=0
        lab hint chroot --dir tree || echo status $?
        (( SECONDS < 8 )) || echo slow
        exec 9>&-"#,
    );
    let seen = finding(&said, "libraries-resolve");
    assert_eq!(seen["verdict"], "unknown", "{}{}", said.out, said.err);
    assert!(seen["seen"].as_str().unwrap().contains("do not answer"), "{seen:#}");
    assert!(!said.out.contains("slow"), "{}", said.out);
}

/// A process that stands still: stopped by a signal, then by a debugger. What it is in can be seen all the same.
#[test]
fn a_process_that_stands_still_is_judged() {
    let Some(_room) = room::enter("a_process_that_stands_still_is_judged") else { return };
    if !can_run("a_process_that_stands_still_is_judged", &["python3"]) {
        return;
    }
    let said = against_root(
        r#"unshare --uts --pid --fork --mount-proc --kill-child bash -c 'hostname inside; >ready; sleep 60' &
        until_there ready; first=$(pgrep -P $!)
        judge() { timeout 10 lab verify unshare --pid "$first" --format json | grep -o '"verdict":"[a-z]*"' | sort | uniq -c; }
        is() { grep -q "^State:[[:space:]]*$1" "/proc/$first/status"; }
        kill -STOP "$first"; until is T; do sleep 0.01; done; judge; is T; kill -CONT "$first"
        python3 -c 'import ctypes, sys, time
ctypes.CDLL(None).ptrace(16, int(sys.argv[1]), 0, 0); time.sleep(60)' "$first" & debugger=$!
        until is t; do sleep 0.01; done; judge; is t; kill $debugger"#,
    );
    let verdicts: Vec<&str> = said.out.lines().map(str::trim).collect();
    assert_eq!(verdicts, [r#"5 "verdict":"pass""#; 2], "{}{}", said.out, said.err);
}

/// A file that is a fifo every other moment.
#[test]
fn a_fifo_in_a_layer_is_not_waited_for() {
    let Some(_room) = room::enter("a_fifo_in_a_layer_is_not_waited_for") else { return };
    if !can_run("a_fifo_in_a_layer_is_not_waited_for", &[]) {
        return;
    }
    let said = against_root(
        r#"alice bash -c 'cd work; mkdir image1 image2 up w merge; echo one >image1/both; echo two >image2/both; mkfifo pipe; echo three >file'
        alice unshare -Urm bash -c 'cd work
            mount -t overlay overlay -o userxattr,lowerdir=/mnt/work/image2:/mnt/work/image1,upperdir=/mnt/work/up,workdir=/mnt/work/w merge
            >ready; while [[ ! -e stop ]]; do ln pipe new; mv -f new image2/both; ln file new; mv -f new image2/both; done' &
        until_there work/ready; SECONDS=0
        for n in $(seq 20); do lab verify overlay --by-hand >/dev/null || [[ $? == 1 ]]; done
        (( SECONDS < 20 )) || echo slow
        >work/stop; wait || true"#,
    );
    assert_eq!((said.status, said.out.as_str()), (Some(0), ""), "{}", said.err);
}

#[test]
fn a_crowd_of_processes_takes_nothing_from_a_verdict() {
    let Some(_room) = room::enter("a_crowd_of_processes_takes_nothing_from_a_verdict") else {
        return;
    };
    if !can_run("a_crowd_of_processes_takes_nothing_from_a_verdict", &[]) {
        return;
    }
    let said = against_root(
        r#"tree tree
        for n in $(seq 20); do setpriv --reuid 65534 --clear-groups sleep 60 & done
        lab verify chroot --dir tree --format json || true"#,
    );
    assert_eq!(finding(&said, "bash-runs")["verdict"], "pass", "{}", said.out);
}

#[test]
fn a_signal_while_a_program_is_tried_is_no_verdict() {
    let Some(_room) = room::enter("a_signal_while_a_program_is_tried_is_no_verdict") else {
        return;
    };
    if !can_run("a_signal_while_a_program_is_tried_is_no_verdict", &["gcc"]) {
        return;
    }
    let folder = common::Folder::make("trial");
    let built = run(common::shell(
        "printf '#include <unistd.h>\\nint main(void) { for (;;) pause(); }\\n' >waits.c; gcc -static -o waits waits.c
         mkdir -p tree/bin; cp waits tree/bin/bash; cp waits tree/bin/ls",
    )
    .current_dir(folder.path()));
    assert_eq!(built.status, Some(0), "{}", built.err);
    for command in ["verify", "hint"] {
        let tree = folder.path().join("tree");
        let mut command = lab([command, "chroot", "--dir"]);
        let child = command.arg(&tree).stdout(std::process::Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(400));
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}

/// So many names, and none of the work that would grow with their square.
#[test]
fn many_names_are_not_looked_at() {
    let Some(_room) = room::enter("many_names_are_not_looked_at") else { return };
    if !can_run("many_names_are_not_looked_at", &[]) {
        return;
    }
    let said = against_root(
        r#"mkdir image1 image2 up w merge; (cd image1; seq 5000 | xargs touch); echo c >image2/c
        mount -t overlay overlay -o lowerdir=/mnt/image2:/mnt/image1,upperdir=/mnt/up,workdir=/mnt/w merge
        lab verify overlay --by-hand --format json || true"#,
    );
    assert_eq!(finding(&said, "all-shown")["verdict"], "unknown", "{}", said.out);
    assert!(said.out.len() < 20_000, "{} bytes", said.out.len());
}

//! Labs without root: what they leave, whom they refuse and why, and that root judges what an ordinary
//! user has built. As root, an ordinary user is taken on for it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::ops::Not;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU32, Ordering};

use common::machine::{Snapshot, run_as_init};
use common::session::Session;
use common::{Folder, Said, is_root, is_root_or_skip, lab, room, run, shell, skip};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use serde_json::Value;

/// What makes a shell's command an ordinary user's.
fn as_user() -> &'static str {
    if is_root() { "setpriv --reuid 65534 --regid 65534 --clear-groups" } else { "env" }
}

/// A shell script in a folder of its own, which is also where temporary files go, with no session folder.
fn without_session(script: &str) -> Said {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let folder = Folder::make(&format!("rootless-{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
    let everybody = std::fs::Permissions::from_mode(0o1777);
    std::fs::set_permissions(folder.path(), everybody).unwrap();
    let mut command = shell(&format!("unset XDG_RUNTIME_DIR\n{script}"));
    run(command
        .current_dir(folder.path())
        .envs([("TMPDIR", folder.path()), ("XDG_STATE_HOME", folder.path())])
        .env("U", as_user()))
}

/// The labs that need nothing but a user namespace.
const FOUR: [&str; 4] = ["chroot", "unshare", "veth", "overlay"];

/// Whether an ordinary user can run them here. Where that is refused, the test says by what.
fn can_run(test: &str) -> bool {
    let said = without_session("$U lab doctor --format json");
    let lines: Value = serde_json::from_str(&said.out).unwrap();
    let refused = lines["labs"].as_array().unwrap().iter().find(|line| {
        let ours = FOUR.contains(&line["lab"].as_str().unwrap());
        ours && line["privilege"] == "rootless" && line["can_run"] == false
    });
    if let Some(line) = refused {
        skip(test, &line["missing"][0]["reason"].to_string());
    }
    refused.is_none()
}

#[test]
fn an_ordinary_user_runs_four_labs_and_leaves_nothing() {
    let Some(_room) = room::enter("an_ordinary_user_runs_four_labs_and_leaves_nothing") else {
        return;
    };
    if !can_run("an_ordinary_user_runs_four_labs_and_leaves_nothing") {
        return;
    }
    let before = Snapshot::take();
    for name in FOUR {
        let said = without_session(&format!("$U lab {name} --yes; ls -A"));
        assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{name}: {}", said.out);
        assert!(said.out.trim_end().ends_with("judges it.") || said.out.ends_with("\nit.\n"));
        before.assert_unchanged(name);
    }
    let said = without_session(&format!("$U lab verify --reference {}", FOUR.join(" ")));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
}

/// Where the session has no folder, one is made with mkdtemp(3), and found again.
#[test]
fn without_a_session_folder_state_is_in_a_private_one() {
    let Some(_room) = room::enter("without_a_session_folder_state_is_in_a_private_one") else {
        return;
    };
    if !can_run("without_a_session_folder_state_is_in_a_private_one") {
        return;
    }
    let said = without_session(
        // A pipe takes 64 KiB: the lab waits in the middle of what it has to say.
        "mkfifo hold; exec 3<>hold; head -c 60000 /dev/zero >&3\n\
         $U lab chroot --yes --format json >hold & pid=$!\n\
         until ls lab-*/chroot >/dev/null 2>&1; do sleep 0.01; done\n\
         stat -c %A lab-*; $U lab chroot --yes || echo status $?\n\
         until ls lab-* >/dev/null; do sleep 0.01; done; kill -KILL $pid; wait $pid || true\n\
         ls | grep -c lab-; $U lab reset >/dev/null; ls -A",
    );
    assert_eq!(said.out, "drwx------\nstatus 3\n1\nhold\n", "{}", said.err);
}

#[test]
fn root_can_ask_for_it_too() {
    let Some(_room) = room::enter("root_can_ask_for_it_too") else { return };
    if !can_run("root_can_ask_for_it_too") {
        return;
    }
    let before = Snapshot::take();
    let mut command = lab(["verify", "--reference", "--rootless", "--format", "json"]);
    let said = run_as_init(command.args(FOUR));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    for line in said.out.lines() {
        let judged: Value = serde_json::from_str(line).unwrap();
        assert_eq!(judged["findings"][0]["check"], "one-user");
    }
    before.assert_unchanged("lab verify --rootless");
    run(&mut lab(["chroot", "--root", "--rootless"])).assert_refused(2, "--root");
}

/// One after the other, killed at each step.
#[test]
fn a_killed_run_as_root_leaves_nothing_after_a_reset() {
    let Some(_room) = room::enter("a_killed_run_as_root_leaves_nothing_after_a_reset") else {
        return;
    };
    let name = "a_killed_run_as_root_leaves_nothing_after_a_reset";
    if !is_root_or_skip(name) || !can_run(name) {
        return;
    }
    for name in FOUR {
        let before = Snapshot::take();
        let mut session = Session::start_with(name, &["--rootless"]);
        session.walk_to(4);
        session.signal(nix::sys::signal::Signal::SIGKILL);
        session.end();
        assert_eq!(run_as_init(&mut lab(["reset", name])).status, Some(0));
        before.assert_unchanged(name);
    }
}

#[test]
fn root_is_insisted_on() {
    let Some(_room) = room::enter("root_is_insisted_on") else { return };
    let said = without_session("$U lab chroot --root");
    said.assert_refused(3, "sudo");
    let said = without_session("$U lab verify --root --lang ko");
    said.assert_refused(3, "sudo");
}

#[test]
fn an_ordinary_user_can_look_around() {
    let Some(_room) = room::enter("an_ordinary_user_can_look_around") else { return };
    for what in ["", "doctor", "reset", "--help"] {
        let said = without_session(&format!("$U lab {what} >/dev/null; ls -A"));
        assert_eq!(
            (said.status, said.out.as_str(), said.err.as_str()),
            (Some(0), "", ""),
            "{what}"
        );
    }
}

/// `lab` refused with `word` as the reason, before it began; `lab doctor` and the course say the same.
#[track_caller]
fn assert_reason(said: &Said, word: &str) {
    assert_eq!(said.status, Some(3), "{}{}", said.out, said.err);
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!(lines.len(), 1, "{}", said.err);
    assert!(lines[0].contains(word), "{word} in {}", said.err);
    // The doctor's report, as it is without line breaks.
    let flat: String = said.out.split_whitespace().collect();
    assert!(flat.contains(&word.replace(' ', "")), "{word} in {}", said.out);
}

#[test]
fn no_user_namespace_allowed_is_told() {
    let Some(_room) = room::enter("no_user_namespace_allowed_is_told") else { return };
    if !can_run("no_user_namespace_allowed_is_told") {
        return;
    }
    // The limit is each user namespace's own, so this one is set in another.
    let said = without_session(
        "$U unshare --user --map-root-user bash -c '
             echo 0 >/proc/sys/user/max_user_namespaces
             lab doctor; exec lab chroot --rootless --yes'",
    );
    assert_reason(&said, "user.max_user_namespaces is 0");
    let said = without_session(
        "$U unshare --user --map-root-user bash -c '
             echo 1 >/proc/sys/user/max_user_namespaces
             unshare --user sleep 9 & until grep -qs sleep /proc/$!/comm; do sleep 0.01; done
             lab doctor; lab chroot --rootless --yes; r=$?
             kill -KILL $!; exit $r'",
    );
    assert_reason(&said, "is at its limit");
}

#[test]
fn inside_a_chroot_is_told() {
    let Some(_room) = room::enter("inside_a_chroot_is_told") else { return };
    if !can_run("inside_a_chroot_is_told") {
        return;
    }
    // A root that is itself no mount, with all of the machine in it.
    let said = without_session(
        "$U unshare --user --map-root-user --mount bash -c '
             mkdir r; for d in /*; do
                 if [[ -L $d ]]; then cp -d $d r$d
                 elif [[ -d $d ]]; then mkdir r$d; mount --rbind $d r$d; fi
             done
             exec chroot r bash -c \"lab doctor; exec lab chroot --rootless --yes\"'",
    );
    assert_reason(&said, "inside a chroot");
}

#[test]
fn a_hidden_proc_is_told() {
    let Some(_room) = room::enter("a_hidden_proc_is_told") else { return };
    if !can_run("a_hidden_proc_is_told") {
        return;
    }
    // As docker does it with /proc/kcore and others.
    let said = without_session(
        "$U unshare --user --map-root-user --mount bash -c '
             mount --bind /dev/null /proc/version
             lab doctor; exec lab unshare --rootless --yes'",
    );
    assert_reason(&said, "parts of it are hidden");
}

/// What `lab` says behind a container runtime's filter, which refuses `call` under `conditions`. The
/// filter belongs to the thread that sets it, and to what that starts.
#[allow(clippy::disallowed_methods, reason = "the filter is to hold for this thread alone")]
fn filtered(call: i64, conditions: Vec<SeccompCondition>, arguments: &[&str]) -> Said {
    let rule = conditions.is_empty().not().then(|| SeccompRule::new(conditions).unwrap());
    let filter = SeccompFilter::new(
        BTreeMap::from([(call, rule.into_iter().collect())]),
        SeccompAction::Allow,
        SeccompAction::Errno(nix::libc::EPERM.cast_unsigned()),
        std::env::consts::ARCH.try_into().unwrap(),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    let mut command = lab(arguments);
    let thread = std::thread::spawn(move || {
        seccompiler::apply_filter(&program).unwrap();
        run(&mut command)
    });
    thread.join().unwrap()
}

#[test]
fn a_seccomp_filter_is_told() {
    let Some(_room) = room::enter("a_seccomp_filter_is_told") else { return };
    if !can_run("a_seccomp_filter_is_told") {
        return;
    }
    let unshare = |arguments| filtered(nix::libc::SYS_unshare, Vec::new(), arguments);
    unshare(&["chroot", "--rootless", "--yes"]).assert_refused(3, "seccomp");
    unshare(&["chroot", "--rootless", "--yes", "--lang", "ko"]).assert_refused(3, "seccomp 필터");
    let lines: Value = serde_json::from_str(&unshare(&["doctor", "--format", "json"]).out).unwrap();
    let rootless = |line: &&Value| line["lab"] == "veth" && line["privilege"] == "rootless";
    let line = lines["labs"].as_array().unwrap().iter().find(rootless).unwrap();
    assert_eq!(line["can_run"], false, "{line}");
    assert!(line["missing"][0]["reason"].as_str().unwrap().contains("seccomp"), "{line}");

    let new_user = nix::libc::CLONE_NEWUSER as u64;
    let flag = SeccompCmpOp::MaskedEq(new_user);
    let condition = SeccompCondition::new(0, SeccompCmpArgLen::Qword, flag, new_user).unwrap();
    let said = filtered(nix::libc::SYS_clone, vec![condition], &["unshare", "--rootless", "--yes"]);
    said.assert_refused(3, "seccomp");
}

/// What an ordinary user has built with `unshare -Ur…` is that user's, and root may judge it.
#[test]
fn root_judges_what_an_ordinary_user_built() {
    let Some(_room) = room::enter("root_judges_what_an_ordinary_user_built") else { return };
    let name = "root_judges_what_an_ordinary_user_built";
    if !is_root_or_skip(name) || !can_run(name) {
        return;
    }
    let before = Snapshot::take();
    let said = without_session(
        "mkfifo -m 666 open; exec 7<>open; trap 'kill -KILL $a $b' EXIT\n\
         $U unshare -Ur --kill-child --uts --pid --fork --mount-proc \
            bash -c 'hostname inside; >named; read -r' <open & a=$!\n\
         $U unshare -Urnm --kill-child --fork bash -c 'mount -t tmpfs none /run\n\
            ip netns add red; ip netns add blue\n\
            ip -n red link add left type veth peer name right netns blue\n\
            ip -n red address add 198.51.100.1/24 dev left\n\
            ip -n blue address add 198.51.100.2/24 dev right\n\
            ip -n red link set left up; ip -n blue link set right up; >joined; read -r' <open & b=$!\n\
         until [[ -e named && -e joined ]]; do sleep 0.01; done\n\
         status=0; for who in '' \"$U\"; do\n\
           $who lab verify unshare --by-hand --pid $(pgrep -P $a) || status=1\n\
           $who lab verify veth --by-hand --pid $(pgrep -P $b) || status=1\n\
         done; exit $status",
    );
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert_eq!(said.out.matches("red and blue").count(), 2, "{}{}", said.out, said.err);
    assert_eq!(said.out.matches("✔ three-of-eight").count(), 2, "{}", said.out);
    before.assert_unchanged("what an ordinary user built");
}

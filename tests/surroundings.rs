//! Machines that lack something: what cannot run says so and why, and what can does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::{apart, can_run_or_skip, is_root_or_skip, room, run, shell};
use serde_json::Value;

/// The labs that mount, as root in a root that is itself no mount, and in one that is; the others run in both.
#[test]
fn root_inside_a_chroot_is_told() {
    let Some(_room) = room::enter("root_inside_a_chroot_is_told") else { return };
    if !is_root_or_skip("root_inside_a_chroot_is_told") {
        return;
    }
    for root in ["", "mount -t tmpfs none r"] {
        let said = run(&mut apart(&format!(
            "mount -t tmpfs none /mnt; cd /mnt; mkdir r; {root}
             for d in /*; do
                 if [[ -L $d ]]; then cp -d $d r$d
                 elif [[ -d $d && $d != /run && $d != /mnt ]]; then mkdir r$d; mount --rbind $d r$d; fi
             done; mkdir r/run
             chroot r lab doctor; chroot r lab veth --yes >r/out
             for lab in overlay unshare; do ! chroot r lab $lab --yes 2>>r/refused; done
             grep -c 'inside a chroot' r/refused; ls -A r/run; exec chroot r lab chroot --yes"
        )));
        said.assert_refused(3, "inside a chroot the root is no mount namespace's");
        let flat: Vec<&str> = said.out.split_whitespace().collect();
        assert!(flat.join(" ").contains("as root: inside a chroot"), "{}", said.out);
        assert!(said.out.ends_with("\n2\n"), "{}", said.out);
    }
}

/// Root in a user namespace to which these mounts do not belong, as after `unshare -Ur` without `-m`.
#[test]
fn mounts_that_are_anothers_keep_no_lab_from_running() {
    let Some(_room) = room::enter("mounts_that_are_anothers_keep_no_lab_from_running") else {
        return;
    };
    let test = "mounts_that_are_anothers_keep_no_lab_from_running";
    let labs = ["chroot", "unshare", "veth", "overlay"];
    if !labs.iter().all(|lab| can_run_or_skip(test, lab)) {
        return;
    }
    let before = Snapshot::take();
    for name in labs {
        // As root too, to whom /run still belongs.
        let said = run(&mut shell(&format!("exec unshare -Ur lab {name} --yes")));
        assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{name}");
        before.assert_unchanged(name);
    }
}

/// What tries a student's program needs a user namespace where it has no capabilities.
#[test]
fn without_user_namespaces_a_program_cannot_be_told() {
    let Some(_room) = room::enter("without_user_namespaces_a_program_cannot_be_told") else {
        return;
    };
    let test = "without_user_namespaces_a_program_cannot_be_told";
    if !can_run_or_skip(test, "chroot") {
        return;
    }
    let said = run(&mut apart(
        "mount -t tmpfs none /mnt; cd /mnt; mkdir -p tree/bin; cp /bin/bash /bin/ls tree/bin
         for f in $(ldd /bin/bash /bin/ls | grep -o '/lib[^ )]*' | sort -u); do
             mkdir -p tree${f%/*}; cp $f tree$f
         done
         XDG_STATE_HOME=/mnt exec unshare -Ur bash -c '
             echo 0 >/proc/sys/user/max_user_namespaces
             exec setpriv --bounding-set -all --inh-caps -all lab verify chroot --dir tree --format json'",
    ));
    let judged: Value = serde_json::from_str(said.out.lines().next().unwrap()).unwrap();
    let mut all = judged["findings"].as_array().unwrap().iter();
    let seen = all.find(|one| one["check"] == "bash-runs").unwrap();
    assert_eq!(seen["verdict"], "unknown", "{seen:#}");
    assert!(seen["seen"].as_str().unwrap().contains("ENOSPC"), "{seen:#}");
}

#[test]
fn nothing_to_reset_on_a_read_only_run_is_no_error() {
    let Some(_room) = room::enter("nothing_to_reset_on_a_read_only_run_is_no_error") else {
        return;
    };
    if !is_root_or_skip("nothing_to_reset_on_a_read_only_run_is_no_error") {
        return;
    }
    let said = run(&mut apart("mount -o remount,ro /run; lab reset"));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
}

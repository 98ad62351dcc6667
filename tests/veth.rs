//! What others do with `ip netns` while `lab veth` runs is theirs, and stays.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::session::Session;
use common::{has_tools_or_skip, is_root_or_skip, lab, room, run, shell};

#[test]
fn a_namespace_that_a_student_adds_meanwhile_stays() {
    let Some(_room) = room::enter("a_namespace_that_a_student_adds_meanwhile_stays") else {
        return;
    };
    if !is_root_or_skip("a_namespace_that_a_student_adds_meanwhile_stays")
        || !has_tools_or_skip("a_namespace_that_a_student_adds_meanwhile_stays", &["ip"])
    {
        return;
    }
    let before = Snapshot::take();
    let mut session = Session::start("veth");
    session.walk_to(2);
    let listed = run(&mut shell("ip netns add students; ip netns"));
    for name in ["lab-left", "lab-right", "students"] {
        assert!(listed.out.contains(name), "{name} in {}", listed.out);
    }
    session.press(b'q');
    assert_eq!(session.end().status, Some(130));
    let listed = run(&mut shell("ip netns exec students true; ip netns"));
    assert_eq!(listed.out.trim(), "students", "{}", listed.err);
    // What `ip netns add` itself leaves is a mounted, empty folder.
    run(&mut shell("ip netns del students; umount /run/netns; rmdir /run/netns"));
    before.assert_unchanged("a student's namespace");
}

#[test]
fn a_name_that_is_taken_is_refused_and_untouched() {
    let Some(_room) = room::enter("a_name_that_is_taken_is_refused_and_untouched") else { return };
    if !is_root_or_skip("a_name_that_is_taken_is_refused_and_untouched")
        || !has_tools_or_skip("a_name_that_is_taken_is_refused_and_untouched", &["ip"])
    {
        return;
    }
    let before = Snapshot::take();
    run(&mut shell("ip netns add lab-right; ip -n lab-right link set lo up"));
    run(&mut lab(["veth", "--yes"])).assert_refused(3, "/run/netns/lab-right");
    let link = run(&mut shell("ip -n lab-right link show lo"));
    assert!(link.out.contains("UP"), "{}{}", link.out, link.err);
    run(&mut shell("ip netns del lab-right; umount /run/netns; rmdir /run/netns"));
    before.assert_unchanged("a name that is taken");
}

/// A file system that is mounted over /run hides what `ip netns` has mounted there.
#[test]
fn a_hidden_netns_folder_is_not_taken_for_one() {
    let Some(_room) = room::enter("a_hidden_netns_folder_is_not_taken_for_one") else { return };
    if !is_root_or_skip("a_hidden_netns_folder_is_not_taken_for_one")
        || !has_tools_or_skip("a_hidden_netns_folder_is_not_taken_for_one", &["ip", "unshare"])
    {
        return;
    }
    let script = "ip netns add red; mount -t tmpfs none /run; lab veth --yes >/dev/null; ls /run";
    let said = run(&mut common::apart(script));
    assert_eq!((said.status, said.out.as_str()), (Some(0), ""), "{}", said.err);
}

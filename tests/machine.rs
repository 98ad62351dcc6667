//! On the machine itself, in the namespaces that root and everybody else there have: a lab leaves no trace of its
//! own, whatever others do meanwhile. All else is tested on a machine that each test has for itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::{Snapshot, run_as_init};
use common::session::Session;
use common::{can_run_or_skip, course, lab, room, run};
use nix::sys::signal::Signal;

/// The labs that can run here, one after the other: they have one `/run/lab` and one name for their groups.
fn each_lab(test: &str, body: impl Fn(&str)) {
    let _alone = room::lock("machine");
    course().iter().filter(|id| can_run_or_skip(test, id)).for_each(|id| body(id));
}

#[test]
fn a_lab_leaves_no_trace() {
    const TEST: &str = "a_lab_leaves_no_trace";
    let Some(_room) = room::enter_in_public(TEST) else { return };
    each_lab(TEST, |id| {
        let before = Snapshot::take();
        let said = run(&mut lab([id, "--yes"]));
        assert_eq!(said.status, Some(0), "{id}: {}{}", said.out, said.err);
        before.assert_unchanged(id);
    });
}

#[test]
fn a_killed_lab_leaves_no_trace_after_a_reset() {
    const TEST: &str = "a_killed_lab_leaves_no_trace_after_a_reset";
    let Some(_room) = room::enter_in_public(TEST) else { return };
    each_lab(TEST, |id| {
        let before = Snapshot::take();
        let mut session = Session::start(id);
        session.walk_to(4);
        session.signal(Signal::SIGKILL);
        session.end();
        let made = Snapshot::take();
        assert_ne!(made, before, "{id} has made nothing that could be seen");
        let said = run_as_init(&mut lab(["reset", id]));
        assert_eq!(said.status, Some(0), "{id}: {}", said.err);
        before.assert_unchanged(id);
    });
}

//! Again and again: what one run leaves behind in the background must not trip the next.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::{can_run_or_skip, lab, room, run};

fn two_hundred_runs_pass(test: &str, id: &str) {
    if !can_run_or_skip(test, id) {
        return;
    }
    let before = Snapshot::take();
    for at in 0..200 {
        let said = run(&mut lab([id, "--yes"]));
        assert_eq!(said.status, Some(0), "run {at}: {}{}", said.out, said.err);
    }
    before.assert_unchanged("200 runs");
}

#[test]
fn veth_passes_two_hundred_times() {
    let Some(_room) = room::enter("veth_passes_two_hundred_times") else { return };
    two_hundred_runs_pass("veth_passes_two_hundred_times", "veth");
}

#[test]
fn overlay_passes_two_hundred_times() {
    let Some(_room) = room::enter("overlay_passes_two_hundred_times") else { return };
    two_hundred_runs_pass("overlay_passes_two_hundred_times", "overlay");
}

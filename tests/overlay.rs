//! `lab overlay`, again and again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::{is_root_or_skip, lab, run, take_turns};

#[test]
fn two_hundred_runs_pass() {
    if !is_root_or_skip("two_hundred_runs_pass") {
        return;
    }
    let _turn = take_turns();
    let before = Snapshot::take();
    for at in 0..200 {
        let said = run(&mut lab(["overlay", "--yes"]));
        assert_eq!(said.status, Some(0), "run {at}: {}{}", said.out, said.err);
    }
    before.assert_unchanged("200 runs");
}

//! `s`: a shell inside what was just built, on the student's own terminal.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::{Snapshot, run_as_init};
use common::session::Session;
use common::{can_run_or_skip, is_root, lab, take_turns};
use nix::sys::signal::Signal;

/// In the background, deaf to SIGHUP: nothing but the lab's clean-up ends it.
const BACKGROUND: &str = "(trap '' HUP; while :; do :; done) & echo in $PWD with *; exit";

#[test]
fn what_a_shell_leaves_is_gone_after_a_kill_and_a_reset() {
    if !can_run_or_skip("what_a_shell_leaves_is_gone_after_a_kill_and_a_reset", "chroot") {
        return;
    }
    let _turn = take_turns();
    let before = Snapshot::take();
    let mut session = Session::start("chroot");
    session.walk_to(5 + usize::from(!is_root()));
    session.press(b's');
    session.type_line(BACKGROUND);
    session.until_pause();
    session.signal(Signal::SIGKILL);
    session.end();
    let said = run_as_init(&mut lab(["reset", "chroot"]));
    assert_eq!(said.status, Some(0), "{}", said.err);
    before.assert_unchanged("a shell with something in the background, and SIGKILL");
}

#[test]
fn a_shell_is_inside_and_what_it_leaves_is_gone_at_the_end() {
    if !can_run_or_skip("a_shell_is_inside_and_what_it_leaves_is_gone_at_the_end", "chroot") {
        return;
    }
    let _turn = take_turns();
    let before = Snapshot::take();
    let mut session = Session::start("chroot");
    session.walk_to(5 + usize::from(!is_root()));
    session.press(b's');
    session.type_line(BACKGROUND);
    let (_, waits) = session.until_pause();
    assert!(waits);
    let screen = session.screen();
    assert!(screen.contains("in / with bin lib lib64"), "{screen}");
    session.press(b'q');
    assert_eq!(session.end().status, Some(130));
    before.assert_unchanged("a shell with something in the background");
}

//! `s`: a shell inside what was just built, on the student's own terminal.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::session::Session;
use common::{is_root_or_skip, take_turns};

#[test]
fn a_shell_is_inside_and_what_it_leaves_is_gone_at_the_end() {
    if !is_root_or_skip("a_shell_is_inside_and_what_it_leaves_is_gone_at_the_end") {
        return;
    }
    let _turn = take_turns();
    let before = Snapshot::take();
    let mut session = Session::start("chroot");
    session.walk_to(5);
    session.press(b's');
    // In the background, deaf to SIGHUP: nothing but the lab's clean-up ends it.
    session.type_line("(trap '' HUP; while :; do :; done) & echo in $PWD with *; exit");
    let (_, waits) = session.until_pause();
    assert!(waits);
    let screen = session.screen();
    assert!(screen.contains("in / with bin lib lib64"), "{screen}");
    session.press(b'q');
    assert_eq!(session.end().status, Some(130));
    before.assert_unchanged("a shell with something in the background");
}

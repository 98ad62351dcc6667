//! Ctrl-C at every moment, and the signals of the programs that a lab executes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::time::{Duration, Instant};

use common::machine::Snapshot;
use common::session::{Ended, Session};
use common::{can_run_or_skip, is_root, state, take_turns};
use nix::sys::signal::Signal;

/// What a terminal makes a SIGINT of, for all of its foreground group.
const CTRL_C: u8 = 3;

/// How one way to run a lab is struck: so many times, evenly over the time that it takes.
struct Target {
    lab: &'static str,
    options: &'static [&'static str],
    strikes: u32,
}

fn targets() -> Vec<Target> {
    let target = |lab, options, strikes| Target { lab, options, strikes };
    let mut all = vec![
        target("unshare", &["--yes"][..], 60),
        target("chroot", &["--yes"], 20),
        target("veth", &["--yes"], 20),
        target("overlay", &["--yes"], 20),
    ];
    if is_root() {
        all.push(target("unshare", &["--yes", "--rootless"], 40));
    }
    all.into_iter()
        .filter(|one| can_run_or_skip("ctrl_c_is_130_at_every_moment", one.lab))
        .collect()
}

/// Whether it was interrupted; all but a quiet 130, or a run that was over, fails.
#[track_caller]
fn was_interrupted(ended: &Ended, when: &str) -> bool {
    let Ended { status, signal, err } = ended;
    // Before `main`, and after it, a process ends as any does: 130 for a shell.
    let interrupted = *status == Some(130) || *signal == Some(Signal::SIGINT as i32);
    assert!(interrupted || *status == Some(0), "{when}: {status:?} {signal:?} {err}");
    assert!(err.lines().count() <= 1, "{when}: {err}");
    assert!(!state().exists(), "{when}: {:?} is left, {err}", state());
    interrupted
}

#[test]
fn ctrl_c_is_130_at_every_moment() {
    let _turn = take_turns();
    let before = Snapshot::take();
    for Target { lab, options, strikes } in targets() {
        let begun = Instant::now();
        assert_eq!(Session::start_with(lab, options).end().status, Some(0), "{lab}");
        let whole = begun.elapsed();
        let interrupted = (0..strikes).filter(|strike| {
            let mut session = Session::start_with(lab, options);
            std::thread::sleep(whole * *strike / strikes);
            session.press(CTRL_C);
            was_interrupted(
                &session.end(),
                &format!("lab {lab} {options:?}, {strike} of {strikes}"),
            )
        });
        let interrupted = interrupted.count();
        assert!(interrupted > strikes as usize / 3, "{lab}: only {interrupted} were in time");
    }
    before.assert_unchanged("Ctrl-C at every moment");
}

/// Where a process is made by one that ends, in a PID namespace: there a strike that ended the one of
/// them but not the other was taken for a defect, or for a process that cannot be killed.
#[test]
fn ctrl_c_is_130_while_an_orphan_is_made() {
    const STRIKES: u32 = 60;
    const WINDOW: Duration = Duration::from_millis(3);
    if !can_run_or_skip("ctrl_c_is_130_while_an_orphan_is_made", "unshare") {
        return;
    }
    let _turn = take_turns();
    let before = Snapshot::take();
    let interrupted = (0..STRIKES).filter(|strike| {
        let mut session = Session::start_with("unshare", &["--yes"]);
        session.until_step("orphan");
        std::thread::sleep(WINDOW * *strike / STRIKES);
        session.press(CTRL_C);
        was_interrupted(&session.end(), &format!("strike {strike} of {STRIKES}"))
    });
    let interrupted = interrupted.count();
    assert!(interrupted > STRIKES as usize / 2, "only {interrupted} were in time");
    before.assert_unchanged("Ctrl-C while an orphan is made");
}

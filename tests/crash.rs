//! Nothing is left: at each step of each lab, whatever ends it, the machine is as it was before;
//! after SIGKILL it is so once `lab reset` ran.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::time::{Duration, Instant};

use common::machine::{Snapshot, run_as_init};
use common::session::Session;
use common::{lab, labs_or_skip, room, run};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// What can end a lab.
#[derive(Clone, Copy, Debug)]
enum End {
    Signal(Signal),
    Key(u8),
}

const ENDS: [End; 6] = [
    End::Signal(Signal::SIGINT),
    End::Signal(Signal::SIGTERM),
    End::Signal(Signal::SIGHUP),
    End::Signal(Signal::SIGQUIT),
    End::Signal(Signal::SIGKILL),
    End::Key(b'q'),
];

fn steps(lab_id: &str) -> usize {
    let events = common::events(lab_id, "en");
    events.iter().filter(|event| event["event"] == "step_started").count()
}

fn end_at(lab_id: &str, step: usize, end: End) {
    let before = Snapshot::take();
    let when = format!("lab {lab_id}, step {step}, {end:?}");
    let mut session = Session::start(lab_id);
    session.walk_to(step);
    match end {
        End::Signal(signal) => session.signal(signal),
        End::Key(key) => session.press(key),
    }
    let ended = session.end();
    if matches!(end, End::Signal(Signal::SIGKILL)) {
        assert_eq!(ended.signal, Some(Signal::SIGKILL as i32), "{when}");
        let said = run_as_init(&mut lab(["reset", lab_id]));
        assert_eq!(said.status, Some(0), "{when}: {}", said.err);
    } else {
        assert_eq!(ended.status, Some(130), "{when}: {}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{when}: {}", ended.err);
    }
    before.assert_unchanged(&when);
}

#[test]
fn whatever_ends_a_lab_at_a_step_leaves_nothing() {
    let Some(_room) = room::enter("whatever_ends_a_lab_at_a_step_leaves_nothing") else { return };
    for lab_id in labs_or_skip("whatever_ends_a_lab_at_a_step_leaves_nothing") {
        for step in 1..=steps(&lab_id) {
            ENDS.iter().for_each(|end| end_at(&lab_id, step, *end));
        }
    }
}

/// In the middle of a change rather than at a pause: moments spread over a whole run.
#[test]
fn whatever_ends_a_lab_between_steps_leaves_nothing() {
    let Some(_room) = room::enter("whatever_ends_a_lab_between_steps_leaves_nothing") else {
        return;
    };
    const MOMENTS: u32 = 12;
    for lab_id in labs_or_skip("whatever_ends_a_lab_between_steps_leaves_nothing") {
        let begun = Instant::now();
        assert_eq!(run(&mut lab([&lab_id, "--yes"])).status, Some(0));
        let whole = begun.elapsed().min(Duration::from_secs(2));
        for signal in [Signal::SIGINT, Signal::SIGKILL] {
            for moment in 0..MOMENTS {
                let before = Snapshot::take();
                let mut child = lab([&lab_id, "--yes", "--format", "json"])
                    .stdout(std::process::Stdio::null())
                    .stderr(std::process::Stdio::null())
                    .spawn()
                    .unwrap();
                std::thread::sleep(whole * moment / MOMENTS);
                kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
                child.wait().unwrap();
                if signal == Signal::SIGKILL {
                    let said = run_as_init(&mut lab(["reset", &lab_id]));
                    assert_eq!(said.status, Some(0), "{}", said.err);
                }
                before.assert_unchanged(&format!("lab {lab_id}, {signal} at {moment}/{MOMENTS}"));
            }
        }
    }
}

#[test]
fn a_lab_that_ends_well_leaves_nothing() {
    let Some(_room) = room::enter("a_lab_that_ends_well_leaves_nothing") else { return };
    for lab_id in labs_or_skip("a_lab_that_ends_well_leaves_nothing") {
        let before = Snapshot::take();
        let said = run(&mut lab([&lab_id, "--yes"]));
        assert_eq!(said.status, Some(0), "{lab_id}: {}{}", said.out, said.err);
        before.assert_unchanged(&format!("lab {lab_id}"));
    }
}

#[test]
fn what_a_killed_run_left_is_mended_by_the_next() {
    let Some(_room) = room::enter("what_a_killed_run_left_is_mended_by_the_next") else { return };
    for lab_id in labs_or_skip("what_a_killed_run_left_is_mended_by_the_next") {
        let before = Snapshot::take();
        // Far enough for most of it to be there.
        let half = steps(&lab_id) / 2;
        let mut session = Session::start(&lab_id);
        session.walk_to(half);
        session.signal(Signal::SIGKILL);
        session.end();
        let said = run_as_init(&mut lab([&lab_id, "--yes"]));
        assert_eq!(said.status, Some(0), "{lab_id}: {}{}", said.out, said.err);
        before.assert_unchanged(&format!("lab {lab_id} after a killed one"));
    }
}

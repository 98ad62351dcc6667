//! Nothing is left: at each step of each lab, whatever ends it, the machine is as it was before;
//! after SIGKILL it is so once `lab reset` ran.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::time::{Duration, Instant};

use common::machine::{Snapshot, run_as_init};
use common::session::Session;
use common::{can_run_or_skip, for_each_lab, lab, run};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// What can end a lab.
#[derive(Clone, Copy, Debug)]
enum End {
    Signal(Signal),
    Key(u8),
}

fn steps(lab_id: &str) -> usize {
    let mut session = Session::start(lab_id);
    let begun = session.walk_to(1);
    let started = begun.iter().find(|event| event["event"] == "lab_started").unwrap();
    session.press(b'q');
    session.end();
    started["steps"].as_u64().unwrap() as usize
}

fn end_at(lab_id: &str, step: usize, end: End) {
    let before = Snapshot::take();
    let when = format!("lab {lab_id}, step {step}, {end:?}");
    let session = walk(lab_id, step);
    end_and_look(lab_id, session, end, &before, &when);
}

fn end_and_look(lab_id: &str, mut session: Session, end: End, before: &Snapshot, when: &str) {
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
    before.assert_unchanged(when);
}

/// What ends a lab that is there to clean up.
const ENDS: [End; 5] = [
    End::Signal(Signal::SIGINT),
    End::Signal(Signal::SIGTERM),
    End::Signal(Signal::SIGHUP),
    End::Signal(Signal::SIGQUIT),
    End::Key(b'q'),
];

/// Whether it is the lab whose walks take seconds, because it measures on the way.
fn measures(lab_id: &str) -> bool {
    lab_id == "cpu-shares"
}

/// To a step of the lab; past what would be measured on the way.
fn walk(lab_id: &str, step: usize) -> Session {
    if measures(lab_id) {
        return Session::start_at(lab_id, step).0;
    }
    let mut session = Session::start(lab_id);
    session.walk_to(step);
    session
}

/// At each step of the lab.
fn any_end_at_a_step_leaves_nothing(test: &str, lab_id: &str) {
    if can_run_or_skip(test, lab_id) {
        let at = |step| ENDS.iter().for_each(|end| end_at(lab_id, step, *end));
        (1..=steps(lab_id)).for_each(at);
    }
}

/// Back from the last step, one by one, and then killed, or quit.
fn going_back_leaves_nothing(test: &str, lab_id: &str) {
    const AT_MOST: usize = 3;
    if !can_run_or_skip(test, lab_id) {
        return;
    }
    let last = steps(lab_id);
    for end in [End::Signal(Signal::SIGKILL), End::Signal(Signal::SIGTERM), End::Key(b'q')] {
        let before = Snapshot::take();
        let mut session = walk(lab_id, last);
        for back in 1..=AT_MOST.min(last - 1) {
            assert_eq!(session.paused()["back"], true, "{lab_id}");
            session.press(b'b');
            let (events, waits) = session.until_pause();
            assert!(waits, "{lab_id}");
            assert_eq!(events[0]["number"], last - back, "{lab_id}: {:#}", events[0]);
        }
        end_and_look(lab_id, session, end, &before, &format!("{lab_id}, back, {end:?}"));
    }
}

/// While the reader is asked to predict.
fn an_end_at_a_question_leaves_nothing(test: &str, lab_id: &str) {
    if !can_run_or_skip(test, lab_id) {
        return;
    }
    for end in [End::Signal(Signal::SIGKILL), End::Signal(Signal::SIGINT), End::Key(b'q')] {
        let before = Snapshot::take();
        let mut session = Session::start_asked(lab_id);
        loop {
            let event = session.next_event().unwrap();
            match event["event"].as_str().unwrap() {
                "asked" => break,
                "paused" => session.press(b'\n'),
                _ => {}
            }
        }
        end_and_look(lab_id, session, end, &before, &format!("{lab_id}, asked, {end:?}"));
    }
}

fn sigkill_at_a_step_leaves_nothing_after_a_reset(test: &str, lab_id: &str) {
    if can_run_or_skip(test, lab_id) {
        (1..=steps(lab_id)).for_each(|step| end_at(lab_id, step, End::Signal(Signal::SIGKILL)));
    }
}

/// In the middle of a change rather than at a pause: moments spread over a whole run.
fn end_between_steps(test: &str, lab_id: &str, signal: Signal) {
    let moments = if measures(lab_id) { 6 } else { 12 };
    if !can_run_or_skip(test, lab_id) {
        return;
    }
    let begun = Instant::now();
    assert_eq!(run(&mut lab([lab_id, "--yes"])).status, Some(0));
    let whole = begun.elapsed().min(Duration::from_secs(2));
    for moment in 0..moments {
        let before = Snapshot::take();
        let mut child = lab([lab_id, "--yes", "--format", "json"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * moment / moments);
        kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
        child.wait().unwrap();
        if signal == Signal::SIGKILL {
            let said = run_as_init(&mut lab(["reset", lab_id]));
            assert_eq!(said.status, Some(0), "{}", said.err);
        }
        before.assert_unchanged(&format!("lab {lab_id}, {signal} at {moment}/{moments}"));
    }
}

fn sigint_between_steps_leaves_nothing(test: &str, lab_id: &str) {
    end_between_steps(test, lab_id, Signal::SIGINT);
}

fn sigkill_between_steps_leaves_nothing_after_a_reset(test: &str, lab_id: &str) {
    end_between_steps(test, lab_id, Signal::SIGKILL);
}

fn a_lab_that_ends_well_leaves_nothing(test: &str, lab_id: &str) {
    if !can_run_or_skip(test, lab_id) {
        return;
    }
    let before = Snapshot::take();
    let said = run(&mut lab([lab_id, "--yes"]));
    assert_eq!(said.status, Some(0), "{lab_id}: {}{}", said.out, said.err);
    before.assert_unchanged(&format!("lab {lab_id}"));
}

fn what_a_killed_run_left_is_mended_by_the_next(test: &str, lab_id: &str) {
    if !can_run_or_skip(test, lab_id) {
        return;
    }
    let before = Snapshot::take();
    // Far enough for most of it to be there.
    let half = steps(lab_id) / 2;
    let mut session = Session::start(lab_id);
    session.walk_to(half);
    session.signal(Signal::SIGKILL);
    session.end();
    let said = run_as_init(&mut lab([lab_id, "--yes"]));
    assert_eq!(said.status, Some(0), "{lab_id}: {}{}", said.out, said.err);
    before.assert_unchanged(&format!("lab {lab_id} after a killed one"));
}

for_each_lab! {
    sigkill_at_a_step_leaves_nothing_after_a_reset,
    any_end_at_a_step_leaves_nothing,
    going_back_leaves_nothing,
    an_end_at_a_question_leaves_nothing,
    sigint_between_steps_leaves_nothing,
    sigkill_between_steps_leaves_nothing_after_a_reset,
    a_lab_that_ends_well_leaves_nothing,
    what_a_killed_run_left_is_mended_by_the_next,
}

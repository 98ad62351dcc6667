//! The shell of a step says where one is and what to try there, and each of that is true; what was broken in it is named.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::session::Session;
use common::{can_run_or_skip, for_each_lab, has_tool, has_tools_or_skip, is_root, room};
use serde_json::Value;

/// What a shell says when there is no such program.
const NOT_FOUND: i32 = 127;

fn of_kind<'a>(events: &'a [Value], kind: &str) -> Option<&'a Value> {
    events.iter().find(|event| event["event"] == kind)
}

/// The numbers that the terminal shows as `<NUMBER>`.
fn statuses(screen: &str) -> Vec<i32> {
    let marked = screen.split('<').filter_map(|rest| rest.split_once('>'));
    marked.filter_map(|(number, _)| number.parse().ok()).collect()
}

fn each_shell_has_something_to_try(test: &str, lab: &str) {
    if !can_run_or_skip(test, lab) {
        return;
    }
    let before = Snapshot::take();
    let steps = Session::start(lab).next_event().unwrap()["steps"].as_u64().unwrap() as usize;
    for step in 1..=steps {
        let (mut session, _) = Session::start_at(lab, step);
        if session.paused()["shell"] == true {
            try_all(lab, step, &mut session);
        }
        session.press(b'q');
        session.end();
    }
    before.assert_unchanged(lab);
}

fn try_all(lab: &str, step: usize, session: &mut Session) {
    session.press(b's');
    let opened = session.next_event().unwrap();
    assert_eq!(opened["event"], "shell_opened", "{lab}, step {step}: {opened}");
    let tries = opened["tries"].as_array().unwrap();
    assert!((2..=3).contains(&tries.len()), "{lab}, step {step}");
    for it in tries {
        let command = it["command"].as_str().unwrap();
        session.type_line(&format!("{command}; echo \"<$?>\""));
    }
    session.type_line("exit");
    let (left, waits) = session.until_pause();
    assert!(waits, "{lab}, step {step}");
    let broken = of_kind(&left, "shell_left").unwrap()["broken"].as_array().unwrap();
    assert!(broken.is_empty(), "{lab}, step {step}: {broken:?}");
    let screen = session.screen();
    assert!(screen.contains(&format!("[lab {lab} {step}: ")), "{screen}");
    let statuses = statuses(&screen);
    assert_eq!(statuses.len(), tries.len(), "{lab}, step {step}: {screen}");
    for (it, status) in tries.iter().zip(statuses) {
        let fails = it["fails"].as_bool().unwrap();
        // A machine may lack the program; there is nothing to be said of the command then.
        let program = it["command"].as_str().unwrap().split(' ').next().unwrap();
        let is_absent = status == NOT_FOUND && !has_tool(program);
        assert!(is_absent || (status != 0) == fails, "{lab}, step {step}: {it}: status {status}");
    }
}

for_each_lab! { each_shell_has_something_to_try }

#[test]
fn what_was_broken_in_a_shell_is_named() {
    const TEST: &str = "what_was_broken_in_a_shell_is_named";
    let Some(_room) = room::enter(TEST) else { return };
    if !can_run_or_skip(TEST, "overlay") {
        return;
    }
    let (mut session, _) = Session::start_at("overlay", 2 + usize::from(!is_root()));
    session.press(b's');
    session.type_line("echo x >container/x; exit");
    let (left, _) = session.until_pause();
    let broken = of_kind(&left, "shell_left").unwrap()["broken"].as_array().unwrap();
    assert!(broken.contains(&"nothing-written".into()), "{broken:?}");
    session.press(b'q');
    session.end();
}

/// In `lab veth` either side can be chosen.
#[test]
fn a_cable_has_a_shell_at_both_ends() {
    const TEST: &str = "a_cable_has_a_shell_at_both_ends";
    let Some(_room) = room::enter(TEST) else { return };
    if !can_run_or_skip(TEST, "veth") || !has_tools_or_skip(TEST, &["ip"]) {
        return;
    }
    let (mut session, _) = Session::start_at("veth", 2 + usize::from(!is_root()));
    for (key, own) in [(b's', "left"), (b'S', "right")] {
        session.press(key);
        session.type_line("ip -br link | cut -d@ -f1 | tail -n 1; exit");
        session.until_pause();
        let screen = session.screen();
        assert!(
            screen.lines().any(|line| line.trim().ends_with(own) && !line.contains("ip -br")),
            "{own}: {screen}"
        );
    }
    session.press(b'q');
    session.end();
}

//! Checks can fail: `labs/LAB/breaks/CHECK.sh` breaks the state while the lab waits at a step, and
//! on `r` exactly that check of the step fails.
//! `CHECK.CAUSE.sh` breaks it in another way. A line `# advises: TEXT` says what the advice for that cause holds.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::machine::Snapshot;
use common::session::Session;
use common::{
    can_run_or_skip, events, for_each_lab, has_tools_or_skip, is_root, room, run, shell, skip,
    state,
};
use serde_json::Value;

/// What the scripts call beyond coreutils.
const TOOLS: [&str; 6] = ["ip", "mount", "nsenter", "pgrep", "sysctl", "taskset"];

fn folder(lab: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("labs").join(lab).join("breaks")
}

/// The step that a script is for: its first line is `# step: ID`.
fn step_of(script: &str) -> &str {
    script.lines().next().and_then(|line| line.strip_prefix("# step: ")).unwrap()
}

/// What is advised where the script broke something, or nothing in particular.
fn advice_in(script: &str) -> &str {
    script.lines().find_map(|line| line.strip_prefix("# advises: ")).unwrap_or_default()
}

/// The number of each step.
fn numbers(events: &[Value]) -> BTreeMap<String, usize> {
    let steps = events.iter().filter(|event| event["event"] == "step_started");
    steps.enumerate().map(|(at, step)| (step["id"].as_str().unwrap().to_owned(), at + 1)).collect()
}

fn failed(events: &[Value]) -> Vec<String> {
    let findings = events.iter().filter(|event| event["event"] == "checked");
    findings
        .filter(|finding| finding["verdict"] == "fail")
        .map(|finding| finding["check"].as_str().unwrap().to_owned())
        .collect()
}

/// The script with what it rests on, at the side of a lab.
fn shell_with_lab(lab: &str, script: &str, session: &Session) -> Command {
    let prelude = common::prelude(lab);
    let mut command = shell(&format!("{prelude}\n{script}"));
    command.env("LAB_PID", session.pid().to_string()).env("LAB_STATE", state());
    // Into the user namespace of the lab first, where that is another than ours.
    command.env("LAB_ENTER", if is_root() { "" } else { "--user --preserve-credentials" });
    command
}

fn break_one(lab: &str, check: &str, script: &str, step: usize) {
    let _alone = room::measure(lab);
    let before = Snapshot::take();
    let (mut session, shown) = Session::start_at(lab, step);
    let sources: Vec<&str> = shown.iter().filter_map(|event| event["source"].as_str()).collect();
    let said = run(shell_with_lab(lab, script, &session).env("LAB_SOURCES", sources.join(" ")));
    assert_eq!(said.status, Some(0), "{lab}/{check}: {}", said.err);
    session.press(b'r');
    let (again, waits) = session.until_pause();
    assert!(waits, "{lab}/{check}: the lab ended");
    assert_eq!(failed(&again), [check], "{lab}/{check}: {again:#?}");
    let finding = again.iter().find(|event| event["check"] == check).unwrap();
    let hint = finding["hint"].as_str().unwrap();
    assert!(hint.contains(advice_in(script)), "{lab}/{check}: {finding:#}");
    session.press(b'q');
    assert_eq!(session.end().status, Some(130), "{lab}/{check}");
    before.assert_unchanged(&format!("{lab}/{check}"));
}

fn a_check_fails_when_what_it_claims_is_broken(test: &str, lab: &str) {
    break_each(test, lab, 0);
}

fn any_other_check_does_too(test: &str, lab: &str) {
    break_each(test, lab, 1);
}

/// Every other script, from the one at `first` on: those of a lab that measures take their time.
fn break_each(test: &str, lab: &str, first: usize) {
    if !has_tools_or_skip(test, &TOOLS) {
        return;
    }
    if !can_run_or_skip(test, lab) {
        return;
    }
    let events = events(lab, "en");
    let numbers = numbers(&events);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder(lab)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().skip(first).step_by(2) {
        let script = fs::read_to_string(path).unwrap();
        let check = path.file_stem().unwrap().to_str().unwrap().split('.').next().unwrap();
        if !is_root() && script.contains("\n# needs root") {
            skip(test, &format!("{lab}/{check}: root"));
            continue;
        }
        break_one(lab, check, &script, numbers[step_of(&script)]);
    }
}

fn each_check_has_something_that_breaks_it(test: &str, lab: &str) {
    if !has_tools_or_skip(test, &TOOLS) {
        return;
    }
    if !can_run_or_skip(test, lab) {
        return;
    }
    let events = events(lab, "en");
    // What an ordinary user's first step claims is about the process itself, which nothing can
    // change any more: a test beside it holds those claims against another.
    let rootless = events.iter().position(|event| event["id"] == "user-namespace");
    let begin = events.iter().skip(rootless.map_or(0, |at| at + 1));
    let begin = begin.skip_while(|event| rootless.is_some() && event["event"] != "step_started");
    for event in begin.filter(|event| event["event"] == "checked") {
        let check = event["check"].as_str().unwrap();
        let script = folder(lab).join(format!("{check}.sh"));
        assert!(script.is_file(), "{} is missing", script.display());
    }
}

for_each_lab! {
    a_check_fails_when_what_it_claims_is_broken,
    any_other_check_does_too,
    each_check_has_something_that_breaks_it,
}

/// A failed check is exit status 1, named at the end, and nothing is left. What was mended, and found so, is
/// none.
#[test]
fn a_failed_check_is_exit_status_1() {
    let Some(_room) = room::enter("a_failed_check_is_exit_status_1") else { return };
    if !can_run_or_skip("a_failed_check_is_exit_status_1", "chroot")
        || !has_tools_or_skip("a_failed_check_is_exit_status_1", &TOOLS)
    {
        return;
    }
    let before = Snapshot::take();
    let script = fs::read_to_string(folder("chroot").join("tree-empty.sh")).unwrap();
    let step = numbers(&events("chroot", "en"))[step_of(&script)];
    for mended in [false, true] {
        let mut session = Session::start("chroot");
        session.walk_to(step);
        run(&mut shell_with_lab("chroot", &script, &session));
        session.press(b'r');
        assert_eq!(failed(&session.until_pause().0), ["tree-empty"]);
        if mended {
            let mend = format!("{script}\nrm \"$tree/bin/extra\"");
            run(&mut shell_with_lab("chroot", &mend, &session));
            session.press(b'r');
            assert_eq!(failed(&session.until_pause().0), [""; 0]);
        }
        let last = loop {
            session.press(b'\n');
            if let (last, false) = session.until_pause() {
                break last;
            }
        };
        let end = last.iter().find(|event| event["event"] == "lab_finished").unwrap();
        let (names, status) = if mended { (vec![], 0) } else { (vec!["tree-empty"], 1) };
        assert_eq!(end["failed_checks"], Value::from(names), "{end}");
        assert_eq!(session.end().status, Some(status));
    }
    before.assert_unchanged("a failed check");
}

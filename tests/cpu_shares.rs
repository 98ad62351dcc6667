//! The cpu-shares lab after somebody has killed a worker.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::session::Session;
use common::{can_run_or_skip, events, has_tools_or_skip, room, run, shell};
use serde_json::Value;

/// The number of the step `id`.
fn number(id: &str) -> usize {
    let events = events("cpu-shares", "en");
    let step = events.iter().find(|event| event["id"] == id).unwrap();
    usize::try_from(step["number"].as_u64().unwrap()).unwrap()
}

/// The names and the expected parts, in points of a hundred, of what was measured last.
fn bars(events: &[Value]) -> Vec<(String, f64)> {
    let measured = events.iter().rfind(|event| event["event"] == "measured").unwrap();
    let bars = measured["bars"].as_array().unwrap().iter();
    let bar = |bar: &Value| {
        let part = (bar["expected"].as_f64().unwrap() * 100.0).round();
        (bar["name"].as_str().unwrap().to_owned(), part)
    };
    bars.map(bar).collect()
}

/// Its group is expected to get what the claim says, and nobody else to be there.
#[test]
fn a_worker_that_was_killed_competes_no_more_under_its_name() {
    let Some(_room) = room::enter("a_worker_that_was_killed_competes_no_more_under_its_name")
    else {
        return;
    };
    const TEST: &str = "a_worker_that_was_killed_competes_no_more_under_its_name";
    if !can_run_or_skip(TEST, "cpu-shares") || !has_tools_or_skip(TEST, &["pgrep"]) {
        return;
    }
    let equal = number("equal");
    let before = Snapshot::take();
    let mut session = Session::start("cpu-shares");
    session.walk_to(equal);
    let kill = format!(
        "pid=$(pgrep -P {} | tail -n 1); kill -KILL $pid
         until grep -q '^State:.Z' /proc/$pid/status; do sleep 0.01; done",
        session.pid()
    );
    assert_eq!(run(&mut shell(&kill)).status, Some(0));
    for (key, expected) in [(b'r', [50.0, 50.0]), (b'\n', [33.0, 67.0])] {
        session.press(key);
        let (shown, waits) = session.until_pause();
        assert!(waits);
        let names = ["a", "b"].map(str::to_owned);
        assert_eq!(bars(&shown), names.into_iter().zip(expected).collect::<Vec<_>>());
        let finding = shown.iter().find(|event| event["event"] == "checked").unwrap();
        assert_eq!(finding["verdict"], "fail", "{finding:#}");
        assert!(finding["hint"].as_str().unwrap().contains("has ended"), "{finding:#}");
    }
    session.press(b'q');
    assert_eq!(session.end().status, Some(130));
    before.assert_unchanged(TEST);
}

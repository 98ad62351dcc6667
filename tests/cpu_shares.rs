//! The cpu-shares lab after somebody has killed a worker, and beside what others have in groups.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::session::Session;
use common::{can_run_or_skip, events, has_tools_or_skip, is_root_or_skip, room, run, shell, skip};
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

/// `lab verify` as an ordinary user, by a copy that anybody may run.
const ASKED: &str = "cp \"$(command -v lab)\" /run/lab-of-all
    asked() { setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/nowhere /run/lab-of-all \
        verify cpu-shares --by-hand \"$@\" || [[ $? == 1 ]]; }";

/// A student's groups, and beside them a build that somebody else runs, on the same processor and with other shares.
#[test]
fn strangers_groups_beside_a_students_are_left_out() {
    const TEST: &str = "strangers_groups_beside_a_students_are_left_out";
    let Some(_room) = room::enter(TEST) else { return };
    let Some(top) = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"]
        .into_iter()
        .find(|top| std::path::Path::new(top).join("cgroup.procs").exists())
    else {
        return skip(TEST, "no control groups are mounted");
    };
    if !is_root_or_skip(TEST)
        || !can_run_or_skip(TEST, "cpu-shares")
        || !has_tools_or_skip(TEST, &["setpriv", "taskset"])
    {
        return;
    }
    let said = run(&mut shell(&format!(
        "{ASKED}; cd {top}; [[ ! -e cgroup.subtree_control ]] || echo +cpu >cgroup.subtree_control
        mkdir ci a b; cd {top}
        clean_up() {{ kill $pids; wait; sleep 0.2; rmdir ci a b; }}; trap clean_up EXIT; pids=
        into() {{ taskset -c 0 setpriv --reuid $2 --clear-groups --regid $2 yes >/dev/null 2>&1 &
            pids+=\" $!\"; echo $! >$1/cgroup.procs; }}
        into ci 1234; into a 1000; into b 1000; sleep 0.1
        file=cpu.shares; [[ -e a/$file ]] || file=cpu.weight
        echo 200 >a/$file; echo 400 >ci/$file
        asked --format json; lab verify cpu-shares --by-hand --format json"
    )));
    // Of the user who asks they are the only ones; to root they are those of whoever has two.
    let all: Vec<Value> =
        said.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(all.len(), 2, "{}{}", said.out, said.err);
    for judged in all {
        let what = judged["what"].as_str().unwrap_or_default();
        assert!(what.contains("/a, ") && !what.contains("/ci"), "{judged:#}");
        for finding in judged["findings"].as_array().unwrap() {
            assert_eq!(finding["verdict"], "pass", "{judged:#}");
        }
    }
}

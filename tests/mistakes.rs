//! Each common mistake, `labs/LAB/mistakes/*.sh`, fails exactly the check that its first line names, with
//! a sentence about what was seen and another about what to look at. It is recognised by its name, and the last hint,
//! typed as it stands, mends it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::Path;

use common::machine::Snapshot;
use common::student::{Want, Work, finding, head, scripts, with_verdict};
use common::{can_run_or_skip, for_each_lab, has_tools_or_skip, is_meant};

/// What the scripts call beyond coreutils.
const TOOLS: [&str; 6] = ["hostname", "ip", "ldd", "mount", "taskset", "unshare"];
/// So many at least for each lab.
const FEWEST: usize = 6;

fn can_run(test: &str, lab: &str) -> bool {
    is_meant(lab) && has_tools_or_skip(test, &TOOLS) && can_run_or_skip(test, lab)
}

/// What a mistake's script is, by its first line, which names the check.
fn mistake<'a>(lab: &'a str, script: &'a str) -> (Work<'a>, &'a str) {
    let check = script.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap();
    let want = Want::Fail(check.to_owned());
    let options = head(script, "options: ").unwrap_or_default();
    (Work { lab, script, options, want }, check)
}

fn name(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

fn each_mistake_fails_exactly_its_check_and_is_recognised(test: &str, lab: &str) {
    if !can_run(test, lab) {
        return;
    }
    let before = Snapshot::take();
    let paths = scripts(lab, "mistakes");
    assert!(paths.len() >= FEWEST, "{lab} has {} mistakes", paths.len());
    for path in paths {
        let script = fs::read_to_string(&path).unwrap();
        let (work, check) = mistake(lab, &script);
        let judged = work.judge();
        assert_eq!(with_verdict(&judged, "fail"), [check], "{}: {judged:#}", path.display());
        let found = finding(&judged, check);
        for field in ["seen", "hint", "source"] {
            assert_ne!(found[field], "", "{}: {field}", path.display());
        }
        assert_eq!(found["mistake"]["id"], name(&path), "{}: {found:#}", path.display());
        let others = judged["findings"].as_array().unwrap().iter();
        let others = others.filter(|it| it["check"] != check && !it["mistake"].is_null());
        assert_eq!(others.count(), 0, "{}: {judged:#}", path.display());
    }
    before.assert_unchanged("mistakes");
}

fn the_last_hint_typed_as_it_stands_mends_what_was_seen(test: &str, lab: &str) {
    if !can_run(test, lab) {
        return;
    }
    let before = Snapshot::take();
    for path in scripts(lab, "mistakes") {
        let script = fs::read_to_string(&path).unwrap();
        let (work, check) = mistake(lab, &script);
        let (judged, hint) = work.judge_mended(check);
        let found = finding(&judged, check);
        assert_eq!(found["verdict"], "pass", "{}: {hint}: {judged:#}", path.display());
    }
    before.assert_unchanged("mended mistakes");
}

/// A goal that no mistake fails would be one that cannot fail.
fn each_goal_has_a_mistake_or_something_that_breaks_it(test: &str, lab: &str) {
    if !can_run(test, lab) {
        return;
    }
    let read = |path: &_| fs::read_to_string(path).unwrap();
    let all: Vec<String> = scripts(lab, "mistakes").iter().map(read).collect();
    let judged = mistake(lab, &all[0]).0.judge();
    for found in judged["findings"].as_array().unwrap() {
        let check = found["check"].as_str().unwrap();
        let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
        let broken = labs.join(lab).join("breaks").join(format!("{check}.sh"));
        let is_failed = all.iter().any(|script| mistake(lab, script).1 == check);
        assert!(broken.is_file() || is_failed, "{lab}/{check}");
    }
}

for_each_lab! {
    each_mistake_fails_exactly_its_check_and_is_recognised,
    the_last_hint_typed_as_it_stands_mends_what_was_seen,
    each_goal_has_a_mistake_or_something_that_breaks_it,
}

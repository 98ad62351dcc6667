//! Work by hand that is not the handout's, `labs/LAB/constructions/*.sh`: other tutorials' ways, and other ways to go
//! wrong, judged as a careful instructor would. The first line says how: `pass`, `remark CHECK`, `fail CHECK`,
//! `open CHECK` or `nothing`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::fs;

use common::machine::Snapshot;
use common::student::{Want, Work, finding, head, scripts, with_verdict};
use common::{can_run_or_skip, for_each_lab, has_tools_or_skip, is_meant, is_root, skip};

/// What the scripts call beyond coreutils; what only some of them do, their heads say.
const TOOLS: [&str; 6] = ["hostname", "ip", "ldd", "mount", "taskset", "unshare"];
/// So many at least for each lab, of those that are right and of those that are wrong.
const FEWEST: usize = 10;

fn other_work_is_judged_as_an_instructor_would(test: &str, lab: &str) {
    if !is_meant(lab) || !has_tools_or_skip(test, &TOOLS) || !can_run_or_skip(test, lab) {
        return;
    }
    let before = Snapshot::take();
    let paths = scripts(lab, "constructions");
    let mut right = 0;
    for path in &paths {
        let script = fs::read_to_string(path).unwrap();
        let first = script.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap();
        let want = Want::read(first);
        right += usize::from(matches!(want, Want::Pass | Want::Remark(_)));
        let tools: Vec<&str> = head(&script, "tools: ").unwrap_or_default().split(' ').collect();
        if tools != [""] && !has_tools_or_skip(test, &tools) {
            continue;
        }
        if let Some(why) = head(&script, "needs root").filter(|_| !is_root()) {
            skip(test, &format!("{}: it needs root{why}", path.display()));
            continue;
        }
        let options = head(&script, "options: ").unwrap_or_default();
        let judged = Work { lab, script: &script, options, want: want.clone() }.judge();
        let failed = with_verdict(&judged, "fail");
        let all_pass = with_verdict(&judged, "pass").len()
            == judged["findings"].as_array().unwrap().len()
            && judged["by"] == "hand";
        let holds = match &want {
            Want::Pass => all_pass,
            Want::Remark(check) => all_pass && !finding(&judged, check)["remark"].is_null(),
            // What fails first is the reason.
            Want::Fail(check) => failed.first() == Some(&check.as_str()),
            Want::Open(check) => {
                failed.is_empty() && with_verdict(&judged, "open").first() == Some(&check.as_str())
            }
            Want::Nothing => judged["by"] == "nobody",
        };
        assert!(holds, "{}: {want:?}: {judged:#}", path.display());
        // Nothing that is right looks like a mistake.
        let recognised = |it: &&serde_json::Value| !it["mistake"].is_null();
        let found = judged["findings"].as_array().unwrap().iter().find(recognised);
        assert!(!all_pass || found.is_none(), "{}: {found:#?}", path.display());
    }
    let wrong = paths.len() - right;
    assert!(right >= FEWEST && wrong >= FEWEST, "{lab}: {right} right, {wrong} wrong");
    before.assert_unchanged("constructions");
}

for_each_lab! { other_work_is_judged_as_an_instructor_would }

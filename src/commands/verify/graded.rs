//! Points, for graders that count them: what a goal is worth, and the tests that such a grader lists.

use serde::Serialize;

use super::{Judged, details};
use crate::error::Result;
use crate::lab::finding::{Finding, Verdict};
use crate::text::visible;

/// What a goal is worth once it is proven. One that failed, is not done or cannot be told is worth nothing.
const POINTS: u32 = 1;

/// A test, as graders list them.
#[derive(Debug)]
pub struct Test {
    /// The same in every language.
    pub name: String,
    /// Whether it has all its points.
    pub passed: bool,
    /// The points it has.
    pub score: u32,
    /// The most it can have.
    pub max_score: u32,
    /// What the student reads: no more than their own `lab verify` shows them.
    pub output: String,
}

/// One for each goal; for a lab of which nothing could be judged one that says why, worth all its goals. So the most
/// that can be had is the same for everybody.
pub fn tests(all: &[Judged]) -> Vec<Test> {
    let of_lab = |judged: &Judged| match judged {
        Judged { stopped: Some(line), .. } => vec![stopped(judged, line)],
        Judged { findings, lab, .. } => findings.iter().map(|one| goal(lab, one)).collect(),
    };
    all.iter().flat_map(of_lab).collect()
}

/// The points that `tests` have, and the most they can have.
pub fn total(tests: &[Test]) -> (u32, u32) {
    let sum = |points: fn(&Test) -> u32| tests.iter().map(points).sum();
    (sum(|test| test.score), sum(|test| test.max_score))
}

/// A grader's document, as it is written.
///
/// # Errors
/// [`crate::error::Error::Broken`] when it is no JSON.
pub fn written(document: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

fn goal(lab: &str, finding: &Finding) -> Test {
    let passed = finding.verdict == Verdict::Pass;
    let details = details::of(finding, true);
    let lines = [finding.claim.to_string()].into_iter();
    Test {
        name: format!("{lab}: {}", finding.check),
        passed,
        score: if passed { POINTS } else { 0 },
        max_score: POINTS,
        output: text(lines.chain(details.iter().map(ToString::to_string))),
    }
}

fn stopped(judged: &Judged, line: &str) -> Test {
    let candidates = judged.candidates.iter().flat_map(|one| one.lines("verify", judged.lab));
    Test {
        name: judged.lab.to_owned(),
        passed: false,
        score: 0,
        max_score: judged.goals * POINTS,
        output: text([line.to_owned()].into_iter().chain(candidates)),
    }
}

/// Plain text: what a terminal would obey was made visible, and the ends of lines are ours.
fn text(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| visible(&line)).collect::<Vec<_>>().join("\n")
}

//! A table for a person, one line a check.

use colored::Colorize;

use super::watch::was_lost;
use super::{Builder, Judged, details};
use crate::commands::candidates;
use crate::lab::finding::{Finding, Verdict};
use crate::labs;
use crate::stage::human::{debriefed, mark};
use crate::stage::layout;
use crate::text;
use crate::text::Text;

/// What came of one lab, as lines; where `explain`, with what was read of each claim.
pub fn lines(judged: &Judged, explain: bool) -> Vec<String> {
    let mut lines = vec![heading(judged)];
    let names = widest(judged);
    let by_hand = judged.by == Builder::Hand;
    lines.extend(judged.findings.iter().flat_map(|finding| match explain {
        true => explained(finding, names),
        false => line(finding, names, by_hand),
    }));
    let is_unmet = |finding: &Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Open);
    if by_hand && judged.findings.iter().any(is_unmet) {
        let lab = judged.lab;
        let more = text!("`lab hint {lab}` helps on", "막히면 `lab hint {lab}`");
        lines.push(format!("  {}", more.to_string().dimmed()));
    }
    if let Some(debrief) = judged.debrief {
        lines.push(String::new());
        lines.extend(debriefed(debrief));
        lines.extend(next(judged.lab));
    }
    if !judged.candidates.is_empty() {
        lines.extend(candidates::lines("verify", judged.lab, &judged.candidates));
    }
    if let Some(line) = &judged.stopped {
        lines.extend(reason(line));
    }
    lines.push(String::new());
    lines
}

/// What to do next in the course.
fn next(lab: &str) -> Vec<String> {
    let following = labs::all().skip_while(|it| it.id != lab).nth(1);
    let line = match following {
        Some(lab) => {
            let (id, title) = (lab.id, &lab.title);
            text!("Next: `lab {id}`, {title}.", "다음 실습: `lab {id}` ({title})")
        }
        None => Text::new(
            "That was the last lab of the course; `lab` shows what is still open.",
            "과정의 마지막 실습이었습니다. 남은 것은 `lab`에서 볼 수 있습니다.",
        ),
    };
    layout::wrap(&line.to_string(), layout::columns(), "", "  ")
}

/// The width of its checks' names.
pub fn widest(judged: &Judged) -> usize {
    judged.findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0)
}

/// Why there is no verdict.
pub fn reason(line: &str) -> Vec<String> {
    layout::wrap(line, layout::columns(), "  – ", "    ")
}

/// A finding in a line, or as few as its claim takes; whether it was proven before, and is `lost`.
pub fn brief(finding: &Finding, names: usize, lost: bool) -> Vec<String> {
    let mut lines = claim(finding, names);
    lines.extend(lost.then(|| format!("      {}", was_lost().to_string().red())));
    lines
}

/// All there is to say of a finding.
pub fn whole(finding: &Finding, names: usize, lost: bool) -> Vec<String> {
    let mut lines = line(finding, names, true);
    lines.extend(lost.then(|| format!("      {}", was_lost().to_string().red())));
    lines
}

/// Whose work it is.
pub fn heading(judged: &Judged) -> String {
    let by = match (judged.by, &judged.what) {
        (Builder::Lab, _) => Text::new("run by lab itself", "lab이 직접 실행"),
        (Builder::Hand, Some(what)) => text!("built by hand: {what}", "직접 만든 결과: {what}"),
        (Builder::Hand, None) => Text::new("built by hand", "직접 만든 결과"),
        (Builder::Nobody, _) => Text::new("not judged", "검증하지 않음"),
    };
    let heading = format!("{} ({by})", judged.lab);
    let lines = layout::wrap(&heading, layout::columns(), "", "  ").join("\n");
    lines.replacen(judged.lab, &judged.lab.bold().to_string(), 1)
}

/// The mark, the name and the claim.
fn claim(finding: &Finding, names: usize) -> Vec<String> {
    let mark = mark(finding.verdict);
    let hang = hang(names);
    let mut lines = layout::wrap(&finding.claim.to_string(), layout::columns(), &hang, &hang);
    if let Some(first) = lines.first_mut() {
        *first = format!("  {mark} {:names$}  {}", finding.check, first.trim_start());
    }
    lines
}

/// Where claims begin.
fn hang(names: usize) -> String {
    " ".repeat(4 + names + 2)
}

/// What was proven takes a line. What was not says what was seen and where; to a student also what to
/// look at.
fn line(finding: &Finding, names: usize, by_hand: bool) -> Vec<String> {
    let (columns, hang) = (layout::columns(), hang(names));
    let mut lines = claim(finding, names);
    // What was seen is the student's own work: shown to them where the line has room.
    if let (Verdict::Pass, true, Some(last)) = (finding.verdict, by_hand, lines.last_mut()) {
        let room = columns.saturating_sub(layout::width(last) + 2);
        let seen = finding.seen.to_string();
        if layout::width(&seen) <= room {
            *last = format!("{last}  {}", seen.dimmed());
        }
    }
    let deeper = format!("{hang}  ");
    for detail in details::of(finding, by_hand) {
        lines.extend(layout::wrap(&detail.to_string(), columns, &hang, &deeper));
    }
    lines
}

/// The claim with the file or call that was read, what it said, and the rule it was held against: for who wants to do the
/// same without us.
fn explained(finding: &Finding, names: usize) -> Vec<String> {
    let Finding { expected, seen, source, .. } = finding;
    let mut lines = claim(finding, names);
    let hang = hang(names);
    for part in [
        text!("read: {source}", "읽은 곳: {source}"),
        text!("said: {seen}", "나온 값: {seen}"),
        text!("rule: {expected}", "기준: {expected}"),
    ] {
        let deeper = format!("{hang}  ");
        lines.extend(layout::wrap(&part.to_string(), layout::columns(), &hang, &deeper));
    }
    lines
}

//! A table for a person, one line a check.

use colored::Colorize;

use super::{Builder, Judged, Named};
use crate::lab::check::{Finding, Verdict};
use crate::stage::layout;
use crate::stage::table::table;
use crate::text;
use crate::text::Text;

/// What came of one lab, as lines.
pub fn lines(judged: &Judged) -> Vec<String> {
    let mut lines = vec![heading(judged)];
    let names = judged.findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    let by_hand = judged.by == Builder::Hand;
    lines.extend(judged.findings.iter().flat_map(|finding| line(finding, names, by_hand)));
    if by_hand && judged.findings.iter().any(|finding| finding.verdict == Verdict::Fail) {
        let lab = judged.lab;
        let more = text!("`lab hint {lab}` helps on", "막히면 `lab hint {lab}`");
        lines.push(format!("  {}", more.to_string().dimmed()));
    }
    if !judged.candidates.is_empty() {
        lines.extend(candidates(&judged.candidates));
    }
    if let Some(line) = &judged.stopped {
        lines.extend(layout::wrap(line, layout::columns(), "  – ", "    "));
    }
    lines.push(String::new());
    lines
}

fn heading(judged: &Judged) -> String {
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

/// Of more than these, the likeliest are shown.
const SHOWN: usize = 12;

fn candidates(all: &[Named]) -> Vec<String> {
    let head = [
        Text::plain("--pid"),
        Text::plain("--dir"),
        Text::new("what", "내용"),
        Text::new("from", "출처"),
    ];
    let dash = || Text::plain("–");
    let rows: Vec<Vec<Text>> = all
        .iter()
        .take(SHOWN)
        .map(|one| {
            let pid = one.pid.map_or_else(dash, Text::plain);
            let dir = one.dir.as_ref().map_or_else(dash, Text::plain);
            vec![pid, dir, one.what.clone(), one.origin.clone()]
        })
        .collect();
    let shown = table(&head, &rows, layout::columns() - 2);
    let mut lines: Vec<String> = shown.iter().map(|line| format!("  {line}")).collect();
    if let Some(more) = all.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("  {}", text!("and {more} more", "그 밖에 {more}개")));
    }
    lines
}

/// What was proven takes a line. What was not says what was seen and where; to a student also what to
/// look at.
fn line(finding: &Finding, names: usize, by_hand: bool) -> Vec<String> {
    let Finding { claim, expected, seen, source, hint, .. } = finding;
    let (mark, details) = match finding.verdict {
        Verdict::Pass => ("✔".green(), Vec::new()),
        Verdict::Fail => {
            let mut details = vec![
                text!("expected: {expected}", "기대값: {expected}"),
                text!("seen: {seen} ({source})", "실제값: {seen} ({source})"),
            ];
            if by_hand {
                details.push(text!("look at: {hint}", "확인할 점: {hint}"));
            }
            ("✘".red(), details)
        }
        Verdict::Skip => ("–".yellow(), vec![text!("cannot be told: {seen}", "확인 불가: {seen}")]),
    };
    let hang = " ".repeat(4 + names + 2);
    let columns = layout::columns();
    let mut lines = layout::wrap(&claim.to_string(), columns, &hang, &hang);
    if let Some(first) = lines.first_mut() {
        *first = format!("  {mark} {:names$}  {}", finding.check, first.trim_start());
    }
    // What was seen is the student's own work: shown to them where the line has room.
    if let (Verdict::Pass, true, Some(last)) = (finding.verdict, by_hand, lines.last_mut()) {
        let room = columns.saturating_sub(layout::width(last) + 2);
        let seen = seen.to_string();
        if layout::width(&seen) <= room {
            *last = format!("{last}  {}", seen.dimmed());
        }
    }
    let deeper = format!("{hang}  ");
    for detail in details {
        lines.extend(layout::wrap(&detail.to_string(), columns, &hang, &deeper));
    }
    lines
}

//! A table for a person, one line a check.

use colored::Colorize;

use super::{Builder, Judged, details};
use crate::commands::candidates;
use crate::lab::finding::{Finding, Verdict};
use crate::stage::layout;
use crate::text;
use crate::text::Text;

/// What came of one lab, as lines.
pub fn lines(judged: &Judged) -> Vec<String> {
    let mut lines = vec![heading(judged)];
    let names = judged.findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    let by_hand = judged.by == Builder::Hand;
    lines.extend(judged.findings.iter().flat_map(|finding| line(finding, names, by_hand)));
    let is_unmet = |finding: &Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Open);
    if by_hand && judged.findings.iter().any(is_unmet) {
        let lab = judged.lab;
        let more = text!("`lab hint {lab}` helps on", "막히면 `lab hint {lab}`");
        lines.push(format!("  {}", more.to_string().dimmed()));
    }
    if !judged.candidates.is_empty() {
        lines.extend(candidates::lines("verify", judged.lab, &judged.candidates));
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

/// What was proven takes a line. What was not says what was seen and where; to a student also what to
/// look at.
fn line(finding: &Finding, names: usize, by_hand: bool) -> Vec<String> {
    let claim = &finding.claim;
    let mark = match finding.verdict {
        Verdict::Pass => "✔".green(),
        Verdict::Fail => "✘".red(),
        Verdict::Open => "○".yellow(),
        Verdict::Unknown => "–".yellow(),
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

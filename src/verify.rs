//! `lab verify`: the labs run unattended, and every claim is judged, one line each.

use colored::Colorize;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::lab::{Finding, Lab, Verdict};
use crate::scene::{self, Score};
use crate::stage::recorder::Recorder;
use crate::stage::{Format, layout, output};
use crate::text;
use crate::text::Text;

/// What came of one lab.
#[derive(Debug, Serialize)]
struct Judged {
    lab: &'static str,
    /// One for each check, by its last verdict.
    findings: Vec<Finding>,
    /// Why it could not run to its end, and what would mend that.
    stopped: Option<String>,
}

/// Runs each of `labs` and judges it; `false` when a check failed.
///
/// # Errors
/// [`Error::Unable`] when a lab could not run here and no check failed; [`Error::Interrupted`].
pub fn run(labs: &[&'static dyn Lab], format: Format) -> Result<bool> {
    let mut score = Score::default();
    let mut unable = None;
    for lab in labs {
        let (judged, error) = judge(*lab)?;
        judged.findings.iter().for_each(|finding| score.count(finding.verdict));
        unable = unable.or(error);
        show(&judged, format)?;
    }
    if format != Format::Json {
        let Score { passed, failed, skipped } = score;
        let line = text!(
            "{passed} proven, {failed} failed, {skipped} cannot be told",
            "증명 {passed}, 실패 {failed}, 알 수 없음 {skipped}"
        );
        output::lines([line.to_string()])?;
    }
    match unable {
        Some(error) if score.failed == 0 => Err(error),
        _ => Ok(score.failed == 0),
    }
}

fn judge(lab: &'static dyn Lab) -> Result<(Judged, Option<Error>)> {
    let mut recorder = Recorder::default();
    let error = match scene::play(lab, &mut recorder) {
        Ok(_) => None,
        Err(error @ Error::Interrupted(_)) => return Err(error),
        Err(error) => Some(error),
    };
    let findings = lab
        .checks()
        .iter()
        .filter_map(|check| recorder.findings.iter().rfind(|finding| finding.check == check.id))
        .cloned()
        .collect();
    let stopped = error.as_ref().map(Error::line);
    Ok((Judged { lab: lab.id(), findings, stopped }, error))
}

fn show(judged: &Judged, format: Format) -> Result<()> {
    if format == Format::Json {
        let json = serde_json::to_string(judged).map_err(|e| Error::Broken(e.to_string()))?;
        return output::lines([json]);
    }
    let by = Text::new("run by lab itself", "lab이 직접 실행");
    output::lines([format!("{} ({by})", judged.lab.bold())])?;
    let names = judged.findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    for finding in &judged.findings {
        output::lines(line(finding, names))?;
    }
    if let Some(line) = &judged.stopped {
        output::lines(layout::wrap(line, layout::columns(), "  – ", "    "))?;
    }
    output::lines([""])
}

fn line(finding: &Finding, names: usize) -> Vec<String> {
    let (mark, said) = match finding.verdict {
        Verdict::Pass => ("✔".green(), finding.claim.to_string()),
        Verdict::Fail => ("✘".red(), told(finding)),
        Verdict::Skip => ("–".yellow(), told(finding)),
    };
    let hang = " ".repeat(4 + names + 2);
    let mut lines = layout::wrap(&said, layout::columns(), &hang, &hang);
    if let Some(first) = lines.first_mut() {
        *first = format!("  {mark} {:names$}  {}", finding.check, first.trim_start());
    }
    lines
}

fn told(finding: &Finding) -> String {
    let Finding { claim, expected, seen, source, .. } = finding;
    text!(
        "{claim}: expected {expected}, seen {seen} ({source})",
        "{claim}: 기대 {expected}, 관찰 {seen} ({source})"
    )
    .to_string()
}

//! `lab verify LAB --watch`: judges again and again while the student types in another terminal. What changes is shown; what
//! was proven and is lost says so.

use std::time::Duration;

use colored::Colorize;
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::Serialize;

use super::{Builder, Judged, Whose, by_hand, human};
use crate::error::{CHECK_FAILED, Context, Error, Result};
use crate::interrupt;
use crate::lab::Lab;
use crate::lab::finding::{Finding, Verdict};
use crate::lab::goal::Wanted;
use crate::stage::{Format, output};
use crate::text::Text;

/// At most four times a second.
const SHORTEST: Duration = Duration::from_millis(250);
/// Looking takes at most this part of one processor: the pause after a look is so many times what that has cost.
const PAUSE_FOR_COST: u32 = 33;

/// Judges work by hand of `lab` until a signal ends it; the exit status of the last verdict.
///
/// # Errors
/// The output's; getrusage(2)'s.
pub fn run(lab: &'static Lab, wanted: &Wanted, format: Format) -> Result<u8> {
    let is_moving = format == Format::Human && output::is_terminal();
    let mut screen = Screen { is_moving, is_json: format == Format::Json, drawn: 0 };
    let mut last: Option<Judged> = None;
    loop {
        let before = spent()?;
        let judged = match look(lab, wanted) {
            Err(Error::Interrupted(_)) => break,
            other => other?,
        };
        if screen.show(last.as_ref(), &judged)? {
            judged.keep()?;
        }
        last = Some(judged);
        let cost = spent()?.saturating_sub(before);
        match interrupt::sleep(SHORTEST.max(cost * PAUSE_FOR_COST)) {
            Err(Error::Interrupted(_)) => break,
            other => other?,
        }
    }
    let is_proven = last.is_some_and(|judged| judged.by == Builder::Hand && judged.is_whole());
    Ok(if is_proven { 0 } else { CHECK_FAILED })
}

/// What is there now. That what was named has gone, or is not there yet, is no reason to look no more.
fn look(lab: &'static Lab, wanted: &Wanted) -> Result<Judged> {
    match by_hand(&[lab], Whose::ByHand, wanted, |error| !error.is_stop()) {
        Ok(mut all) => {
            let (judged, _) = all.pop().ok_or_else(|| Error::Broken("no verdict".to_owned()))?;
            Ok(judged)
        }
        Err(error) if error.is_stop() => Err(error),
        Err(error) => {
            Ok(Judged { stopped: Some(error.line()), ..Judged::new(lab, Builder::Nobody) })
        }
    }
}

/// The processor time that this process and its children have taken.
fn spent() -> Result<Duration> {
    let of = |usage: Usage| {
        let parts = [usage.user_time(), usage.system_time()];
        parts.iter().map(|part| Duration::from_micros(part.num_microseconds().unsigned_abs())).sum()
    };
    let usage = |who| getrusage(who).context("getrusage", "");
    let parts: [Duration; 2] =
        [of(usage(UsageWho::RUSAGE_SELF)?), of(usage(UsageWho::RUSAGE_CHILDREN)?)];
    Ok(parts.iter().sum())
}

/// One thing that has become otherwise, for a program.
#[derive(Serialize)]
struct Change<'a> {
    lab: &'a str,
    by: Builder,
    what: Option<&'a Text>,
    /// What became of a goal.
    finding: Option<&'a Finding>,
    /// Whether it was proven before.
    lost: bool,
    /// Why there is no verdict.
    stopped: Option<&'a str>,
}

/// Where it is shown.
struct Screen {
    /// Whether what was drawn is drawn over.
    is_moving: bool,
    is_json: bool,
    /// How many lines of it stand above the cursor.
    drawn: usize,
}

impl Screen {
    /// Shows what has changed; whether anything has.
    fn show(&mut self, last: Option<&Judged>, judged: &Judged) -> Result<bool> {
        let changed: Vec<&Finding> = judged
            .findings
            .iter()
            .filter(|now| verdict_of(last, now.check) != Some(now.verdict))
            .collect();
        let is_same_work = last.is_some_and(|last| {
            last.what == judged.what && last.stopped == judged.stopped && last.by == judged.by
        });
        if changed.is_empty() && is_same_work {
            return Ok(false);
        }
        let lost = |now: &Finding| {
            verdict_of(last, now.check) == Some(Verdict::Pass) && now.verdict != Verdict::Pass
        };
        if self.is_json {
            return output::lines(changes(judged, &changed, lost)?).map(|()| true);
        }
        if self.is_moving {
            return self.draw(judged, &changed, lost).map(|()| true);
        }
        let mut lines: Vec<String> = Vec::new();
        if !is_same_work {
            lines.push(human::heading(judged));
            lines.extend(judged.stopped.iter().map(|line| format!("  – {line}")));
        }
        let names = human::widest(judged);
        let brief = |now: &&Finding| human::brief(now, names, lost(now));
        lines.extend(changed.iter().flat_map(brief));
        output::lines(lines).map(|()| true)
    }

    /// All goals in place of those that were drawn before: a line each, and more about the first that is not met.
    fn draw(
        &mut self,
        judged: &Judged,
        changed: &[&Finding],
        lost: impl Fn(&Finding) -> bool,
    ) -> Result<()> {
        let is_lost = |now: &Finding| changed.iter().any(|it| it.check == now.check) && lost(now);
        let mut lines: Vec<String> = human::heading(judged).lines().map(str::to_owned).collect();
        let names = human::widest(judged);
        let first = judged.findings.iter().position(|now| now.verdict != Verdict::Pass);
        for (at, now) in judged.findings.iter().enumerate() {
            lines.extend(match first == Some(at) {
                true => human::whole(now, names, is_lost(now)),
                false => human::brief(now, names, is_lost(now)),
            });
        }
        lines.extend(judged.stopped.iter().flat_map(|line| human::reason(line)));
        let end = Text::new("watching; Ctrl-C ends it", "지켜보는 중. Ctrl-C로 끝냅니다");
        lines.push(end.to_string().dimmed().to_string());
        if self.drawn > 0 {
            // Up to where the last ones began, and erase to the end of the screen (ECMA-48 CPL, ED).
            output::write(&format!("\x1b[{}F\x1b[J", self.drawn))?;
        }
        self.drawn = lines.len();
        output::lines(lines)
    }
}

fn verdict_of(judged: Option<&Judged>, check: &str) -> Option<Verdict> {
    let mut findings = judged?.findings.iter();
    findings.find(|finding| finding.check == check).map(|finding| finding.verdict)
}

fn changes<'a>(
    judged: &'a Judged,
    changed: &[&'a Finding],
    lost: impl Fn(&Finding) -> bool,
) -> Result<Vec<String>> {
    let (lab, by, what) = (judged.lab, judged.by, judged.what.as_ref());
    let of = |finding: &'a Finding| {
        let (lost, finding) = (lost(finding), Some(finding));
        Change { lab, by, what, finding, lost, stopped: None }
    };
    let mut all: Vec<Change<'a>> = changed.iter().copied().map(of).collect();
    if let Some(stopped) = judged.stopped.as_deref() {
        all.push(Change { lab, by, what, finding: None, lost: false, stopped: Some(stopped) });
    }
    all.iter().map(|change| Ok(serde_json::to_string(change)?)).collect()
}

/// What a person is told of a claim that was proven and does not hold any more.
pub fn was_lost() -> Text {
    Text::new("was proven, and is lost", "통과했다가 깨졌습니다")
}

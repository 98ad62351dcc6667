//! `lab doctor`: what this machine can and cannot do, and what would mend it.

use nix::sys::utsname::uname;
use serde::Serialize;

use crate::error::{Context, Error, Result};
use crate::labs;
use crate::probe::need::Need;
use crate::stage::{Format, layout, output};
use crate::text::Text;

/// One need of one lab.
#[derive(Debug, Serialize)]
struct Line {
    lab: &'static str,
    need: Text,
    met: bool,
    reason: Option<Text>,
    mend: Option<Text>,
}

fn line(lab: &'static str, need: &Need) -> Line {
    let missing = need.missing();
    Line {
        lab,
        need: need.name(),
        met: missing.is_none(),
        reason: missing.as_ref().map(|missing| missing.reason.clone()),
        mend: missing.map(|missing| missing.mend),
    }
}

/// Shows it.
///
/// # Errors
/// The output's.
pub fn show(format: Format) -> Result<()> {
    let lines: Vec<Line> = labs::ALL
        .iter()
        .flat_map(|lab| lab.needs().iter().map(|need| line(lab.id(), need)))
        .collect();
    if format == Format::Json {
        let json = serde_json::to_string(&lines).map_err(|e| Error::Broken(e.to_string()))?;
        return output::lines([json]);
    }
    let system = uname().context("uname", "")?;
    let release = system.release().to_string_lossy().into_owned();
    let kernel = Text::new("Linux kernel", "리눅스 커널");
    let head =
        [Text::new("lab", "실습"), Text::new("needs", "필요한 것"), Text::new("here", "이 머신")];
    let rows: Vec<Vec<Text>> = lines
        .iter()
        .map(|line| {
            let here = match (&line.reason, &line.mend) {
                (Some(reason), Some(mend)) => Text::plain(format!("✘ {reason}. {mend}.")),
                _ => Text::plain("✔"),
            };
            vec![Text::plain(line.lab), line.need.clone(), here]
        })
        .collect();
    output::lines([format!("{kernel} {release}"), String::new()])?;
    output::lines(layout::table(&head, &rows, layout::columns()))
}

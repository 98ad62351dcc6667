//! `lab doctor`: what this machine can and cannot do, and what would mend it.

use nix::sys::utsname::uname;
use serde::Serialize;

use crate::error::{Context, Error, Result};
use crate::lab::Lab;
use crate::labs;
use crate::probe::missing::Missing;
use crate::probe::need::{Need, Privilege};
use crate::probe::surroundings::{self, Place};
use crate::stage::table::table;
use crate::stage::{Format, layout, output};
use crate::text::Text;

/// The machine's root.
const ROOT: &str = "/";

/// All of it, for a program.
#[derive(Debug, Serialize)]
struct Report {
    labs: Vec<Line>,
    machine: Vec<Place>,
}

/// Whether one lab can run, in one of the two ways.
#[derive(Debug, Serialize)]
struct Line {
    lab: &'static str,
    /// `root` or `rootless`.
    privilege: Privilege,
    can_run: bool,
    /// All that is missing.
    missing: Vec<Missing>,
}

fn line(lab: &'static Lab, privilege: Privilege) -> Line {
    let mut missing: Vec<Missing> = Vec::new();
    for need in lab.needs {
        missing.extend(need.missing(privilege));
        // The others cannot be told without them.
        if *need == Need::Capabilities && !missing.is_empty() {
            break;
        }
    }
    Line { lab: lab.id, privilege, can_run: missing.is_empty(), missing }
}

/// Shows it.
///
/// # Errors
/// The output's.
pub fn show(format: Format) -> Result<()> {
    let ways = [Privilege::Root, Privilege::Rootless];
    let lines: Vec<Line> = labs::all().flat_map(|lab| ways.map(|way| line(lab, way))).collect();
    if format == Format::Json {
        let json = serde_json::to_string(&Report {
            labs: lines,
            machine: surroundings::look(ROOT.as_ref()),
        })?;
        return output::lines([json]);
    }
    let system = uname().context("uname", "")?;
    let release = system.release().to_string_lossy().into_owned();
    let kernel = Text::new("Linux kernel", "리눅스 커널");
    let you = match Privilege::of_the_user() {
        Privilege::Root => Text::new("you are root", "지금은 root입니다"),
        Privilege::Rootless => Text::new("you are not root", "지금은 root가 아닙니다"),
    };
    let rows: Vec<Vec<Text>> = labs::all().map(|lab| row(lab.id, &lines)).collect();
    let head = [vec![Text::new("lab", "실습")], ways.map(Privilege::name).to_vec()].concat();
    output::lines([format!("{kernel} {release}, {you}")])?;
    for Place { what, .. } in surroundings::look(ROOT.as_ref()) {
        let line = what.to_string();
        output::lines(layout::wrap(&line, layout::columns(), "- ", "  "))?;
    }
    output::lines([String::new()])?;
    output::lines(table(&head, &rows, layout::columns()))?;
    output::lines(reasons(&lines))
}

fn row(lab: &'static str, lines: &[Line]) -> Vec<Text> {
    let marks = lines.iter().filter(|line| line.lab == lab);
    let marks = marks.map(|line| Text::plain(if line.can_run { "✔" } else { "✘" }));
    std::iter::once(Text::plain(lab)).chain(marks).collect()
}

/// What is missing, and what mends it: each once, with the labs that miss it.
fn reasons(lines: &[Line]) -> Vec<String> {
    let mut all: Vec<(String, Vec<&str>)> = Vec::new();
    for line in lines {
        let privilege = line.privilege.name();
        for Missing { reason, mend } in &line.missing {
            // Korean lines end with a full stop already.
            let why = Error::unable(reason.clone(), mend.clone()).line();
            let said = format!("{privilege}: {}.", why.trim_end_matches('.'));
            match all.iter_mut().find(|(known, _)| *known == said) {
                Some((_, labs)) => labs.push(line.lab),
                None => all.push((said, vec![line.lab])),
            }
        }
    }
    let columns = layout::columns();
    let paragraph = |(said, labs): &(String, Vec<&str>)| {
        let head = format!("✘ {}", labs.join(", "));
        [vec![String::new(), head], layout::wrap(said, columns, "  ", "  ")].concat()
    };
    all.iter().flat_map(paragraph).collect()
}

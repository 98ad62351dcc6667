//! `lab`: the course, each lab in a line, and a choice of one on a terminal.

use dialoguer::console::Term;
use dialoguer::{Select, theme::SimpleTheme};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::interrupt;
use crate::lab::Lab;
use crate::labs;
use crate::scene;
use crate::stage::keyboard::Keyboard;
use crate::stage::{self, Format, layout, output};
use crate::text::Text;

/// One line of the course.
#[derive(Debug, Serialize)]
struct Entry {
    lab: &'static str,
    title: Text,
    needs: Vec<Text>,
    /// Why it cannot run here; nothing when it can.
    missing: Option<Text>,
}

fn entry(lab: &dyn Lab) -> Entry {
    let missing = lab.needs().iter().find_map(|need| need.missing());
    Entry {
        lab: lab.id(),
        title: lab.title(),
        needs: lab.needs().iter().map(|need| need.name()).collect(),
        missing: missing.map(|missing| missing.reason),
    }
}

/// Shows the course; where `ask`, offers to start a lab. `false` when a check of that lab failed.
///
/// # Errors
/// The output's; the chosen lab's.
pub fn show(format: Format, ask: bool) -> Result<bool> {
    let entries: Vec<Entry> = labs::ALL.iter().map(|lab| entry(*lab)).collect();
    if format == Format::Json {
        let json = serde_json::to_string(&entries).map_err(|e| Error::Broken(e.to_string()))?;
        return output::lines([json]).map(|()| true);
    }
    let head = [Text::new("lab", "실습"), Text::new("about", "내용"), Text::new("here", "이 머신")];
    let rows: Vec<Vec<Text>> = entries
        .iter()
        .map(|entry| {
            let ready = Text::new("ready", "실행 가능");
            let here = entry.missing.clone().unwrap_or(ready);
            vec![Text::plain(entry.lab), entry.title.clone(), here]
        })
        .collect();
    output::lines(layout::table(&head, &rows, layout::columns()))?;
    let more = Text::new(
        "`lab chroot` starts the first; `lab --help` shows the rest.",
        "`lab chroot`로 첫 실습을 시작합니다. 나머지는 `lab --help`에 있습니다.",
    );
    output::lines([String::new(), more.to_string()])?;
    if !ask || !output::is_terminal() {
        return Ok(true);
    }
    interrupt::install()?;
    match choose()? {
        Some(lab) => scene::play(lab, stage::make(format, Keyboard::find()).as_mut())
            .map(|score| score.failed == 0),
        None => Ok(true),
    }
}

fn choose() -> Result<Option<&'static dyn Lab>> {
    let prompt = Text::new("Start one? (Esc: no)", "시작할 실습을 고르십시오 (Esc: 그만)");
    let names: Vec<&str> = labs::ALL.iter().map(|lab| lab.id()).collect();
    let choice = Select::with_theme(&SimpleTheme)
        .with_prompt(prompt.to_string())
        .items(&names)
        .default(0)
        .interact_on_opt(&Term::stdout());
    // Ctrl-C arrives as a signal, and Select leaves the cursor hidden then.
    let shown = Term::stdout().show_cursor();
    interrupt::check()?;
    let chosen = choice.map_err(|dialoguer::Error::IO(error)| Error::Broken(error.to_string()))?;
    shown.map_err(|error| Error::Broken(error.to_string()))?;
    Ok(chosen.and_then(|at| labs::ALL.get(at).copied()))
}

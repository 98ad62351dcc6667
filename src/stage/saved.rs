//! What was shown, kept as Markdown while another stage shows it.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::error::{Context, Error, Result};
use crate::lab::around::Try;
use crate::lab::check::Bar;
use crate::lab::debrief::Debrief;
use crate::lab::event::{Card, Event, Next, Pause, Stage, View};
use crate::lab::finding::Finding;
use crate::stage::table::table;
use crate::text;
use crate::text::{Text, visible};

/// A stage that also writes.
pub struct Saved<'a> {
    stage: &'a mut dyn Stage,
    file: File,
}

impl<'a> Saved<'a> {
    /// Writes into `path`, a file that must not be there yet: what is there is somebody's.
    ///
    /// # Errors
    /// [`Error::Usage`] where it is; open(2)'s.
    pub fn new(stage: &'a mut dyn Stage, path: &Path) -> Result<Saved<'a>> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let shown = visible(&path.to_string_lossy());
        if file.as_ref().is_err_and(|error| error.kind() == ErrorKind::AlreadyExists) {
            return Err(Error::usage(
                text!("{shown} is there already", "{shown}: 이미 있는 파일입니다"),
                Text::new("name another", "다른 이름을 지정하십시오"),
            ));
        }
        Ok(Saved { stage, file: file.context("open", shown)? })
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.file.write_all(text.as_bytes()).context("write", "--save")
    }
}

impl Stage for Saved<'_> {
    fn show(&mut self, event: &Event) -> Result<()> {
        self.stage.show(event)?;
        let text = markdown(event);
        self.write(&text)
    }

    fn pause(&mut self, pause: Pause) -> Result<Next> {
        self.stage.pause(pause)
    }

    fn ask(&mut self, card: Card) -> Result<Option<usize>> {
        let chosen = self.stage.ask(card)?;
        if let Some(answer) = chosen.and_then(|at| card.question.answers.get(at)) {
            let ask = &card.question.ask;
            let line =
                text!("> {ask}\n>\n> Predicted: {answer}\n\n", "> {ask}\n>\n> 예측: {answer}\n\n");
            self.write(&line.to_string())?;
        }
        Ok(chosen)
    }
}

fn markdown(event: &Event) -> String {
    match event {
        Event::LabStarted { lab, title, .. } => format!("# lab {lab}: {title}\n"),
        Event::StepStarted { number, title, why, met, .. } => {
            let why = why.to_string();
            format!("\n## {number}. {title}\n\n{}\n\n*{met}*\n\n", why.trim())
        }
        Event::Shell { command, .. } => format!("```sh\n{command}\n```\n\n"),
        Event::Observed { caption, view } => observed(caption, view),
        Event::Measured { bars, done: true, .. } => {
            let bar = |bar: &Bar| {
                format!(
                    "- {}: {:.1} % ({:.1} %)\n",
                    bar.name,
                    bar.share * 100.0,
                    bar.expected * 100.0
                )
            };
            format!("{}\n", bars.iter().map(bar).collect::<String>())
        }
        Event::Checked(finding) => checked(finding),
        Event::Answered { right, holds, .. } => {
            let line = match holds {
                true => text!("as predicted: {right}", "예측대로입니다: {right}"),
                false => text!("not as predicted: {right}", "예측과 다릅니다: {right}"),
            };
            format!("  - {line}\n")
        }
        Event::ShellOpened { place, tries } => shell_opened(place, tries),
        Event::Debriefed(debrief) => debriefed(debrief),
        Event::Complained { line } => format!("! {line}\n\n"),
        _ => String::new(),
    }
}

/// As a block in which nothing is Markdown: names in it may be anything.
fn observed(caption: &Text, view: &View) -> String {
    let lines: Vec<String> = match view {
        View::Lines(lines) => lines.iter().map(ToString::to_string).collect(),
        View::Table { head, rows } => table(head, rows, usize::MAX),
    };
    format!("{caption}\n\n```text\n{}\n```\n\n", lines.join("\n"))
}

fn checked(finding: &Finding) -> String {
    let Finding { claim, seen, source, .. } = finding;
    let mark = finding.verdict.mark();
    format!("- {mark} {claim}: {seen} ({source})\n")
}

fn shell_opened(place: &Text, tries: &[Try]) -> String {
    let tries = tries.iter().map(|it| format!("- `{}`: {}\n", it.command, it.what));
    format!("\n{place}\n\n{}\n", tries.collect::<String>())
}

fn debriefed(debrief: &Debrief) -> String {
    let Debrief { met, left_out, deeper } = debrief;
    let met = met.iter().map(|(place, what)| format!("- `{place}`: {what}\n"));
    format!("\n---\n\n{}\n{left_out}\n\n{deeper}\n", met.collect::<String>())
}

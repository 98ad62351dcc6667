//! `lab`: the course, each lab in a line, and a choice of one on a terminal.

use chrono::{DateTime, Local, Utc};
use dialoguer::console::Term;
use dialoguer::{Select, theme::SimpleTheme};
use serde::Serialize;

use crate::commands::progress::{self, Book, Watched};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::lab::goal::Goal;
use crate::lab::{Lab, Step, play};
use crate::labs::{self, Chapter};
use crate::probe::need::Privilege;
use crate::stage::keyboard::Keyboard;
use crate::stage::table::{grouped, table};
use crate::stage::{self, Format, layout, output};
use crate::text;
use crate::text::Text;

/// A choice is paged by the terminal's rows, and has no page of fewer.
const FEWEST_ROWS: u16 = 3;

/// One line of the course.
#[derive(Debug, Serialize)]
struct Entry {
    lab: &'static str,
    chapter: Text,
    title: Text,
    steps: Vec<StepEntry>,
    needs: Vec<Text>,
    /// When it was last watched to its end, and what was predicted then.
    watched: Option<Watched>,
    /// Why it cannot run here; nothing when it can.
    missing: Option<Text>,
    by_hand: ByHand,
}

/// One of its steps.
#[derive(Debug, Serialize)]
struct StepEntry {
    id: &'static str,
    title: Text,
}

impl StepEntry {
    fn of(step: &Step) -> StepEntry {
        StepEntry { id: step.id, title: step.title.clone() }
    }
}

/// How far somebody is with the exercise.
#[derive(Debug, Serialize)]
struct ByHand {
    /// Goals that were proven at some time.
    proven: usize,
    /// All goals.
    of: usize,
    /// When the last of them was.
    last: Option<DateTime<Utc>>,
}

impl ByHand {
    fn of(lab: &'static Lab, book: &Book) -> ByHand {
        let known = book.get(lab.id);
        let proven = |goal: &Goal| known.and_then(|one| one.proven.get(goal.check.id)).copied();
        let times: Vec<DateTime<Utc>> = lab.by_hand.goals.iter().filter_map(proven).collect();
        ByHand { proven: times.len(), of: lab.by_hand.goals.len(), last: times.into_iter().max() }
    }

    /// Whether every goal was proven at some time.
    fn is_whole(&self) -> bool {
        self.proven == self.of
    }

    /// Nothing before the first proof, the day once all is proven.
    fn shown(&self) -> Text {
        let ByHand { proven, of, last } = self;
        match last {
            None => Text::plain("–"),
            Some(last) if proven == of => {
                Text::plain(format!("✔ {}", last.with_timezone(&Local).format("%Y-%m-%d")))
            }
            Some(_) => text!("{proven} of {of}", "{of}개 중 {proven}개"),
        }
    }
}

/// What there is to do once all is done.
fn done() -> Text {
    Text::new(
        "All of it is proven by hand. `lab --help` shows what else there is.",
        "모든 실습을 직접 해서 통과했습니다. 나머지 기능은 `lab --help`에 있습니다.",
    )
}

impl Entry {
    /// A line of the table.
    fn row(&self, privilege: Privilege) -> Vec<Text> {
        let ready = match privilege {
            Privilege::Root => Text::new("ready", "실행 가능"),
            Privilege::Rootless => Text::new("ready, without root", "root 권한 없이 실행 가능"),
        };
        let here = self.missing.clone().unwrap_or(ready);
        let watched = match self.watched {
            None => Text::plain("–"),
            Some(Watched { asked: 0, .. }) => Text::plain("✔"),
            Some(Watched { predicted, asked, .. }) => {
                text!("✔ predicted {predicted}/{asked}", "✔ 예측 {predicted}/{asked}")
            }
        };
        let by_hand = self.by_hand.shown();
        vec![Text::plain(self.lab), self.title.clone(), watched, by_hand, here]
    }

    /// What to do next with it.
    fn what_next(&self) -> Text {
        let lab = self.lab;
        match (self.watched, self.by_hand.proven) {
            (None, 0) => text!(
                "Next: `lab {lab}` shows it; `lab --help` has the rest.",
                "다음: `lab {lab}`를 실행해 보십시오. 나머지는 `lab --help`에 있습니다."
            ),
            _ => text!(
                "Next: {lab} by hand. `lab guide {lab}` has the exercise, `lab verify {lab}` judges it.",
                "다음: {lab} 직접 하기. 과제는 `lab guide {lab}`, 검증은 `lab verify {lab}`입니다."
            ),
        }
    }
}

fn entry(chapter: &Chapter, lab: &'static Lab, privilege: Privilege, book: &Book) -> Entry {
    let missing = lab.needs.iter().find_map(|need| need.missing(privilege));
    Entry {
        lab: lab.id,
        chapter: chapter.title.clone(),
        title: lab.title.clone(),
        steps: lab.steps(privilege).map(StepEntry::of).collect(),
        needs: lab.needs.iter().map(|need| need.name()).collect(),
        watched: book.get(lab.id).and_then(|known| known.watched),
        missing: missing.map(|missing| missing.reason),
        by_hand: ByHand::of(lab, book),
    }
}

/// Shows the course; where `ask`, offers to start a lab. `false` when a check of that lab failed.
///
/// # Errors
/// The output's; the chosen lab's.
pub fn show(format: Format, privilege: Privilege, ask: bool) -> Result<bool> {
    let book = progress::read().unwrap_or_else(|error| {
        output::complain(&error);
        Book::new()
    });
    let entries = |chapter: &'static Chapter| {
        chapter.labs.iter().map(|lab| entry(chapter, lab, privilege, &book)).collect::<Vec<_>>()
    };
    if format == Format::Json {
        let entries: Vec<Entry> = labs::CHAPTERS.iter().flat_map(entries).collect();
        let json = serde_json::to_string(&entries)?;
        return output::lines([json]).map(|()| true);
    }
    let head = [
        Text::new("lab", "실습"),
        Text::new("about", "내용"),
        Text::new("watched", "보기"),
        Text::new("by hand", "직접 하기"),
        Text::new("here", "이 시스템"),
    ];
    let chapters: Vec<(Text, Vec<Entry>)> =
        labs::CHAPTERS.iter().map(|chapter| (chapter.title.clone(), entries(chapter))).collect();
    let groups: Vec<(Text, Vec<Vec<Text>>)> = chapters
        .iter()
        .map(|(title, labs)| (title.clone(), labs.iter().map(|it| it.row(privilege)).collect()))
        .collect();
    output::lines(grouped(&head, &groups, layout::columns()))?;
    let all: Vec<&Entry> = chapters.iter().flat_map(|(_, labs)| labs).collect();
    let next = all.iter().position(|entry| !entry.by_hand.is_whole());
    let more = next.and_then(|at| all.get(at)).map_or_else(done, |entry| entry.what_next());
    output::lines([String::new()])?;
    output::lines(layout::wrap(&more.to_string(), layout::columns(), "", ""))?;
    if !ask || !output::is_terminal() || Term::stdout().size().0 < FEWEST_ROWS {
        return Ok(true);
    }
    interrupt::install()?;
    match choose(next.unwrap_or_default())? {
        Some(lab) => {
            let mut stage = stage::make(format, Keyboard::find(), true);
            let score = play::play(lab, privilege, stage.as_mut(), play::FIRST)?;
            progress::keep_watched(lab.id, &score)?;
            Ok(score.failed == 0)
        }
        None => Ok(true),
    }
}

/// Lists the steps of `lab`, as `--from` takes them.
///
/// # Errors
/// The output's.
pub fn steps(lab: &'static Lab, format: Format, privilege: Privilege) -> Result<()> {
    if format == Format::Json {
        let steps: Vec<StepEntry> = lab.steps(privilege).map(StepEntry::of).collect();
        let json = serde_json::to_string(&steps)?;
        return output::lines([json]);
    }
    let row = |(at, step): (usize, &Step)| {
        vec![Text::plain(at + 1), Text::plain(step.id), step.title.clone()]
    };
    let rows: Vec<Vec<Text>> = lab.steps(privilege).enumerate().map(row).collect();
    let head = [Text::plain(""), Text::new("step", "단계"), Text::new("what happens", "내용")];
    output::lines(table(&head, &rows, layout::columns()))
}

/// `next` is what is offered first.
fn choose(next: usize) -> Result<Option<&'static Lab>> {
    let prompt = Text::new("Start one? (Esc: no)", "시작할 실습을 고르십시오 (Esc: 취소)");
    let names: Vec<&str> = labs::all().map(|lab| lab.id).collect();
    let choice = Select::with_theme(&SimpleTheme)
        .with_prompt(prompt.to_string())
        .items(&names)
        .default(next)
        .interact_on_opt(&Term::stdout());
    // Ctrl-C arrives as a signal, and Select leaves the cursor hidden then.
    let shown = Term::stdout().show_cursor();
    interrupt::check()?;
    let chosen = choice.map_err(|dialoguer::Error::IO(error)| Error::Broken(error.to_string()))?;
    shown.map_err(|error| Error::Broken(error.to_string()))?;
    Ok(chosen.and_then(|at| labs::all().nth(at)))
}

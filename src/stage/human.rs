//! For a person, on a terminal or in a file.

use colored::{ColoredString, Colorize};

use crate::error::Result;
use crate::lab::check::Bar;
use crate::lab::debrief::Debrief;
use crate::lab::event::{Card, Event, Next, Pause, Stage, View};
use crate::lab::finding::{Finding, Verdict};
use crate::stage::keyboard::{Key, Keyboard};
use crate::stage::table::table;
use crate::stage::{layout, output, prompt};
use crate::text;
use crate::text::Text;

/// Everything below a heading is set in by this.
pub const INDENT: &str = "  ";

/// Text for a person. Colour is colored's business: none in a pipe, none with `NO_COLOR`.
#[derive(Debug)]
pub struct Human {
    keyboard: Option<Keyboard>,
    /// Whether the reader is asked to predict.
    asks: bool,
    /// Whether a measurement's bars may move.
    moving: bool,
    /// How many lines of moving bars stand above the cursor.
    drawn: usize,
    lab: &'static str,
    /// Whether the last thing shown was a finding: an empty line parts findings from the rest.
    after_finding: bool,
    /// What came of the prediction for this step, until it is shown.
    answered: Option<String>,
}

impl Human {
    /// Pauses when `keyboard` is there, and then asks, where `asks`; draws over what it has drawn when `moving`.
    pub fn new(keyboard: Option<Keyboard>, moving: bool, asks: bool) -> Human {
        Human { keyboard, asks, moving, drawn: 0, lab: "", after_finding: false, answered: None }
    }

    fn bars(&mut self, caption: &Text, bars: &[Bar], done: bool) -> Result<()> {
        if !done && !self.moving {
            return Ok(());
        }
        let room = layout::columns() - 2 * INDENT.len();
        let mut lines = vec![String::new(), format!("{INDENT}{}", caption.to_string().dimmed())];
        lines.extend(layout::bars(bars, room).iter().map(|bar| format!("{INDENT}{}", bar.cyan())));
        if self.drawn > 0 {
            // Up to where the last ones began, and erase to the end of the screen (ECMA-48 CPL, ED).
            output::write(&format!("\x1b[{}F\x1b[J", self.drawn))?;
        }
        self.drawn = if done { 0 } else { lines.len() };
        output::lines(lines)
    }
}

impl Stage for Human {
    fn show(&mut self, event: &Event) -> Result<()> {
        let parted = matches!(event, Event::Checked(_)) && !self.after_finding;
        self.after_finding = matches!(event, Event::Checked(_));
        if parted {
            output::lines([""])?;
        }
        match event {
            Event::LabStarted { lab, title, .. } => {
                self.lab = lab;
                output::lines([format!("{}", title.to_string().bold())])
            }
            Event::Mended { undone } => output::lines(mended(undone)),
            Event::StepStarted { number, of, title, why, met, .. } => {
                output::lines(heading((self.lab, *number, *of), title, Some(met), why))
            }
            // Asked by [`Stage::ask`].
            Event::Asked { .. } => Ok(()),
            // With the keys, so that the step keeps its lines.
            Event::Answered { predicted, right, holds, .. } => {
                self.answered = Some(prompt::answered(predicted, right, *holds));
                Ok(())
            }
            Event::Shell { command, .. } => output::lines(shell(command)),
            Event::Observed { caption, view } => output::lines(observed(caption, view)),
            Event::Measured { caption, bars, done } => self.bars(caption, bars, *done),
            Event::Checked(finding) => output::lines(checked(finding)),
            Event::Complained { line } => {
                let line = format!("! {line}");
                output::lines(layout::wrap(&line, layout::columns(), INDENT, INDENT))
            }
            Event::ShellOpened { place, tries } => {
                output::lines(prompt::shell_opened(place, tries))
            }
            Event::ShellLeft { broken } => output::lines(prompt::shell_left(broken)),
            Event::Paused { .. } => Ok(()),
            Event::Debriefed(debrief) => {
                output::lines([String::new(), "─".repeat(layout::columns()).dimmed().to_string()])?;
                output::lines(debriefed(debrief))
            }
            Event::LabFinished {
                lab,
                passed,
                failed,
                failed_checks,
                unknown,
                predicted,
                asked,
                undone,
            } => {
                let score = text!(
                    "lab {lab}: {passed} proven, {failed} failed, {unknown} cannot be told. Undone: {undone}; nothing is left.",
                    "lab {lab}: 통과 {passed}, 실패 {failed}, 확인 불가 {unknown}. 되돌린 변경 {undone}건, 남은 것은 없습니다.",
                );
                let foretold = (*asked > 0).then(|| {
                    text!(
                        "Predicted: {predicted} of {asked}.",
                        "예측: {asked}개 중 {predicted}개 적중."
                    )
                });
                let attended = self.keyboard.is_some();
                output::lines(finished(lab, [Some(score), foretold], failed_checks, attended))
            }
        }
    }

    fn ask(&mut self, card: Card) -> Result<Option<usize>> {
        let Some(keyboard) = self.keyboard.as_ref().filter(|_| self.asks) else { return Ok(None) };
        let listening = keyboard.listen()?;
        let Card { number, of, title, question } = card;
        let mut lines = heading((self.lab, number, of), title, None, &question.ask);
        lines.extend(prompt::answers(question));
        output::lines(lines)?;
        let last = question.answers.len();
        output::write(&format!("\n{} ", prompt::choices(last).reversed()))?;
        let chosen = listening.choice(last)?;
        output::lines([""])?;
        Ok(chosen)
    }

    fn pause(&mut self, pause: Pause) -> Result<Next> {
        let Some(keyboard) = &self.keyboard else {
            return Ok(Next::Continue);
        };
        // Before the keys are shown: what was typed until now is thrown away.
        let listening = keyboard.listen()?;
        // It takes the place of the empty line before the keys.
        output::write(&self.answered.take().unwrap_or_default())?;
        loop {
            output::write(&format!("\n{} ", prompt::keys(pause).reversed()))?;
            let key = listening.key(pause)?;
            output::lines([""])?;
            match key {
                Key::Next(next) => return Ok(next),
                Key::Help => output::lines(prompt::all_keys(pause))?,
                Key::Unknown => output::lines([prompt::unknown_key(pause).to_string()])?,
            }
        }
    }
}

/// The top of a step: where in which lab it is, what happens and where that is `met`, and `text`.
fn heading(
    (lab, number, of): (&str, usize, usize),
    title: &Text,
    met: Option<&Text>,
    text: &Text,
) -> Vec<String> {
    let columns = layout::columns();
    let name = format!("lab {lab}");
    let step = text!("step {number} of {of}", "{of}단계 중 {number}단계").to_string();
    let gap = columns.saturating_sub(layout::width(&name) + layout::width(&step)).max(1);
    let mut lines = vec![
        String::new(),
        format!("{}{}{}", name.bold(), " ".repeat(gap), step.dimmed()),
        format!("{}", "─".repeat(columns).dimmed()),
    ];
    lines.extend(titled(&title.to_string(), met, columns));
    lines.push(String::new());
    lines.extend(layout::wrap(&text.to_string(), columns - INDENT.len(), INDENT, INDENT));
    lines
}

/// A title, and at the right where that is met; below, where there is no room.
fn titled(title: &str, met: Option<&Text>, columns: usize) -> Vec<String> {
    let Some(met) = met.map(Text::to_string) else { return vec![title.bold().to_string()] };
    match columns.saturating_sub(layout::width(title) + layout::width(&met)) {
        0 => vec![title.bold().to_string(), met.dimmed().to_string()],
        gap => vec![format!("{}{}{}", title.bold(), " ".repeat(gap), met.dimmed())],
    }
}

/// A line that begins with a space belongs to the command above it, and has no prompt of its own.
fn shell(command: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for line in command.lines() {
        let prompt = if line.starts_with(' ') { "  " } else { "  $ " };
        lines.push(format!("{prompt}{}", line.green()));
    }
    lines
}

fn observed(caption: &Text, view: &View) -> Vec<String> {
    let room = layout::columns() - 2 * INDENT.len();
    let caption = caption.to_string();
    let mut lines = vec![String::new()];
    if !caption.is_empty() {
        lines.extend(
            layout::wrap(&caption, room, INDENT, INDENT).iter().map(|l| l.dimmed().to_string()),
        );
    }
    match view {
        View::Lines(all) => lines.extend(printed(all, room)),
        View::Table { head, rows } => {
            lines.extend(table(head, rows, room).iter().map(|line| format!("{INDENT}{line}")));
        }
    }
    lines
}

/// Left as it is, spaces and all, but where a line does not fit. Half a drawing shows nothing.
fn printed(all: &[Text], room: usize) -> Vec<String> {
    let indent = INDENT.repeat(2);
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    let widest = all.iter().map(|line| layout::width(line)).max().unwrap_or_default();
    if widest > room
        && all.iter().any(|line| line.contains(|c| matches!(c, '\u{2500}'..='\u{257f}')))
    {
        let needs = widest + 2 * INDENT.len();
        let line = text!("(a drawing, for {needs} columns)", "(그림: 터미널 너비 {needs}칸 필요)");
        return vec![format!("{indent}{}", line.to_string().dimmed())];
    }
    let fit = |line: &String| match layout::width(line) <= room {
        true => vec![format!("{indent}{line}")],
        false => layout::wrap(line, room, &indent, &indent),
    };
    all.iter().flat_map(fit).collect()
}

/// A verdict's mark, in its colour.
pub fn mark(verdict: Verdict) -> ColoredString {
    let mark = verdict.mark();
    match verdict {
        Verdict::Pass => mark.green(),
        Verdict::Fail => mark.red(),
        Verdict::Open | Verdict::Unknown => mark.yellow(),
    }
}

fn checked(finding: &Finding) -> Vec<String> {
    let columns = layout::columns();
    let Finding { claim, expected, seen, source, hint, .. } = finding;
    let mark = mark(finding.verdict);
    let mut lines = layout::wrap(&claim.to_string(), columns, "    ", "    ");
    if let Some(first) = lines.first_mut() {
        *first = format!("{INDENT}{mark} {}", first.trim_start());
    }
    let detail = |label: Text, value: &str| {
        layout::wrap(&format!("{label}{value}"), columns - INDENT.len(), "      ", "        ")
    };
    let proof = format!("{seen} · {source}");
    match finding.verdict {
        Verdict::Pass => {
            let claimed = lines.last().map_or(0, |line| layout::width(line));
            match lines.last_mut() {
                Some(last) if claimed + 2 + layout::width(&proof) <= columns => {
                    *last = format!("{last}  {}", proof.dimmed());
                }
                _ => lines.extend(
                    detail(Text::plain(""), &proof).iter().map(|line| line.dimmed().to_string()),
                ),
            }
        }
        Verdict::Unknown => {
            lines.extend(detail(Text::new("cannot be told: ", "확인 불가: "), &proof));
        }
        Verdict::Open => {
            lines.extend(detail(Text::new("to do: ", "할 일: "), &hint.to_string()));
        }
        Verdict::Fail => {
            lines.extend(detail(Text::new("expected: ", "기대값: "), &expected.to_string()));
            lines.extend(detail(Text::new("seen: ", "실제값: "), &seen.to_string()));
            lines.extend(detail(Text::new("from: ", "확인한 곳: "), source));
            lines.extend(detail(Text::new("look at: ", "확인할 점: "), &hint.to_string()));
        }
    }
    lines
}

fn mended(undone: &[Text]) -> Vec<String> {
    let head = Text::new(
        "An earlier run was killed; what it had left is gone now:",
        "강제 종료된 이전 실행이 남긴 것을 정리했습니다:",
    );
    let mut lines = vec![head.to_string()];
    lines.extend(undone.iter().map(|what| format!("{INDENT}{what}")));
    lines.push(String::new());
    lines
}

/// Where what was proven is met again, what was left out, and a question to try.
pub fn debriefed(debrief: &Debrief) -> Vec<String> {
    let columns = layout::columns();
    let met = Text::new("Where you meet this again:", "이 내용을 다시 만나는 곳:");
    let mut lines = vec![met.to_string()];
    for (word, what) in debrief.met {
        let line = format!("{}: {what}", word.cyan());
        lines.extend(layout::wrap(&line, columns, "  ", "    "));
    }
    let (left_out, deeper) = (&debrief.left_out, &debrief.deeper);
    for line in [
        text!("Left out: {left_out}.", "{left_out}."),
        text!("To try: {deeper}", "해 볼 것: {deeper}"),
    ] {
        lines.extend(layout::wrap(&line.to_string(), columns, "", "  "));
    }
    lines
}

/// The last lines. Who sits there may have broken on purpose what failed.
fn finished(lab: &str, scores: [Option<Text>; 2], failed: &[&str], attended: bool) -> Vec<String> {
    let failed = failed.join(", ");
    let failures = text!("Failed at the last look: {failed}.", "마지막 검사에서 실패: {failed}.");
    let mend = Text::new(
        "What you broke on purpose: mend it and press r before you go on, and it is proven.",
        "일부러 망가뜨린 것은 다음 단계로 가기 전에 고치고 r을 누르면 다시 통과합니다.",
    );
    let next = text!(
        "Now by hand: `lab guide {lab}` has the exercise, `lab verify {lab}` judges it.",
        "이제 직접 해 보십시오. 과제는 `lab guide {lab}`, 검증은 `lab verify {lab}`입니다.",
    );
    let mut said: Vec<Text> = scores.into_iter().flatten().collect();
    if !failed.is_empty() {
        said.push(failures);
        said.extend(attended.then_some(mend));
    }
    said.push(next);
    let mut lines = vec![String::new(), format!("{}", "─".repeat(layout::columns()).dimmed())];
    lines.extend(
        said.iter().flat_map(|text| layout::wrap(&text.to_string(), layout::columns(), "", "")),
    );
    lines
}

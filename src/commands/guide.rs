//! `lab guide LAB`: the handout, from the binary, laid out for a terminal.

use colored::Colorize;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::probe::cgroup::Cpu;
use crate::probe::need::Privilege;
use crate::stage::{layout, pager};
use crate::text;
use crate::text::Language;

/// What of a handout is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// For every reader, not for this one alone.
    pub all: bool,
    /// One of its numbered parts.
    pub part: Option<usize>,
    /// The answers to its questions instead.
    pub answers: bool,
}

/// Shows the handout of `lab`, in the language of this run; on a terminal that it does not fit, page by page.
///
/// # Errors
/// [`Error::Usage`] for a part that it does not have; the output's.
pub fn show(lab: &'static Lab, asked: &Asked) -> Result<()> {
    let text = if asked.answers { &lab.answers } else { &lab.handout };
    let text = text.in_language(Language::current());
    let text = match asked.part {
        None => text,
        Some(number) => part(text, number).ok_or_else(|| {
            let name = lab.id;
            Error::usage(
                text!("no part {number}", "{number}번 항목이 없습니다"),
                text!(
                    "`lab guide {name}` shows them all",
                    "`lab guide {name}`로 전체를 볼 수 있습니다"
                ),
            )
        })?,
    };
    let reader = (!asked.all).then(Reader::look).transpose()?;
    pager::show(&render(text, layout::columns(), reader.as_ref()))
}

/// The numbered part `number` of a handout: up to the next number, or the next heading.
fn part(markdown: &str, number: usize) -> Option<&str> {
    let mark = format!("{number}. ");
    let begins = |line: &str| {
        let digits = line.chars().take_while(char::is_ascii_digit).count();
        line.starts_with('#')
            || (digits > 0 && line.get(digits..).is_some_and(|it| it.starts_with(". ")))
    };
    let mut at = 0;
    let mut start = None;
    for line in markdown.split_inclusive('\n') {
        match start {
            None if line.starts_with(&mark) => start = Some(at),
            Some(start) if begins(line) => return markdown.get(start..at),
            _ => {}
        }
        at += line.len();
    }
    markdown.get(start?..)
}

/// For whom a block of commands is: as root or not, with control groups v1 or v2. A handout marks those blocks that are not
/// for everybody.
struct Reader {
    others: Vec<&'static str>,
}

impl Reader {
    fn look() -> Result<Reader> {
        let user = match Privilege::of_the_user() {
            Privilege::Root => "rootless",
            Privilege::Rootless => "root",
        };
        let version = Cpu::find()?.map(|cpu| match cpu {
            Cpu::V1 { .. } => "v2",
            Cpu::V2 { .. } => "v1",
        });
        Ok(Reader { others: std::iter::once(user).chain(version).collect() })
    }

    fn is_meant(&self, info: &str) -> bool {
        info.split_whitespace().all(|word| !self.others.contains(&word))
    }
}

/// Markdown as lines of at most `columns`: headings, paragraphs, lists, and code as it stands; what is for other readers
/// than `reader` is left out, with the paragraph that leads to it.
fn render(markdown: &str, columns: usize, reader: Option<&Reader>) -> Vec<String> {
    let mut page = Page {
        lines: Vec::new(),
        text: String::new(),
        code: None,
        items: Vec::new(),
        columns,
        reader,
        paragraph: None,
    };
    for event in Parser::new(markdown) {
        page.take(event);
    }
    page.lines
}

/// What is laid out so far.
struct Page<'a> {
    lines: Vec<String>,
    /// The paragraph, the heading or the code that is being read.
    text: String,
    /// Inside a code block: what it is.
    code: Option<Code>,
    /// The lists that we are in: the next number of each, none for bullets.
    items: Vec<Option<u64>>,
    columns: usize,
    reader: Option<&'a Reader>,
    /// Where the paragraph begins that was laid out last, until anything follows it.
    paragraph: Option<usize>,
}

/// A code block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    /// Something to type.
    Typed,
    /// What is printed.
    Printed,
    /// Something for other readers.
    ForOthers,
}

impl Page<'_> {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) => self.text.push_str(&text),
            Event::Code(code) => self.text.push_str(&inline(&code)),
            Event::SoftBreak | Event::HardBreak => self.text.push(' '),
            Event::Start(tag) => self.begin(&tag),
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::CodeBlock(kind) => {
                self.flush();
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.as_ref(),
                    CodeBlockKind::Indented => "",
                };
                let is_meant = self.reader.is_none_or(|reader| reader.is_meant(info));
                self.code = Some(match (is_meant, info.starts_with("sh")) {
                    (false, _) => Code::ForOthers,
                    (true, true) => Code::Typed,
                    (true, false) => Code::Printed,
                });
            }
            Tag::List(first) => {
                self.flush();
                self.part();
                self.items.push(*first);
            }
            Tag::Paragraph | Tag::Heading { .. } | Tag::Item => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.flush(),
            TagEnd::Heading(level) => self.heading(level),
            TagEnd::Item => {
                self.flush();
                if let Some(Some(number)) = self.items.last_mut() {
                    *number += 1;
                }
            }
            TagEnd::List(_) => {
                self.items.pop();
            }
            TagEnd::CodeBlock => self.code_block(),
            _ => {}
        }
    }

    /// Lays out the paragraph that was read, under its bullet or number.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            return;
        }
        let first = match self.items.last() {
            None => String::new(),
            Some(None) => "  - ".to_owned(),
            Some(Some(number)) => format!("  {number}. "),
        };
        if self.items.is_empty() {
            self.part();
        }
        let rest = " ".repeat(first.len());
        self.paragraph = self.items.is_empty().then_some(self.lines.len());
        self.lines.extend(layout::wrap(&text, self.columns, &first, &rest));
    }

    fn heading(&mut self, level: HeadingLevel) {
        let text = std::mem::take(&mut self.text);
        self.part();
        self.lines.push(text.bold().to_string());
        if level == HeadingLevel::H1 {
            self.lines.push("─".repeat(self.columns).dimmed().to_string());
        }
    }

    /// Code is neither wrapped nor coloured in part: it is to be copied.
    fn code_block(&mut self) {
        let code = self.code.take();
        let text = std::mem::take(&mut self.text);
        let led_by = self.paragraph.take();
        if code == Some(Code::ForOthers) {
            self.lines.truncate(led_by.unwrap_or(self.lines.len()));
            return;
        }
        self.part();
        for line in text.lines() {
            let line = format!("    {line}");
            self.lines.push(if code == Some(Code::Typed) {
                line.green().to_string()
            } else {
                line
            });
        }
    }

    /// An empty line, but for the first thing on the page.
    fn part(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }
}

/// Code within a line: coloured where there is colour, marked where there is none.
fn inline(code: &str) -> String {
    match colored::control::SHOULD_COLORIZE.should_colorize() {
        true => code.cyan().to_string(),
        false => format!("`{code}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_flow_code_stands_and_lists_hang() {
        let page = render("# A\n\none\ntwo\n\n```sh\nls  -l\n```\n\n1. x\n2. y `z`\n", 20, None);
        let rule = "─".repeat(20);
        let expected = ["A", &rule, "", "one two", "", "    ls  -l", "", "  1. x", "  2. y `z`"];
        assert_eq!(page, expected);
    }

    #[test]
    fn what_is_for_others_is_left_out_with_what_leads_to_it() {
        let reader = Reader { others: vec!["root", "v1"] };
        let handout = "All:\n\nAs root:\n\n```sh root\na\n```\n\nWithout:\n\n```sh v2 rootless\nb\n```\n\nEnd.\n";
        let page = render(handout, 40, Some(&reader));
        assert_eq!(page, ["All:", "", "Without:", "", "    b", "", "End."]);
    }

    #[test]
    fn a_part_ends_where_the_next_begins() {
        let handout = "# A\n\n1. one\n\n```sh\nx\n```\n\n2. two\n\nmore\n\n## B\n\n3 files\n";
        assert_eq!(part(handout, 1), Some("1. one\n\n```sh\nx\n```\n\n"));
        assert_eq!(part(handout, 2), Some("2. two\n\nmore\n\n"));
        assert_eq!(part(handout, 3), None);
    }
}

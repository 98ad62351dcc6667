//! `lab guide LAB`: the handout, from the binary, laid out for a terminal.

use colored::Colorize;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::error::Result;
use crate::lab::Lab;
use crate::stage::{layout, output};
use crate::text::Language;

/// Prints the handout of `lab`, in the language of this run.
///
/// # Errors
/// The output's.
pub fn show(lab: &'static Lab) -> Result<()> {
    let handout = &lab.handout;
    output::lines(render(handout.in_language(Language::current()), layout::columns()))
}

/// Markdown as lines of at most `columns`: headings, paragraphs, lists, and code as it stands.
fn render(markdown: &str, columns: usize) -> Vec<String> {
    let mut page =
        Page { lines: Vec::new(), text: String::new(), code: None, items: Vec::new(), columns };
    for event in Parser::new(markdown) {
        page.take(event);
    }
    page.lines
}

/// What is laid out so far.
struct Page {
    lines: Vec<String>,
    /// The paragraph, the heading or the code that is being read.
    text: String,
    /// Inside a code block: whether it is something to type.
    code: Option<bool>,
    /// The lists that we are in: the next number of each, none for bullets.
    items: Vec<Option<u64>>,
    columns: usize,
}

impl Page {
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
                let typed = matches!(kind, CodeBlockKind::Fenced(info) if info.starts_with("sh"));
                self.code = Some(typed);
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
        let typed = self.code.take().unwrap_or_default();
        let text = std::mem::take(&mut self.text);
        self.part();
        for line in text.lines() {
            let line = format!("    {line}");
            self.lines.push(if typed { line.green().to_string() } else { line });
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
        let page = render("# A\n\none\ntwo\n\n```sh\nls  -l\n```\n\n1. x\n2. y `z`\n", 20);
        let rule = "─".repeat(20);
        let expected = ["A", &rule, "", "one two", "", "    ls  -l", "", "  1. x", "  2. y `z`"];
        assert_eq!(page, expected);
    }
}

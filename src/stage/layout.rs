//! Lines for a screen: wrapped, in columns, with Korean letters counted as the two columns they
//! take.

use dialoguer::console::{Term, measure_text_width};
use textwrap::{Options, WordSeparator, WordSplitter};

use crate::lab::check::Bar;

/// Wider than this is hard to read.
const WIDEST: usize = 100;
/// Narrower than this nothing fits.
const NARROWEST: usize = 40;
/// What is assumed where there is no terminal.
const USUAL: usize = 80;

/// How many columns there are.
pub fn columns() -> usize {
    columns_of(&Term::stdout()).unwrap_or(USUAL)
}

/// How many columns `terminal` has, if it is one.
pub fn columns_of(terminal: &Term) -> Option<usize> {
    let (_, columns) = terminal.size_checked()?;
    Some(usize::from(columns).clamp(NARROWEST, WIDEST))
}

/// How many columns `text` takes; colour takes none.
pub fn width(text: &str) -> usize {
    measure_text_width(text)
}

/// `text` as lines of at most `columns`, the first after `first`, the others after `rest`. Lines
/// of a paragraph flow together; an empty line parts paragraphs. Words are parted at spaces only,
/// in Korean too.
pub fn wrap(text: &str, columns: usize, first: &str, rest: &str) -> Vec<String> {
    let options = Options::new(columns)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .initial_indent(first)
        .subsequent_indent(rest);
    let paragraphs: Vec<String> = text
        .trim()
        .split("\n\n")
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let mut lines = Vec::new();
    for paragraph in &paragraphs {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let indent = if lines.is_empty() { first } else { rest };
        lines.extend(
            textwrap::wrap(paragraph, options.clone().initial_indent(indent))
                .into_iter()
                .map(|line| line.trim_end().to_owned()),
        );
    }
    lines
}

/// A bar for each of those that compete, in at most `columns`: what was measured, and (after `|`)
/// what the arithmetic says.
pub fn bars(bars: &[Bar], columns: usize) -> Vec<String> {
    const FIGURES: usize = "  100.0 %  (100.0 %)".len();
    let names = bars.iter().map(|bar| width(&bar.name)).max().unwrap_or_default();
    let room = columns.saturating_sub(names + 2 + FIGURES).max(10);
    bars.iter()
        .map(|bar| {
            let pad = " ".repeat(names - width(&bar.name));
            let filled = scaled(bar.share, room);
            let drawn = format!("{}{}", "█".repeat(filled), "░".repeat(room - filled));
            let (share, expected) = (bar.share * 100.0, bar.expected * 100.0);
            format!("{}{pad}  {drawn}  {share:5.1} %  ({expected:.1} %)", bar.name)
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
fn scaled(share: f64, room: usize) -> usize {
    // Clamped to 0..=room first, so that the conversion back is exact.
    (share.clamp(0.0, 1.0) * room as f64).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_letters_are_two_columns_wide() {
        let lines = wrap("가나다라 마바사아 자차카타", 20, "  ", "  ");
        assert!(lines.iter().all(|line| width(line) <= 20), "{lines:?}");
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_paragraph_flows_and_an_empty_line_parts() {
        assert_eq!(wrap("one\ntwo\n\nthree", 40, "", ""), ["one two", "", "three"]);
    }

    #[test]
    fn bars_stay_within_their_columns() {
        let bar = Bar { name: "절반".to_owned(), share: 1.2, expected: 1.0 };
        assert_eq!(width(&bars(&[bar], 60)[0]), 60);
    }
}

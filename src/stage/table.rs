//! Rows and columns, or a list where these do not fit.

use colored::Colorize;
use tabled::builder::Builder;
use tabled::settings::{Padding, Style};

use crate::stage::layout::{width, wrap};
use crate::text::Text;

/// Cells are so far apart.
const GAP: usize = 3;
/// No column is made narrower than this to make room for others.
const NARROW: usize = 12;

/// A table as lines of at most `columns`: the head, then the rows. Cells are wrapped between words; where
/// even that does not make it fit, each row becomes an entry of a list.
pub fn table(head: &[Text], rows: &[Vec<Text>], columns: usize) -> Vec<String> {
    let spoken = |row: &[Text]| row.iter().map(ToString::to_string).collect::<Vec<String>>();
    let head = spoken(head);
    let rows: Vec<Vec<String>> = rows.iter().map(|row| spoken(row)).collect();
    let Some(widths) = widths(&head, &rows, columns) else {
        return rows.iter().flat_map(|row| entry(&head, row, columns)).collect();
    };
    let mut lines = line_up(std::iter::once(&head).chain(&rows), &widths);
    let height = head.iter().zip(&widths).map(|(title, width)| wrap(title, *width, "", "").len());
    let height = height.max().unwrap_or_default();
    lines.iter_mut().take(height).for_each(|line| *line = line.dimmed().to_string());
    lines
}

/// A table whose rows are in groups, each below its heading.
pub fn grouped(head: &[Text], groups: &[(Text, Vec<Vec<Text>>)], columns: usize) -> Vec<String> {
    let spoken = |row: &[Text]| row.iter().map(ToString::to_string).collect::<Vec<String>>();
    let head = spoken(head);
    let rows: Vec<Vec<String>> =
        groups.iter().flat_map(|(_, rows)| rows.iter().map(|row| spoken(row))).collect();
    let title = |title: &Text| title.to_string().bold().to_string();
    let Some(widths) = widths(&head, &rows, columns) else {
        let mut rows = rows.iter();
        let group = |(heading, of): &(Text, Vec<Vec<Text>>)| {
            let entries = rows.by_ref().take(of.len()).flat_map(|row| entry(&head, row, columns));
            std::iter::once(title(heading)).chain(entries).collect::<Vec<String>>()
        };
        return groups.iter().flat_map(group).collect();
    };
    let height = |row: &Vec<String>| {
        let heights = row.iter().zip(&widths).map(|(cell, width)| wrap(cell, *width, "", "").len());
        heights.max().unwrap_or_default()
    };
    let mut all = line_up(std::iter::once(&head).chain(&rows), &widths).into_iter();
    let top = all.by_ref().take(height(&head)).map(|line| line.dimmed().to_string());
    let mut lines: Vec<String> = top.collect();
    let mut rows = rows.iter();
    for (heading, of) in groups {
        lines.push(title(heading));
        let heights: usize = rows.by_ref().take(of.len()).map(height).sum();
        lines.extend(all.by_ref().take(heights));
    }
    lines
}

/// The width of each column; none where no word may be broken and it does not fit so.
fn widths(head: &[String], rows: &[Vec<String>], columns: usize) -> Option<Vec<usize>> {
    let most = |at: usize, measure: fn(&str) -> usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).chain(head.get(at));
        cells.map(|cell| measure(cell)).max().unwrap_or_default()
    };
    let least = |cell: &str| {
        let word = cell.split_whitespace().map(width).max().unwrap_or_default();
        word.max(width(cell).min(NARROW))
    };
    let mut widths: Vec<(usize, usize)> =
        (0..head.len()).map(|at| (most(at, width), most(at, least))).collect();
    let room = columns.checked_sub(GAP * head.len().saturating_sub(1))?;
    while widths.iter().map(|(width, _)| width).sum::<usize>() > room {
        let wider = widths.iter_mut().filter(|(width, least)| width > least);
        wider.max_by_key(|(width, _)| *width)?.0 -= 1;
    }
    Some(widths.into_iter().map(|(width, _)| width).collect())
}

/// The rows, each as many lines as its highest cell has.
fn line_up<'a>(rows: impl Iterator<Item = &'a Vec<String>>, widths: &[usize]) -> Vec<String> {
    let mut builder = Builder::default();
    for row in rows {
        let cells = row.iter().zip(widths);
        builder.push_record(cells.map(|(cell, width)| wrap(cell, *width, "", "").join("\n")));
    }
    let mut table = builder.build();
    table.with(Style::empty()).with(Padding::new(0, GAP, 0, 0));
    table.to_string().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// What stands in a cell about which there is nothing to say.
const NOTHING: &str = "–";

/// One row as an entry: its first cell, and below it the others that say something, each behind its title.
fn entry(head: &[String], row: &[String], columns: usize) -> Vec<String> {
    let mut cells = head.iter().zip(row);
    let mut lines = cells.next().map(|(_, name)| wrap(name, columns, "", "  ")).unwrap_or_default();
    let titles = head.iter().skip(1).map(|title| width(title)).max().unwrap_or_default();
    let hang = " ".repeat(2 + titles + 2);
    for (title, cell) in cells.filter(|(_, cell)| !cell.is_empty() && *cell != NOTHING) {
        let pad = " ".repeat(titles - width(title));
        let mut wrapped = wrap(cell, columns, &hang, &hang);
        if let Some(first) = wrapped.first_mut() {
            *first = format!("  {}{pad}  {}", title.dimmed(), first.trim_start());
        }
        lines.extend(wrapped);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(cells: &[&str]) -> Vec<Text> {
        cells.iter().map(Text::plain).collect()
    }

    #[test]
    fn a_table_stays_within_its_columns() {
        let head = texts(&["file", "이름"]);
        let rows = [texts(&[&"x".repeat(30), &"한글 ".repeat(20)])];
        let lines = table(&head, &rows, 60);
        assert!(lines.iter().all(|line| width(line) <= 60), "{lines:?}");
    }

    #[test]
    fn a_cell_is_wrapped_between_words_and_begins_with_none_of_their_spaces() {
        let rows = [texts(&["chroot", "a root directory of its own"])];
        let lines = table(&texts(&["lab", "about"]), &rows, 30);
        assert_eq!(lines, ["lab      about", "chroot   a root directory of", "         its own"]);
    }

    #[test]
    fn what_would_break_words_becomes_a_list() {
        let head = texts(&["namespace", "link", "peer", "address"]);
        let rows = [texts(&["lab-left", "left@if2 of the pair", "–", "198.51.100.1/24"])];
        let lines = table(&head, &rows, 40);
        let expected =
            ["lab-left", "  link     left@if2 of the pair", "  address  198.51.100.1/24"];
        assert_eq!(lines, expected);
    }
}

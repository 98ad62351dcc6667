//! clap's help, laid out for this terminal and in the reader's language.

use crate::stage::layout;
use crate::text::Text;

/// Explanations wrapped under their own beginning, and clap's own words translated.
pub fn laid_out(help: &str) -> String {
    let options = Text::new("[OPTIONS]", "[옵션]").to_string();
    let help = help.replace("[OPTIONS]", &options);
    let lines = help.lines().flat_map(|line| wrapped(line, layout::columns()));
    lines.map(|line| line + "\n").collect()
}

fn wrapped(line: &str, columns: usize) -> Vec<String> {
    if layout::width(line) <= columns {
        return vec![line.to_owned()];
    }
    // Two spaces or more part a name from what it means.
    let indent = line.len() - line.trim_start().len();
    let at = line.rfind("  ").map_or(indent, |gap| gap + 2);
    let (name, meaning) = line.split_at(at);
    let hang = if layout::width(name) <= columns / 2 { layout::width(name) } else { indent + 4 };
    layout::wrap(meaning, columns, name, &" ".repeat(hang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_hangs_under_its_beginning() {
        let line = "      --format <FORMAT>  one two three four";
        let hanging = format!("{}three four", " ".repeat(25));
        assert_eq!(wrapped(line, 34), ["      --format <FORMAT>  one two", "          three four"]);
        assert_eq!(wrapped("Usage: lab", 34), ["Usage: lab"]);
        let line = line.replace("one two", "one two and so on and so on");
        assert_eq!(wrapped(&line, 52).last(), Some(&hanging));
    }
}

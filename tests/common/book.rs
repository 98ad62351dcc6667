//! The chapter on grading, of which each recipe is typed as it stands.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// A fenced block of the book: its language, its name, its lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub language: String,
    pub name: String,
    pub lines: String,
}

/// The blocks of a page.
pub fn book(page: &str) -> Vec<Block> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let text = fs::read_to_string(path).unwrap();
    let mut parts = text.split("\n```");
    parts.next();
    let mut blocks = Vec::new();
    while let (Some(block), Some(_)) = (parts.next(), parts.next()) {
        let (info, lines) = block.split_once('\n').unwrap();
        let (language, name) = info.split_once(' ').unwrap_or((info, ""));
        let (language, name) = (language.to_owned(), name.to_owned());
        blocks.push(Block { language, name, lines: format!("{lines}\n") });
    }
    blocks
}

/// The lines of the block with this name.
pub fn recipe(name: &str) -> String {
    let mut blocks = book("classroom.md").into_iter();
    blocks.find(|block| block.name == name).unwrap_or_else(|| unreachable!("no {name}")).lines
}

/// The same, as what it means.
pub fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&recipe(name)).unwrap()
}

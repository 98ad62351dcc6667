//! The house: a room uses only rooms below it, so that whoever changes one knows what can notice.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up; those of one line stand beside each other. What is no folder of `src/` is the ground: it may
/// be used by all, and uses nothing but itself.
const FLOORS: [&[&str]; 9] = [
    &["error", "interrupt", "signal", "text"],
    &["visit"],
    &["probe"],
    &["kernel"],
    &["lab"],
    &["stage", "labs"],
    &["commands"],
    &["cli"],
    &["main"],
];

fn floor(room: &str) -> usize {
    let floor = FLOORS.iter().position(|rooms| rooms.contains(&room));
    floor.unwrap_or_else(|| panic!("{room} is on no floor"))
}

/// All files below `folder`, each with its room: the folder or the file right below `src`, or `labs`.
fn files(root: &Path, folder: &Path, all: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(root, &path, all);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let inside = path.strip_prefix(root).unwrap();
            let mut parts = inside.components().map(|part| part.as_os_str().to_str().unwrap());
            let room = match parts.next().unwrap() {
                "labs" => "labs",
                _ => parts.next().unwrap().trim_end_matches(".rs"),
            };
            all.push((room.to_owned(), path));
        }
    }
}

/// The rooms that a file names: what follows `crate::` anywhere in its code, a group of them too.
fn used(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let (list, _) = match rest.strip_prefix('{') {
            Some(group) => group.split_once('}').unwrap(),
            None => (rest, ""),
        };
        let ends = |letter: char| !(letter.is_alphanumeric() || letter == '_');
        let names = if rest.starts_with('{') { list.split(',').collect() } else { vec![list] };
        rooms.extend(names.iter().map(|name| {
            let name = name.trim_start();
            name[..name.find(ends).unwrap_or(name.len())].to_owned()
        }));
    }
    rooms
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    files(root, &root.join("src"), &mut all);
    files(root, &root.join("labs"), &mut all);
    assert!(all.len() > 60, "{} files", all.len());
    let mut upward = Vec::new();
    for (room, path) in &all {
        for other in used(&fs::read_to_string(path).unwrap()) {
            let ground = floor(&other) == 0 && floor(room) == 0;
            if other != *room && !ground && floor(&other) >= floor(room) {
                upward.push(format!("{} uses {other}", path.strip_prefix(root).unwrap().display()));
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

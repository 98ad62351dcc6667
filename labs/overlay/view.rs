//! A drawing of the layers: which has what, and which of them each visible name comes from.

use std::collections::BTreeSet;
use std::path::Path;

use super::Container;
use super::advice;
use super::looks::source;
use crate::error::Result;
use crate::lab::event::View;
use crate::lab::scene::Scene;
use crate::probe::folder::Folder;
use crate::probe::overlay::{self, Entry, Found};
use crate::text::Text;

/// Draws a mounted container: the merged view on top, then the layers that the kernel names.
pub fn container(scene: &mut Scene<'_>, container: &Container) -> Result<()> {
    let merged = container.merged();
    match overlay::find(None, Path::new("/"), &merged)? {
        Found::Overlay(found) => {
            let stack: Vec<&Folder> = found.layers().collect();
            layers(scene, Some(&found.merged), &stack)
        }
        Found::Gone(_) => scene.observe(advice::for_gone(), View::lines("")),
        Found::Elsewhere(reason) => scene.observe(reason, View::lines("")),
    }
}

/// Draws layers, the topmost first, under the merged view if there is one.
pub fn layers(scene: &mut Scene<'_>, merged: Option<&Folder>, stack: &[&Folder]) -> Result<()> {
    let mut names = BTreeSet::new();
    for layer in stack {
        names.extend(layer.names()?);
    }
    let mut head = vec![Text::new("layer", "레이어")];
    head.extend(names.iter().map(Text::plain));
    let mut rows = Vec::new();
    if let Some(merged) = merged {
        let shown = merged.names()?;
        let mark = |name| Text::plain(if shown.contains(name) { "●" } else { "" });
        rows.push(row(source(merged), names.iter().map(mark)));
    }
    let mut hidden = BTreeSet::new();
    for layer in stack {
        let mut marks = Vec::new();
        for name in &names {
            let entry = overlay::entry(layer, name, overlay::opaque())?;
            let above = hidden.contains(name);
            marks.push(Text::plain(match entry {
                Entry::Nothing => "",
                Entry::Whiteout => "✕",
                _ if above => "○",
                Entry::Opaque => "◼",
                Entry::There => "●",
            }));
            if entry != Entry::Nothing {
                hidden.insert(name.clone());
            }
        }
        rows.push(row(source(layer), marks));
    }
    let caption = Text::new(
        "● seen from here  ○ hidden by a layer above  ✕ whiteout  ◼ opaque",
        "● 이 레이어의 것이 보임  ○ 위 레이어에 가려짐  ✕ 화이트아웃  ◼ 불투명",
    );
    scene.observe(caption, View::Table { head, rows })
}

fn row(name: String, marks: impl IntoIterator<Item = Text>) -> Vec<Text> {
    std::iter::once(Text::plain(name)).chain(marks).collect()
}

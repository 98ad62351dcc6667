//! The curriculum: chapters, each with its labs, in the order in which to take them. A lab is a folder here and a line in
//! [`CHAPTERS`].

pub mod chroot;
#[path = "cpu-shares/mod.rs"]
pub mod cpu_shares;
pub mod overlay;
pub mod unshare;
pub mod veth;

use crate::lab::Lab;
use crate::text::Text;

/// A part of the course.
pub struct Chapter {
    /// What it is about, in one line.
    pub title: Text,
    /// Its labs.
    pub labs: &'static [&'static Lab],
}

/// The course.
pub static CHAPTERS: &[Chapter] = &[
    Chapter {
        title: Text::new("Roots and namespaces", "루트와 네임스페이스"),
        labs: &[&chroot::LAB, &unshare::LAB],
    },
    Chapter { title: Text::new("Networks", "네트워크"), labs: &[&veth::LAB] },
    Chapter { title: Text::new("Control groups", "컨트롤 그룹"), labs: &[&cpu_shares::LAB] },
    Chapter { title: Text::new("Images", "이미지"), labs: &[&overlay::LAB] },
];

/// Every lab, in the order of the course.
pub fn all() -> impl Iterator<Item = &'static Lab> {
    CHAPTERS.iter().flat_map(|chapter| chapter.labs).copied()
}

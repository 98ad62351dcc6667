//! Hands: everything that changes the machine. What it leaves behind is written down in a
//! [`Cleanup`](crate::cleanup::Cleanup) first.

pub mod cgroup;
pub mod clone;
pub mod confine;
pub mod files;
pub mod kill;
pub mod link;
pub mod listen;
pub mod mount;
pub mod netns;
pub mod place;
pub mod process;
pub mod program;
mod raw;
pub mod root;
pub mod shell;
pub mod signal;
pub mod user;
pub mod view;
pub mod witness;
